"""``match`` patterns: what they capture, and by which way out of the subject."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.syntax.scopes import Path
from phase12_lint.syntax.stores import rest

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
                yield inner, (*path, *rest(index, len(pattern.patterns))), None
        elif star is not None and index > star:
            yield from captures(inner, (*path, ("index", index - len(pattern.patterns))))
        else:
            yield from captures(inner, (*path, ("index", index)))


def is_irrefutable(pattern: ast.pattern) -> bool:
    """Whether it matches whatever comes: a capture or ``_``."""
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def pairs(subject: ast.expr, pattern: ast.pattern, positive: bool) -> Iterator[tuple[ast.expr, ast.pattern]]:
    """The items of a display and what each has matched; of one that has not, the only item that can be the reason."""
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        pattern = pattern.pattern
    if not isinstance(subject, (ast.Tuple, ast.List)) or not isinstance(pattern, ast.MatchSequence):
        return
    if any(isinstance(each, (ast.Starred, ast.MatchStar)) for each in (*subject.elts, *pattern.patterns)):
        return
    if len(subject.elts) != len(pattern.patterns):
        return
    found = list(zip(subject.elts, pattern.patterns))
    tested = [(item, part) for item, part in found if not is_irrefutable(part)]
    yield from found if positive else tested if len(tested) == 1 else ()


def parts(subject: ast.expr, pattern: ast.pattern) -> Iterator[tuple[ast.expr, ast.pattern]]:
    """How code reads the parts of ``subject``, where it has matched ``pattern``, and what each of them has matched."""
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        pattern = pattern.pattern
    found: list[tuple[ast.expr, ast.pattern]] = []
    if isinstance(pattern, ast.MatchClass):
        for name, part in zip(pattern.kwd_attrs, pattern.kwd_patterns):
            found.append((ast.Attribute(subject, name, ast.Load()), part))
    elif isinstance(pattern, ast.MatchMapping):
        found += [
            (ast.Subscript(subject, key, ast.Load()), part)
            for key, part in zip(pattern.keys, pattern.patterns)
        ]
    elif isinstance(pattern, ast.MatchSequence):
        for index, part in enumerate(pattern.patterns):
            if isinstance(part, ast.MatchStar):
                break
            found.append(
                (ast.Subscript(subject, ast.copy_location(ast.Constant(index), part), ast.Load()), part)
            )
    yield from ((ast.copy_location(node, subject), part) for node, part in found if not is_irrefutable(part))


def tests_of(subject: ast.expr, pattern: ast.pattern) -> Iterator[ast.Compare]:
    """The comparisons, with constants and for a key, that hold where ``subject`` has matched ``pattern``."""
    if isinstance(pattern, ast.MatchSingleton):
        constant = ast.copy_location(ast.Constant(pattern.value), pattern)
        yield ast.copy_location(ast.Compare(subject, [ast.Is()], [constant]), subject)
    if (compared := _compared(pattern)) is not None:
        yield ast.copy_location(ast.Compare(subject, [compared[0]], [compared[1]]), subject)
    if isinstance(pattern, ast.MatchMapping):
        for key in pattern.keys:
            yield ast.copy_location(ast.Compare(key, [ast.In()], [subject]), subject)
    for item, part in pairs(subject, pattern, True):
        yield from tests_of(item, part)


def is_told_by_tests(subject: ast.expr, pattern: ast.pattern) -> bool:
    """Whether ``subject`` matches ``pattern`` wherever the comparisons of ``tests_of`` hold."""
    found = list(pairs(subject, pattern, True))
    if found:
        return all(is_told_by_tests(item, part) for item, part in found)
    if isinstance(pattern, ast.MatchMapping):
        return all(map(is_irrefutable, pattern.patterns))
    is_compared = isinstance(pattern, ast.MatchSingleton) or _compared(pattern) is not None
    return is_compared or is_irrefutable(pattern)


def _compared(pattern: ast.pattern) -> tuple[ast.cmpop, ast.expr] | None:
    """How what matches ``pattern`` is compared, and with what, if it is a value or one of several."""
    if isinstance(pattern, ast.MatchValue):
        return ast.Eq(), pattern.value
    options = pattern.patterns if isinstance(pattern, ast.MatchOr) else []
    values = [each.value for each in options if isinstance(each, ast.MatchValue)]
    if not values or len(values) < len(options):
        return None
    return ast.In(), ast.copy_location(ast.Tuple(values, ast.Load()), pattern)


def taken_apart(
    subject: ast.expr, path: Path, missed: list[ast.pattern]
) -> tuple[ast.expr, Path, list[ast.pattern]]:
    """The item of a display that ``path`` leads to, the rest of the path, and what of ``missed`` the item is not."""
    while path and path[0][0] == "index" and isinstance(subject, (ast.Tuple, ast.List)):
        index = path[0][1]
        is_plain = not any(isinstance(each, ast.Starred) for each in subject.elts)
        if not is_plain or not isinstance(index, int) or not -len(subject.elts) <= index < len(subject.elts):
            break
        item = subject.elts[index]
        missed = [part for each in missed for found, part in pairs(subject, each, False) if found is item]
        subject, path = item, path[1:]
    return subject, path, missed
