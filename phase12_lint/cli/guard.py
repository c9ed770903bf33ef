"""Whatever goes wrong becomes one line and an exit status.

``UsageError`` says what the user has to change; any other exception is a fault of ours.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from io import StringIO

from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.parser import parse


def guarded(arguments: Sequence[str]) -> int:
    """Run the command that ``arguments`` ask for; the exit status."""
    debug = "--debug" in arguments
    sys.stdout, sys.stderr = sys.stdout or StringIO(), sys.stderr or StringIO()  # closed from outside
    try:
        options = parse(arguments)
        status: int = import_module(f"phase12_lint.cli.{options.command}").run(options)
        return status
    except UsageError as error:
        return _failed(error.args, debug)
    except Exception as error:
        hint = "" if debug else "; --debug shows where"
        told = " ".join(f"{type(error).__name__}: {error}".split())
        return _failed([f"internal error: {told}{hint}"], debug)


def _failed(lines: Sequence[str], debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exc()
    sys.stderr.writelines(f"phase12-lint: {line}\n" for line in lines)
    return 2
