"""The command ``phase12-lint``. Nothing is imported before it is needed: ``--version`` answers at once."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def command() -> None:
    """What the console runs: ``main``, and an end without tidying up, which takes seconds after a large program.

    Nobody but the console may call this: the process ends here, whatever else is in it.
    """
    import gc
    import os

    gc.disable()
    try:
        status = main()
    except SystemExit as ended:  # argparse's --help
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    if _is_watched() or not _flushed():
        sys.exit(status)
    os._exit(status)


def _is_watched() -> bool:
    """Whether something in the process wants its regular end: a debugger, a profiler, coverage."""
    return sys.gettrace() is not None or sys.getprofile() is not None or "coverage" in sys.modules


def _flushed() -> bool:
    """Whether all that was written has left the process; if not, Python's own end tells why."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return False
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status: 0 nothing found, 1 findings, 2 it cannot be done."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if list(arguments) in (["--version"], ["-V"]):
        from phase12_lint import __version__

        sys.stdout.write(f"phase12-lint {__version__}\n")
        return 0
    try:
        from phase12_lint.cli.guard import guarded

        return guarded(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("phase12-lint: interrupted\n")
        return 130
