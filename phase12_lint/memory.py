"""What earlier runs found out about files that have not changed: an edit is paid by what it touches.

Three things are kept, each with all that it was made from. Whether Python can read a file, and whether it may suppress
a finding, by the file's content. What a file says to the cutting into programs, by its content under the paths of the
project and the policy's words. What was found in a program, by the content of all its files; and by its trace: the
content of those that were parsed, and what the others answered to all that was asked of their texts. A file that is of
no program of the policy can have no part in it, and neither can one that was added or removed unseen, for the paths of
the whole project are part of the key.

This is a build with verifying traces: on what something depends is found out while it is made, and an absence ("no
other file spells this name") is an answer as any other (Mokhov, Mitchell and Peyton Jones, *Build systems à la carte*,
2018).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from phase12_lint.cache import Cache, key_of
from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.programs import Files, Said, programs_of
from phase12_lint.index.seeds import Seeds
from phase12_lint.index.spread import Held
from phase12_lint.index.texts import Question, Trace
from phase12_lint.ledger import may_suppress
from phase12_lint.model import Finding, Places, finding_of
from phase12_lint.sources import Contents, SourceError

_Json = TypeVar("_Json")


class Part(NamedTuple):
    """What was found in one program. ``broken`` are files that could not be read to the end, ``targets`` the names of
    the policy that the program has, each with its key, ``governed`` is what the rules guard in it."""

    findings: tuple[Finding, ...]
    incomplete: tuple[str, ...]
    errors: tuple[str, ...]
    broken: Mapping[str, SourceError]
    targets: tuple[tuple[str, str], ...] = ()
    governed: Places = Places()


class Memory:
    """The memory of one run over ``files``, which imports call by ``names``, and in which a ``noqa`` may name ``codes``
    beside our own."""

    def __init__(self, cache: Cache, files: Contents, names: ModuleNames, codes: Sequence[str] = ()) -> None:
        self._names = names
        self._codes = codes
        self._cache = cache
        self._files = files
        self._digests = cache.digests()
        self._kept = {name: cache.kept(name) or {} for name in ("syntax", "index")}
        self._new: dict[str, dict[str, Any]] = {name: {} for name in self._kept}

    def unchecked(self) -> list[str]:
        """The files of which it is not known whether Python can read them."""
        return sorted(path for path in self._files if self._digests.get(path) not in self._kept["syntax"])

    def failures(self, found: Mapping[str, SourceError]) -> dict[str, SourceError]:
        """The files that Python cannot read, those ``found`` in this run among them."""
        failed: dict[str, SourceError] = dict(found)
        for path in self._files:
            content = self._digests.get(path, "")
            known = self._kept["syntax"].get(content)
            if known is None:
                error = found.get(path)
                verdict = [error.line, error.column, error.message] if error is not None else None
                known = [verdict, may_suppress(self._files[path], self._codes)]
            elif known[0] is not None:
                failed[path] = SourceError(*known[0])
            self._new["syntax"][content] = known
        return failed

    def suppressing(self) -> list[str]:
        """The files in which a comment may suppress a finding of ours, once ``failures`` was asked."""
        known = self._new["syntax"]
        return [path for path in self._files if known[self._digests.get(path, "")][1]]

    def programs(self, seeds: Seeds, exempt: frozenset[str]) -> list[Files]:
        """The programs that ``seeds`` are the roots of, cut with what is known of each file."""
        shape = key_of(sorted(self._files), seeds, sorted(exempt))
        kept = self._kept["index"].get(shape, {})
        governed = self._files.without(exempt)
        said = {
            path: Said(kind, size, None if units is None else tuple(units))
            for path, (content, kind, size, units) in kept.items()
            if path in governed and content == self._digests.get(path)
        }
        found = programs_of(governed, self._names, seeds, said)
        self._new["index"][shape] = {
            path: [self._digests.get(path, ""), kind, size, None if units is None else list(units)]
            for path, (kind, size, units) in said.items()
        }
        return found

    def save(self) -> None:
        """Keep what this run knows of the files, and nothing else: what an earlier one knew of others is let go."""
        for name, new in self._new.items():
            if new != self._kept[name]:
                self._cache.keep(name, new)

    def part(
        self, files: Files, parts: object, exempt: frozenset[str], judge: Callable[[], tuple[Part, Trace]]
    ) -> Part:
        """What is found in the program that ``files`` are, by ``judge`` if it is not known.

        ``parts`` tell all else that it depends on.
        """

        def make() -> tuple[dict[str, Any], Trace]:
            part, trace = judge()
            return _packed(part), trace

        stored = self.of_program("part", files, parts, exempt, make, lambda packed: not packed["errors"])
        return Part(
            tuple(map(finding_of, stored["findings"])),
            tuple(stored["incomplete"]),
            tuple(stored["errors"]),
            {path: SourceError(*failure) for path, failure in stored["broken"].items()},
            tuple((key, name) for key, name in stored["targets"]),
            Places(*map(tuple, stored["governed"])),
        )

    def of_program(
        self,
        what: str,
        files: Files,
        parts: object,
        exempt: frozenset[str],
        make: Callable[[], tuple[_Json, Trace]],
        is_sound: Callable[[_Json], bool],
    ) -> _Json:
        """``what`` is known of the program that ``files`` are: kept, or made and kept if it ``is_sound``.

        What was made of other contents is kept, too, if what it was made from says that these make the same.
        """
        read = sorted({*files.members, *exempt}) if files.closed else sorted(self._files)
        contents = {path: self._digests.get(path, "") for path in read}
        shape = (what, parts, files.members, sorted(self._files), files.scale)
        key = key_of(*shape, list(contents.items()))
        found: _Json | None = self._cache.result(key)
        if found is not None:
            return found
        traced = key_of("trace", *shape)
        kept = self._cache.result(traced)
        if kept is not None and self._still_holds(files, contents, kept):
            found = self._cache.result(kept["key"])
        if found is None:
            found, trace = make()
            if is_sound(found):
                naming = sorted(files.naming)
                kept = {"key": key, "contents": contents, "naming": naming, "trace": _listed(trace)}
                self._cache.keep_results({key: found, traced: kept})
        return found

    def _still_holds(self, files: Files, contents: Mapping[str, str], kept: Mapping[str, Any]) -> bool:
        """Whether what was made of a program as ``kept`` says is made of it as it is, ``contents`` being its files."""
        if kept["naming"] != sorted(files.naming):
            return False
        trace = _trace_of(kept["trace"])
        return all(
            path not in files.naming and trace.holds_with(path, self._files[path], self._names)
            for path, content in contents.items()
            if content != kept["contents"][path]
        )


def _listed(trace: Trace) -> list[object]:
    held = trace.held
    names = {path: sorted(names) for path, names in held.names.items()} if held is not None else None
    return [
        sorted(trace.parsed),
        trace.questions,
        trace.answers,
        list(trace.judged),
        [names, sorted(held.everywhere)] if held is not None else None,
    ]


def _trace_of(stored: Sequence[Any]) -> Trace:
    parsed, questions, answers, judged, held = stored
    return Trace(
        frozenset(parsed),
        [Question(*each) for each in questions],
        answers,
        frozenset(judged),
        Held(held[0], [(kind, name) for kind, name in held[1]]) if held is not None else None,
    )


def _packed(part: Part) -> dict[str, Any]:
    return {
        "findings": part.findings,
        "incomplete": part.incomplete,
        "errors": part.errors,
        "targets": part.targets,
        "governed": part.governed,
        "broken": {path: (error.line, error.column, error.message) for path, error in part.broken.items()},
    }
