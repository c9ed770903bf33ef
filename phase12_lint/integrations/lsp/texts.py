"""The lines of files, as an analysis has read them."""

from __future__ import annotations

from collections.abc import Callable

from phase12_lint.sources import SourceError, decode, split_lines


class Texts:
    """The lines of a project's files without their ends, by path; ``read`` gives what a file holds."""

    def __init__(self, read: Callable[[str], str | bytes]) -> None:
        self._read = read
        self._lines: dict[str, tuple[str, ...]] = {}

    def lines(self, path: str) -> tuple[str, ...]:
        """The lines of the file, none if there is no such file."""
        if path not in self._lines:
            self._lines[path] = lines_of(self.text(path))
        return self._lines[path]

    def text(self, path: str) -> str:
        """The text of the file, as well as it can be read; empty if there is no such file."""
        try:
            data = self._read(path)
        except OSError:
            return ""
        if isinstance(data, str):
            return data
        try:
            return decode(data)
        except SourceError:
            return data.decode("utf-8", "replace")


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of ``text`` without their ends, as Python and the protocol split them."""
    return tuple(line.rstrip("\r\n") for line in split_lines(text))
