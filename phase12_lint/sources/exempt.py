"""Which files a policy exempts."""

from __future__ import annotations

from collections.abc import Iterable

from phase12_lint.patterns import matching


def is_exempt(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of ``patterns`` (``Policy.exempt``) names the file or a folder that it is in.

    A pattern is one of ``.gitignore`` that counts at any depth, also when it holds a ``/``: ``tests/**``
    names what is in any folder called ``tests``, ``test_*.py`` any file called so. A ``/`` in front ties it
    to the root.
    """
    return bool(exempt_among([path], patterns))


def exempt_among(paths: Iterable[str], patterns: tuple[str, ...]) -> frozenset[str]:
    """Those of ``paths`` that ``patterns`` exempt."""
    return matching(paths, tuple(map(_at_any_depth, patterns)))


def _at_any_depth(pattern: str) -> str:
    mark = "!" if pattern.startswith("!") else ""
    rest = pattern.removeprefix("!")
    return f"{mark}**/{rest}" if "/" in rest.rstrip("/") and not rest.startswith(("/", "**/")) else pattern
