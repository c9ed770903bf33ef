"""``python -m phase12_lint`` is ``phase12-lint``."""

from __future__ import annotations

import sys

from phase12_lint.cli import main

if __name__ == "__main__":
    sys.exit(main())
