"""``phase12-lint lsp``: the language server, over standard input and output."""

from __future__ import annotations

from argparse import Namespace

from phase12_lint.cli.errors import UsageError

_NEEDED = ("pygls", "lsprotocol")


def run(options: Namespace) -> int:
    """Serve one editor until it says good-bye; 0. Raises ``UsageError`` without ``pygls``."""
    try:
        from phase12_lint.integrations.lsp.features import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _NEEDED:
            raise
        raise UsageError("lsp needs pygls; install it with: pip install 'phase12-lint[lsp]'") from error
    serve()
    return 0
