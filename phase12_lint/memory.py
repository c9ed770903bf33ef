"""What earlier runs found out about files that have not changed: an edit is paid by what it touches.

Three things are kept, each with all that it was made from. Whether Python can read a file, and whether it may suppress
a finding, by the file's content. What a file says to the cutting into programs, by its content under the paths of the
project and the policy's words. What was found in a program, by the content of all its files: a file that is of no
program of the policy can have no part in it, and neither can one that was added or removed unseen, for the paths of the
whole project are part of the key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from phase12_lint.cache import Cache, key_of
from phase12_lint.facts.governed import Places
from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.programs import Files, Said, Seeds, programs_of
from phase12_lint.ledger import may_suppress
from phase12_lint.model import Finding, finding_of
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
    """The memory of one run over ``files``, in which a ``noqa`` may name ``codes`` beside our own."""

    def __init__(self, cache: Cache, files: Contents, codes: Sequence[str] = ()) -> None:
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

    def programs(self, names: ModuleNames, seeds: Seeds, exempt: frozenset[str]) -> list[Files]:
        """The programs that ``seeds`` are the roots of, cut with what is known of each file."""
        shape = key_of(sorted(self._files), seeds, sorted(exempt))
        kept = self._kept["index"].get(shape, {})
        governed = self._files.without(exempt)
        said = {
            path: Said(kind, None if units is None else tuple(units))
            for path, (content, kind, units) in kept.items()
            if path in governed and content == self._digests.get(path)
        }
        found = programs_of(governed, names, seeds, said)
        self._new["index"][shape] = {
            path: [self._digests.get(path, ""), kind, None if units is None else list(units)]
            for path, (kind, units) in said.items()
        }
        return found

    def save(self) -> None:
        """Keep what this run knows of the files, and nothing else: what an earlier one knew of others is let go."""
        for name, new in self._new.items():
            if new != self._kept[name]:
                self._cache.keep(name, new)

    def part(self, files: Files, parts: object, exempt: frozenset[str], judge: Callable[[], Part]) -> Part:
        """What is found in the program that ``files`` are, by ``judge`` if it is not known.

        ``parts`` tell all else that it depends on.
        """
        stored = self.of_program(
            "part", files, parts, exempt, lambda: _packed(judge()), lambda packed: not packed["errors"]
        )
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
        make: Callable[[], _Json],
        is_sound: Callable[[_Json], bool],
    ) -> _Json:
        """``what`` is known of the program that ``files`` are: kept, or made and kept if it ``is_sound``."""
        read = sorted({*files.members, *exempt}) if files.closed else sorted(self._files)
        key = key_of(
            what,
            parts,
            files.members,
            sorted(self._files),
            [(path, self._digests.get(path)) for path in read],
        )
        return self._cache.part(key, make, is_sound)


def _packed(part: Part) -> dict[str, Any]:
    return {
        "findings": part.findings,
        "incomplete": part.incomplete,
        "errors": part.errors,
        "targets": part.targets,
        "governed": part.governed,
        "broken": {path: (error.line, error.column, error.message) for path, error in part.broken.items()},
    }
