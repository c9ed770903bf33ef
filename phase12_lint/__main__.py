"""``python -m phase12_lint`` is ``phase12-lint``."""

from __future__ import annotations

from phase12_lint.cli import command

if __name__ == "__main__":
    command()
