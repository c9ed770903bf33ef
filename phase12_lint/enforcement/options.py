"""The options among the words of a command."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator


def options(words: Iterable[str], valued: Container[str]) -> Iterator[tuple[str, str]]:
    """The options among ``words``, those in ``valued`` with the word that follows; all else stands under no name."""
    pending = iter(words)
    for word in pending:
        name, equals, value = word.partition("=")
        if not word.startswith("-"):
            yield "", word
        elif equals or name not in valued:
            yield name, value
        else:
            yield name, next(pending, "")


def behind_options(words: list[str], valued: Container[str]) -> list[str]:
    """What stands behind the options that ``words`` begin with, and behind ``--``."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] == "--":
            return words[at + 1 :]
        at += 2 if words[at] in valued else 1
    return words[at:]
