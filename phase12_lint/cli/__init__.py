"""The command ``phase12-lint``. Nothing is imported before it is needed: ``--version`` answers at once."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status: 0 nothing found, 1 findings, 2 it cannot be done."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if list(arguments) == ["--version"]:
        from phase12_lint import __version__

        sys.stdout.write(f"phase12-lint {__version__}\n")
        return 0
    try:
        from phase12_lint.cli.guard import guarded

        return guarded(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("phase12-lint: interrupted\n")
        return 130
