"""``phase12-lint clean``: remove the cache."""

from __future__ import annotations

import shutil
from argparse import Namespace
from pathlib import Path

from phase12_lint.cache import FOLDER
from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.output import put
from phase12_lint.cli.project import locate


def run(options: Namespace) -> int:
    """Remove the cache of the project of ``options``; 0."""
    folder = locate(options.root, (), Path.cwd()).root / FOLDER
    if folder.is_symlink():
        raise UsageError(f"{folder} is a link, which is none of ours; remove it yourself")
    if not folder.is_dir():
        put(f"{folder}: there is no cache\n")
        return 0
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise UsageError(f"cannot remove {folder}: {error.strerror}") from None
    put(f"{folder}: removed\n")
    return 0
