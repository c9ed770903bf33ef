"""What a shell reads to complete the command: printed by ``--print-completion SHELL``, made by shtab."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")
_FILES, _FOLDERS = ("FILE", "PATH"), ("FOLDER",)


class PrintCompletion(argparse.Action):
    """Prints the completion of the whole command, and ends."""

    def __call__(
        self, parser: argparse.ArgumentParser, _: object, values: Any, option: object = None
    ) -> None:
        """Print it for the shell ``values``; raises ``SystemExit``."""
        import shtab  # only for this

        for action in _actions(parser):
            if action.metavar in _FILES + _FOLDERS:
                kind = shtab.FILE if action.metavar in _FILES else shtab.DIRECTORY
                action.complete = kind  # type: ignore[attr-defined]
        sys.stdout.write(f"{shtab.complete(parser, values)}\n")
        parser.exit()


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _actions(below)
