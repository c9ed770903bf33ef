"""Which files of a project make one governed program: those that name something governed, and what refers to them.

A verdict must be the same whatever stands beside a program, and cost what is governed. So a project is cut into
programs before any file is read as Python. A *unit* is a top-level package, or the top-level folder of files that
are in none. A unit is the root of a program if its code names something that the policy governs: a *seed*. To the
program belong the roots, what imports them, directly or through others (a governed value can only come from there),
and what all of these import (a governed value can be handed to it). Roots of which one imports the other are of one
program.

The same file may be of two programs: a library that both import. Code that refers to none of a program's files is
not of it, and nothing that it says has a part in what is found there.

A program of up to six megabytes is judged whole. Of a larger one the part above the libraries that it imports is judged
whole, if that is no larger; of the rest those places are judged to which a value may come from a root by names
(``spread``), and those where a name alone says that something governed is run. A name alone
(``plugin.run()`` in a program without roots) is a guess, which is not carried from one file to another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from typing import NamedTuple

from phase12_lint.index.imports import imports_in, names_in
from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.seeds import Seeds
from phase12_lint.index.spread import Judged, guessed_in, spread
from phase12_lint.index.words import any_word
from phase12_lint.policy import spelled

_NO_CODE = re.compile(
    rb"#[^\n]*|(?<!\w)([fFtTrRbBuU]{0,2})(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''"
    rb"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')",
    re.DOTALL,
)
_FIELD = re.compile(rb"\{([^{}]*)\}")
_RUN_BY_NAME = rb"""(?x)
    (?<!\w)%(names)b (?:\s*\[[^\]]*\] | \s*\([^()]*\))* \s* \. \s* %(methods)b (?!\w)
    | (?<!\w)%(methods)b \s* \( [^;]{0,300}? (?<!\w)%(names)b (?!\w)
    | \) \s* \( [^;]{0,300}? (?<!\w)%(names)b (?!\w)
"""
_CALLED_BY_NAME = rb"(?<!\w)%b\s*(?:\[[^\]]*\]\s*)*\("
_DOTTED = re.compile(rb"[\"']\w+(?:[.:]\w+){2,}[\"']")
LARGE = 6_000_000  # bytes
_SEARCHES = 40  # for more names than these, it is cheaper to read what a file imports


class Scale(NamedTuple):
    """What decides which files of a program are judged: whether it has ``roots``, and whether it is small, or the part
    ``above`` the libraries that it imports is."""

    roots: bool = False
    small: bool = False
    above: bool = False


class Files(NamedTuple):
    """One program: the files that it is made of, in order. ``judged`` gives those in which something governed may be;
    ``naming`` are the files that name something governed, and with its ``scale`` decide which these are."""

    members: tuple[str, ...]
    judged: Callable[[], Judged] = Judged
    naming: frozenset[str] = frozenset()
    scale: Scale = Scale()

    @property
    def closed(self) -> bool:
        """Whether no import in it leads to a file outside of it."""
        return self.scale.roots


class Said(NamedTuple):
    """What one file says to this: its ``kind`` (``seeded``, ``named``, both or neither), its ``size`` in bytes, and the
    units it imports, once asked for."""

    kind: str
    size: int
    units: tuple[str, ...] | None = None


def programs_of(
    files: Mapping[str, bytes], names: ModuleNames, seeds: Seeds, said: dict[str, Said] | None = None
) -> list[Files]:
    """The programs among ``files``, in the order of their first file.

    ``said`` is what is known of files already, under the same ``names`` and ``seeds``; what is found is added to it.
    """
    return _Cutting(files, names, {} if said is None else said).cut(seeds)


class _Cutting:
    def __init__(self, files: Mapping[str, bytes], names: ModuleNames, said: dict[str, Said]) -> None:
        self._said = said
        self._files = files
        self._names = names
        self._unit_of = {path: names.unit(path) for path in sorted(files)}
        self._members: dict[str, list[str]] = {}
        for path, unit in self._unit_of.items():
            self._members.setdefault(unit, []).append(path)
        self._packages = {"/".join(parts) for parts in names.packages}
        self._imported = cache(self._find_imported)
        self._unit_named = cache(self._find_unit_named)
        self._names_of_others = cache(self._find_names_of_others)

    def cut(self, seeds: Seeds) -> list[Files]:
        seeded, named = self._seeded(seeds)
        groups = _joined(sorted({*map(self._unit_of.__getitem__, (*seeded, *named))}), self._upwards)
        found = []
        for units in groups:
            above = {path for unit in units for path in self._members[unit]}
            roots = seeded & above
            below = self._downwards(units) if roots else units
            members = tuple(sorted(path for unit in below for path in self._members[unit]))
            scale = Scale(bool(roots), self._is_small(members), self._is_small(above))
            judged = partial(self._judged, members, above, roots, named & above, seeds, scale)
            found.append(Files(members, judged, frozenset((seeded | named) & above), scale))
        return sorted(found, key=lambda files: files.members)

    def _seeded(self, seeds: Seeds) -> tuple[set[str], set[str]]:
        """The files whose code names something governed; and those that hold a name and a governed method."""
        words = any_word(seeds.words)
        patterns = any_word(seeds.patterns)
        methods = any_word(seeds.methods)
        parts = [part.encode() for part in seeds.parts]
        seeded = {path for name in seeds.modules for path in self._names.named(name) if path in self._files}
        named: set[str] = set()
        for path in self._files:
            if path not in self._said:
                data, kinds = self._files[path], []
                if any(part in data for part in parts):
                    seeding = words.search(data) is not None
                    naming = patterns.search(data) is not None and methods.search(data) is not None
                    code = code_in(data) if seeding or naming else b""
                    kinds += ["seeded"] if seeding and words.search(code) else []
                    kinds += ["named"] if naming and patterns.search(code) else []
                self._said[path] = Said(" ".join(kinds), len(data))
            kind = self._said[path].kind
            if "seeded" in kind:
                seeded.add(path)
            if "named" in kind:
                named.add(path)
        return seeded, named

    def _judged(
        self,
        members: Collection[str],
        above: set[str],
        roots: set[str],
        named: set[str],
        seeds: Seeds,
        scale: Scale,
    ) -> Judged:
        """Those of ``members`` to which a governed value may come: all of a program that is not large, and of one that
        is large for the libraries that it imports all that is ``above`` them.
        """
        if scale.roots and scale.small:
            return Judged(dict.fromkeys(members))
        files = {path: self._files[path] for path in members}
        words, pattern = re.compile(spelled(seeds.words)), re.compile(spelled(seeds.patterns))

        def is_word(name: str) -> bool:
            return words.fullmatch(name) is not None

        def is_named(name: str) -> bool:
            return is_word(name) or pattern.fullmatch(name) is not None

        by_names = spread(files, self._names, roots, is_word) if roots else Judged()
        judged = dict(by_names.files)
        if scale.roots and scale.above:
            return by_names._replace(files=judged | dict.fromkeys(sorted(above)))
        parts = {b"names": spelled(seeds.patterns).encode(), b"methods": spelled(seeds.methods).encode()}
        runs = _RUN_BY_NAME % parts
        if "__call__" in seeds.methods:
            runs += b"|" + _CALLED_BY_NAME % parts[b"names"]
        run_by_name = re.compile(runs)
        for path in sorted(named):
            if scale.small:
                judged |= spread({path: files[path]}, self._names, [path], is_named).files
            elif run_by_name.search(files[path]) is not None:
                guessed = guessed_in(files[path], is_named, seeds.methods)
                if guessed is not None:
                    judged[path] = None if path in judged else guessed
        return by_names._replace(files=judged)

    def _is_small(self, paths: Iterable[str]) -> bool:
        return sum(self._said[path].size for path in paths) <= LARGE

    def _upwards(self, unit: str) -> set[str]:
        """``unit`` and the units that import it, directly or through others."""
        return _closure([unit], lambda each: self._importers.get(each, ()))

    def _downwards(self, units: Collection[str]) -> set[str]:
        """``units`` and what they import, directly or through others."""
        return _closure(
            units, lambda unit: {each for path in self._members[unit] for each in self._imported(path)}
        )

    @cached_property
    def _importers(self) -> Mapping[str, set[str]]:
        """By unit: those of which a file imports it."""
        found: dict[str, set[str]] = {}
        for path, unit in self._unit_of.items():
            for imported in self._imported(path):
                found.setdefault(imported, set()).add(unit)
        return found

    def _find_imported(self, path: str) -> frozenset[str]:
        """The units of which the file ``path`` imports something."""
        said = self._said[path]
        if said.units is None:
            own = self._unit_of[path]
            found = self._units_imported(path, own) if self._may_import_others(path, own) else ()
            self._said[path] = said = said._replace(units=tuple(sorted(set(found))))
        return frozenset(said.units or ())

    def _may_import_others(self, path: str, own: str) -> bool:
        """Whether the file ``path`` of the unit ``own`` spells a name under which another unit can be imported."""
        names = self._names_of_others(own)
        if own not in self._packages or len(names) > _SEARCHES:
            return True
        data = self._files[path]
        return any(name in data for name in names)

    def _find_names_of_others(self, own: str) -> Collection[bytes]:
        return set().union(*(names for unit, names in self._importable.items() if unit != own))

    @cached_property
    def _importable(self) -> Mapping[str, set[bytes]]:
        """By unit: the last names of what files outside of it can import of it.

        Of a package: itself, and the packages in those of its folders that are not packages; of another folder:
        itself, and its files where other units stand in it.
        """
        around = {
            "/".join(unit.split("/")[:end]) for unit in self._members for end in range(unit.count("/") + 1)
        }
        found = {unit: {_encoded(unit.rpartition("/")[2])} for unit in self._members}
        for path, unit in self._unit_of.items():
            folder, _, file = path.rpartition("/")
            above, _, name = folder.rpartition("/")
            if unit in (".", "src") or unit in around:
                found[unit].add(_encoded(file.removesuffix(".py")))
            elif file == "__init__.py" and above not in self._packages:
                found[unit].add(_encoded(name))
        return found

    def _units_imported(self, path: str, own: str) -> Iterator[str]:
        folder = path.rpartition("/")[0]
        for module, names in set(imports_in(self._files[path])):
            if not module.startswith("."):
                first = module.partition(".")[0]
                known = self._unit_named(folder, first)
                dotted = [known] if known else self._in_namespace(folder, first, module, names)
                yield from (unit for unit in dotted if unit)
            elif own not in self._packages:
                name = module.lstrip(".")
                level = len(module) - len(name)
                for taken in ("", *names_in(names)):
                    found = self._names.relative(path, level, f"{name}.{taken}".strip("."))[0]
                    if found in self._unit_of:
                        yield self._unit_of[found]

    def _find_unit_named(self, folder: str, dotted: str) -> str:
        """The unit that ``import dotted`` in a file of ``folder`` loads from; empty if the project has none."""
        found = self._names.find(dotted, f"{folder}/_" if folder else "_")
        return self._unit_of.get(found, "") if found is not None else ""

    def _in_namespace(self, folder: str, first: str, module: str, names: bytes) -> Iterator[str]:
        """The units behind a folder ``first`` that is no package."""
        if not self._names.is_namespace(first, f"{folder}/_" if folder else "_"):
            return
        parts = module.split(".")
        for end in range(2, len(parts) + 1):
            yield self._unit_named(folder, ".".join(parts[:end]))
        for name in names_in(names):
            yield self._unit_named(folder, f"{module}.{name}")


def _closure(start: Collection[str], following: Callable[[str], Collection[str]]) -> set[str]:
    found = set(start)
    pending = list(start)
    while pending:
        more = [each for each in following(pending.pop()) if each not in found]
        found.update(more)
        pending += more
    return found


def _joined(roots: Sequence[str], upwards: Callable[[str], set[str]]) -> list[set[str]]:
    """The roots with what is above them, those together of which one is above the other."""
    groups: list[set[str]] = []
    for root in roots:
        above = upwards(root)
        met = [group for group in groups if not group.isdisjoint(above)]
        groups = [group for group in groups if group not in met]
        groups.append(above.union(*met))
    return groups


def _encoded(name: str) -> bytes:
    """``name`` as it stands in a file, if it can: the name of a file may be no text."""
    return name.encode("utf-8", "surrogateescape")


def code_in(data: bytes) -> bytes:
    """``data`` without its comments and texts."""
    return _NO_CODE.sub(_without_prose, data)


def _without_prose(found: re.Match[bytes]) -> bytes:
    """What of a string or comment counts as code: a dotted name in quotes, which ``mock.patch`` takes, and fields."""
    prefix = found[1] or b""
    if prefix.lower().strip(b"rb") in (b"f", b"t"):
        return b" ".join(_FIELD.findall(found[0]))
    return found[0] if _DOTTED.fullmatch(found[0]) else b'""'
