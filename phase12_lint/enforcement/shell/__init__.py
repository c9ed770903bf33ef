"""Shell scripts: what commands one runs, and whether the failure of one is the failure of the script."""

from __future__ import annotations

from phase12_lint.enforcement.shell.parse import Script, Simple, parse
from phase12_lint.enforcement.shell.simulate import Modes, fails, is_excused, is_fatal

__all__ = ["Modes", "Script", "Simple", "fails", "is_excused", "is_fatal", "parse"]
