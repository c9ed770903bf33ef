"""Shell scripts: what commands one runs, and whether the failure of one is the failure of the script."""

from __future__ import annotations
