"""Where reports go: standard output, or files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from phase12_lint.cli.errors import UsageError


def put(text: str | bytes) -> None:
    """Write to standard output, escaping what its encoding lacks; a reader that went away is no error."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        if isinstance(text, bytes):
            sys.stdout.buffer.write(text)
        else:
            sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Python would flush once more at its end, and fail once more.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"cannot write to standard output: {error.strerror}") from None


def save(name: str, text: str) -> None:
    """Write the file ``name``. Raises ``UsageError`` if that cannot be done."""
    try:
        replace(Path(name), text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"cannot write {name}: {error.strerror}") from None


def replace(path: Path, data: bytes) -> None:
    """Put ``data`` into the file, whole or not at all. Raises ``OSError``."""
    if path.exists() and not path.is_file():  # a device or a pipe
        path.write_bytes(data)
        return
    path = path.resolve()  # a link stays a link
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(data)
        if path.exists():
            unfinished.chmod(path.stat().st_mode)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def destinations(formats: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """The formats, each with its file. Raises ``UsageError`` where two would go to one place."""
    files = [file and str(Path(file).resolve()) for _, file in formats]
    for number, (_, name) in enumerate(formats):
        if files[number] in files[:number]:
            raise UsageError(f"--format: two reports would go to {name or 'standard output'}")
        if name and not Path(files[number]).parent.is_dir():
            raise UsageError(f"--format: the folder of {name} does not exist")
    return formats


def colourful(when: str = "auto") -> bool:
    """Whether standard output is to be in colour: ``always``, ``never``, or as the environment says.

    Source: https://no-color.org and https://force-color.org; where both are set, there is none.
    """
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")
