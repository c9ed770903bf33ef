"""The values that pass between the stages. Frozen; imports nothing of ours.

Lines and columns count from 1, columns in characters; an end column is exclusive.
Paths are relative to the project's root, with ``/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

try:  # hashlib loads OpenSSL first, which takes as long as much else in a run that finds nothing changed
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b


class Confidence(IntEnum):
    """How an expression is known to be a plugin, weakest first (RULES, "Plugin value")."""

    NAMED = 1
    INFERRED = 2
    CERTAIN = 3

    @property
    def label(self) -> str:
        """The word used in reports and on the command line, such as ``certain``."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Confidence:
        """The confidence called ``word``; raises ``KeyError`` for any other word."""
        return cls[word.upper()]


class Span(NamedTuple):
    """A place in a file: characters, counted from 1, the end column exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Hop(NamedTuple):
    """One step of the evidence behind a finding: a place and what happens there."""

    path: str
    line: int
    column: int
    note: str


class Edit(NamedTuple):
    """Replace the text of ``span`` by ``text``."""

    span: Span
    text: str


class Fix(NamedTuple):
    """Edits of the finding's file that fix it, in order; ``safe`` if they keep what a correct program does."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool


class Standing(NamedTuple):
    """The place of a finding among the layers of ``pipeline``: the layer whose code it is, and the one that it goes to.

    Both are equal for a defect within a layer. Empty: code of no layer. A plugin itself is ``PLUGIN_RUN``.
    """

    pipeline: str
    source: str
    target: str


PLUGIN_RUN = "plugin run"


class Finding(NamedTuple):
    """One defect. Sorts by path, line, column and code.

    ``standing`` is absent where code has no part in it, and for the rules of a team's own.
    """

    path: str
    span: Span
    code: str
    name: str
    message: str
    section: str
    confidence: Confidence
    trace: tuple[Hop, ...] = ()
    fix: Fix | None = None
    fingerprint: str = ""
    standing: Standing | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """The order of a report."""
        return (self.path, self.span.line, self.span.column, self.code, self.message)


class Noqa(NamedTuple):
    """A ``noqa`` in a comment that names codes of ours.

    ``codes`` are those, ``stale`` the ones of them that no rule raises on its line. ``line`` and ``column`` are those
    of its ``#``; ``reason`` is empty where none is given.
    """

    path: str
    line: int
    column: int
    codes: tuple[str, ...]
    stale: tuple[str, ...]
    reason: str


class Governed(NamedTuple):
    """How much of the code is governed: what the rules guard, counted once for all programs and pipelines.

    ``plugin_classes`` are those by their bases, ``routes`` those from which a governed call or a plugin run is reached,
    ``calls`` those that reach the choke point, ``runs`` the places where a plugin is run or its run is taken.
    ``others`` is counted where there is no plugin class, choke point or run: plugin sources, replaced methods, and
    classes of another package.
    """

    plugin_classes: int = 0
    choke_points: int = 0
    routes: int = 0
    calls: int = 0
    runs: int = 0
    others: int = 0

    @property
    def guards(self) -> bool:
        """Whether there is anything that the rules guard."""
        return bool(self.plugin_classes or self.choke_points or self.runs or self.others)


class Places(NamedTuple):
    """Where what ``Governed`` counts stands, a text for each place: two programs may have a file in common."""

    plugin_classes: tuple[str, ...] = ()
    choke_points: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def united(found: Iterable[Places]) -> Governed:
    """How much is governed in all programs together."""
    return Governed(*(len(set().union(*places)) for places in zip(*found)))


def noqa_of(stored: Sequence[Any]) -> Noqa:
    """The ``noqa`` that was kept as JSON."""
    path, line, column, codes, stale, reason = stored
    return Noqa(path, line, column, tuple(codes), tuple(stale), reason)


def hashed(text: str) -> str:
    """A digest of ``text``, which tells it from every other."""
    return digest_of(text.encode("utf-8", "surrogatepass"))


def digest_of(data: bytes, key: bytes = b"") -> str:
    """A digest of ``data``, which tells it from every other, made with ``key``."""
    return blake2b(data, digest_size=16, key=key).hexdigest()


def numbered(digest: str, path: str, number: int) -> str:
    """The fingerprint of the finding with ``number``, from 1, among those with ``digest``; ``path`` if that matters."""
    place = f"-p{hashed(path)[:8]}" if path else ""
    return f"{digest}{place}-{number}" if number > 1 else f"{digest}{place}"


def without_number(fingerprint: str) -> str:
    """What equal findings have in common."""
    return fingerprint.partition("-")[0]


def with_path(finding: Finding) -> str:
    """The fingerprint for a reader who compares it alone: no finding in another file changes it."""
    digest, *rest = finding.fingerprint.split("-")
    return numbered(digest, finding.path, int(rest[-1]) if rest and rest[-1].isdecimal() else 1)


def finding_of(stored: Sequence[Any]) -> Finding:
    """The finding that was kept as JSON."""
    path, span, code, name, message, section, confidence, trace, fix, fingerprint, standing = stored
    hops = tuple(Hop(*hop) for hop in trace)
    kept = None if fix is None else _fix_of(*fix)
    return Finding(
        path,
        Span(*span),
        code,
        name,
        message,
        section,
        Confidence(confidence),
        hops,
        kept,
        fingerprint,
        None if standing is None else Standing(*standing),
    )


def _fix_of(title: str, edits: Sequence[Any], safe: bool) -> Fix:
    return Fix(title, tuple(Edit(Span(*span), text) for span, text in edits), safe)
