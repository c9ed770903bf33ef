"""``match`` patterns: what they capture, and by which way out of the subject."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.syntax.scopes import Path

Capture = tuple[ast.pattern, Path, "ast.pattern | None"]


def captures(pattern: ast.pattern, path: Path = ()) -> Iterator[Capture]:
    """Each capturing pattern, the path from the subject to it, and the pattern that it has matched there."""
    if isinstance(pattern, ast.MatchAs):
        if pattern.pattern is not None:
            yield from captures(pattern.pattern, path)
        if pattern.name is not None:
            yield pattern, path, pattern.pattern
    elif isinstance(pattern, ast.MatchMapping) and pattern.rest is not None:
        yield pattern, path, None
    for inner, step in _parts(pattern):
        yield from captures(inner, (*path, *step))
    if isinstance(pattern, ast.MatchSequence):
        yield from _sequence(pattern, path)


def _parts(pattern: ast.pattern) -> Iterator[tuple[ast.pattern, Path]]:
    """The patterns directly inside one that is no sequence, and the way to what each of them matches."""
    if isinstance(pattern, ast.MatchOr):
        yield from ((option, ()) for option in pattern.patterns)
    elif isinstance(pattern, ast.MatchClass):
        for index, inner in enumerate(pattern.patterns):
            yield inner, (("narrow", pattern), ("match_argument", index))
        for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns):
            yield inner, (("narrow", pattern), ("attribute", name))
    elif isinstance(pattern, ast.MatchMapping):
        for key, inner in zip(pattern.keys, pattern.patterns):
            known = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
            yield inner, (("key", known),)


def _sequence(pattern: ast.MatchSequence, path: Path) -> Iterator[Capture]:
    star = next((i for i, item in enumerate(pattern.patterns) if isinstance(item, ast.MatchStar)), None)
    for index, inner in enumerate(pattern.patterns):
        if isinstance(inner, ast.MatchStar):
            if inner.name is not None:
                yield inner, (*path, ("rest", index)), None
        elif star is not None and index > star:
            yield from captures(inner, (*path, ("index", index - len(pattern.patterns))))
        else:
            yield from captures(inner, (*path, ("index", index)))
