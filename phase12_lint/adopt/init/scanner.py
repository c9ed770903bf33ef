"""The seed's ``scripts/scan_phase_12_violations.py``: a few lines that run the linter."""

from __future__ import annotations

SCANNER = '''\
"""The Phase 12 mechanical scanner: phase12-lint on the project that contains this file."""

import sys
from pathlib import Path

try:
    from phase12_lint.cli import main
except ImportError:
    print("phase12-lint is not installed; run: python -m pip install phase12-lint", file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[1]
    sys.exit(main(["check", "--root", str(root), *sys.argv[1:]]))
'''
