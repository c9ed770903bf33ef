"""Text that a terminal and a CI runner take as text: names and messages come from the code that is read."""

from __future__ import annotations


def printable(text: str) -> str:
    """``text`` on one line: control characters, direction marks and bytes that were no UTF-8 escaped."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else escape(character) for character in text)


def escape(character: str) -> str:
    """``character`` as an escape, such as ``\\x1b``; a byte that was no UTF-8 as that byte."""
    byte = ord(character) - 0xDC00
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else character.encode("unicode_escape").decode()


def printable_path(path: str) -> str:
    """``path`` as it may begin a line: CI runners obey lines that begin with ``::`` or ``##[``."""
    text = printable(path)
    return f"./{text}" if text.lstrip().startswith(("::", "##[")) else text


def plain(text: str) -> str:
    r"""``text`` as JSON can carry it: a byte that was no UTF-8 becomes ``\xff``."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
