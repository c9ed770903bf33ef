"""What earlier runs found out about files that have not changed: an edit is paid by what it touches.

Three things are kept, each with all that it was made from. Whether Python can read a file, by the file's content. What
a file says to the cutting into programs, by its content under the paths of the project and the policy's words. What was
found in a program, by the content of all its files: a file that is of no program of the policy can have no part in it,
and neither can one that was added or removed unseen, for the paths of the whole project are part of the key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from phase12_lint.cache import Cache, key_of
from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.programs import Files, Said, Seeds, programs_of
from phase12_lint.model import Finding, finding_of
from phase12_lint.policy import Policy
from phase12_lint.sources import SourceError

Failure = tuple[int, int, str]


class Part(NamedTuple):
    """What was found in one program. ``broken`` are files that could not be read to the end, ``targets`` the names of
    the policy that the program has, each with its key."""

    findings: tuple[Finding, ...]
    incomplete: tuple[str, ...]
    errors: tuple[str, ...]
    broken: Mapping[str, SourceError]
    targets: tuple[tuple[str, str], ...] = ()


class Memory:
    """The memory of one run over ``files``."""

    def __init__(self, cache: Cache, files: Mapping[str, bytes]) -> None:
        self._cache = cache
        self._files = files
        self._contents = cache.contents()
        self._syntax: dict[str, Failure | None] = dict(cache.kept("syntax") or {})
        self._said: dict[str, dict[str, list[Any]]] = {}

    def unchecked(self) -> list[str]:
        """The files of which it is not known whether Python can read them."""
        return sorted(path for path in self._files if self._contents.get(path) not in self._syntax)

    def failures(self, found: Mapping[str, SourceError]) -> dict[str, SourceError]:
        """The files that Python cannot read, those ``found`` in this run among them."""
        failed: dict[str, SourceError] = dict(found)
        verdicts: dict[str, Failure | None] = {}
        for path in self._files:
            content = self._contents.get(path, "")
            if content in self._syntax:
                verdict = self._syntax[content]
                if verdict is not None:
                    failed[path] = SourceError(*verdict)
            else:
                error = found.get(path)
                verdict = (error.line, error.column, error.message) if error is not None else None
            verdicts[content] = verdict
        if verdicts != self._syntax:
            self._cache.keep("syntax", verdicts)
        return failed

    def programs(
        self, names: ModuleNames, policy: Policy, seeds: Seeds, exempt: frozenset[str]
    ) -> list[Files]:
        """The programs of ``policy``, cut with what is known of each file."""
        shape = key_of(sorted(self._files), seeds, sorted(exempt))
        kept = (self._cache.kept("index") or {}).get(shape, {})
        governed = {path: data for path, data in self._files.items() if path not in exempt}
        said = {
            path: Said(kind, None if units is None else tuple(units))
            for path, (content, kind, units) in kept.items()
            if path in governed and content == self._contents.get(path)
        }
        found = programs_of(governed, names, seeds, said)
        self._said[shape] = {path: [self._contents.get(path, ""), *each] for path, each in said.items()}
        if self._said[shape] != kept:
            self._cache.keep("index", self._said)
        return found

    def part(self, files: Files, parts: object, exempt: frozenset[str], judge: Callable[[], Part]) -> Part:
        """What is found in the program that ``files`` are, by ``judge`` if it is not known.

        ``parts`` tell all else that it depends on.
        """
        read = sorted({*files.members, *exempt}) if files.closed else sorted(self._files)
        key = key_of(
            "part",
            parts,
            files.members,
            sorted(self._files),
            [(path, self._contents.get(path)) for path in read],
        )
        stored = self._cache.part(key, lambda: _packed(judge()), lambda packed: not packed["errors"])
        return Part(
            tuple(map(finding_of, stored["findings"])),
            tuple(stored["incomplete"]),
            tuple(stored["errors"]),
            {path: SourceError(*failure) for path, failure in stored["broken"].items()},
            tuple((key, name) for key, name in stored["targets"]),
        )


def _packed(part: Part) -> dict[str, Any]:
    return {
        "findings": part.findings,
        "incomplete": part.incomplete,
        "errors": part.errors,
        "targets": part.targets,
        "broken": {path: (error.line, error.column, error.message) for path, error in part.broken.items()},
    }
