"""Turn the bytes of a source file into text as Python does: byte order mark, coding cookie, UTF-8."""

from __future__ import annotations

import codecs
import io
import re

_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_COMMENT_OR_BLANK = re.compile(rb"[ \t\f]*(?:#|$)")
_NEWLINE = re.compile(rb"\r\n|\n|\r")


class SourceError(Exception):
    """Why a file cannot be read as Python source, and where: line and column in characters, from 1."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message

    @classmethod
    def of(cls, error: SourceError | SyntaxError) -> SourceError:
        """``error`` itself, or what Python says of the syntax as one of these."""
        if isinstance(error, SourceError):
            return error
        return cls(error.lineno or 1, error.offset or 1, error.msg)


def decode(data: bytes) -> str:
    """The text of a source file, its newlines as they are, its byte order mark gone.

    Raises ``SourceError`` where Python refuses the file: an unknown codec, a cookie that contradicts the
    byte order mark, bytes that the codec does not know, a null byte, a lone surrogate.
    """
    marked = data.startswith(codecs.BOM_UTF8)
    data = data[3:] if marked else data
    if data.isascii() and b"coding" not in data:
        text = data.decode("ascii")
    else:
        codec, line, column = _declared(data)
        if marked and codec != "utf-8":
            raise SourceError(line, column, f"encoding problem: {codec} with BOM")
        text = _decode_with(codec, line, column, data)
    if "\0" in text:
        raise SourceError(*position_after(text[: text.index("\0")]), "source code cannot contain null bytes")
    return text


def encode(text: str) -> bytes:
    """The bytes of a source file with ``text``, in the codec that it names; in UTF-8 where that does not hold it."""
    data = text.encode("utf-8", "surrogatepass")
    if text.isascii():
        return data
    try:
        return text.encode(declared_codec(data))
    except (LookupError, UnicodeError, ValueError):
        return data


def split_lines(text: str) -> list[str]:
    r"""The lines of a text with their ends, split as Python does: at ``\n``, ``\r\n`` and ``\r`` only."""
    return list(io.StringIO(text, newline=""))


def declared_codec(data: bytes) -> str:
    """The codec that a file's first two lines name, written as Python's tokenizer does; else ``utf-8``."""
    return _declared(data.removeprefix(codecs.BOM_UTF8))[0]


def _declared(data: bytes) -> tuple[str, int, int]:
    """The codec, with line and column of its name; a cookie counts in a comment of the first two lines."""
    start = 0
    for line in (1, 2):
        end = _NEWLINE.search(data, start)
        content = data[start : end.start() if end else len(data)]
        cookie = _COOKIE.match(content)
        if cookie:
            return _normal_name(cookie[1].decode("ascii")), line, cookie.start(1) + 1
        if end is None or not _COMMENT_OR_BLANK.match(content):
            break
        start = end.end()
    return "utf-8", 1, 1


def _normal_name(name: str) -> str:
    """As ``get_normal_name`` of CPython's tokenizer: only these two families have one name."""
    short = name[:12].lower().replace("_", "-")
    for family, aliases in (("utf-8", ("utf-8",)), ("iso-8859-1", ("latin-1", "iso-8859-1", "iso-latin-1"))):
        if any(short == alias or short.startswith(alias + "-") for alias in aliases):
            return family
    return name


def _decode_with(codec: str, line: int, column: int, data: bytes) -> str:
    try:
        text = data.decode(codec)
        if codec != "utf-8":
            text.encode("utf-8")
        return text
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(codec, "replace")
        raise SourceError(*position_after(before), _undecodable(error)) from None
    except UnicodeEncodeError as error:
        raise SourceError(*position_after(text[: error.start]), f"a lone surrogate: {error}") from None
    except LookupError as error:
        raise SourceError(line, column, str(error)) from None
    except (UnicodeError, ValueError) as error:
        raise SourceError(line, column, f"decoding with {codec!r} failed: {error}") from None


def _undecodable(error: UnicodeDecodeError) -> str:
    byte = error.object[error.start]
    hint = (
        "; declare its encoding in a coding cookie or save it as UTF-8" if error.encoding == "utf-8" else ""
    )
    return f"byte 0x{byte:02x} is not {error.encoding} ({error.reason}){hint}"


def position_after(before: str) -> tuple[int, int]:
    """Line and column, from 1, of the character that follows ``before``."""
    lines = split_lines(before)
    if not lines or lines[-1].endswith(("\n", "\r")):
        return len(lines) + 1, 1
    return len(lines), len(lines[-1]) + 1
