"""Shell scripts: what commands one runs, and whether the failure of one is the failure of the script."""

from __future__ import annotations

from phase12_lint.enforcement.shell.outcome import DECLARES, Modes, Undecided, fails, is_excused, is_fatal
from phase12_lint.enforcement.shell.parse import Command, Script, commands_of, parse

__all__ = [
    "DECLARES",
    "Command",
    "Modes",
    "Script",
    "Undecided",
    "commands_of",
    "fails",
    "is_excused",
    "is_fatal",
    "parse",
]
