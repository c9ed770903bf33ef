"""What ``init`` proposes for real packages, beside the policies that people wrote by reading them.

``make bench-init`` prints the table, package by package, and how many are right in each lot.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from configparser import ConfigParser
from multiprocessing import Pool
from pathlib import Path
from subprocess import CalledProcessError
from time import process_time
from typing import NamedTuple

from benchmarks.wheels import unpacked
from phase12_lint.adopt.init.guesses import Inferred, Suggestion
from phase12_lint.adopt.init.homes import module_name
from phase12_lint.adopt.init.infer import infer
from phase12_lint.adopt.init.section import is_active
from phase12_lint.sources import read_bytes, scan

_POLICIES = Path(__file__).with_name("policies")
_RIGHT, _AMONG, _NEAR, _WRONG, _NONE = "right", "among the first three", "near", "wrong", "none"
_HEAD = (
    "| package | lot | verdict | active | proposed | as it was read | CPU s |\n|---|---|---|---|---|---|--:|"
)
_LOTS = "\n| lot | packages | right | or among the first three | near | wrong and active |\n|---|--:|--:|--:|--:|--:|"


class Read(NamedTuple):
    """A policy that somebody wrote, and the package that it is for, as ``name==version``."""

    name: str
    package: str
    lot: str
    bases: tuple[str, ...]
    methods: tuple[str, ...]
    chokes: tuple[str, ...]


class Judged(NamedTuple):
    """What is proposed for ``read``, how right it is, and what it took."""

    read: Read
    verdict: str
    active: bool
    proposed: tuple[Suggestion, ...]
    evidence: tuple[str, ...]
    seconds: float

    def line(self) -> str:
        """The row of the table."""
        first = "" if self.verdict == _NONE else _shown(*self.proposed[0])
        answer = _shown(self.read.bases[0], self.read.methods[0], self.read.chokes)
        active = "yes" if self.active else "no"
        cells = (self.read.name, self.read.lot, self.verdict, active, first, answer, f"{self.seconds:.1f}")
        return f"| {' | '.join(cells)} |"


def policies(names: Sequence[str]) -> Iterator[Read]:
    """Those of ``names``, which are packages or lots; all if there are no names."""
    for path in sorted(_POLICIES.rglob("*.cfg")):
        parser = ConfigParser()
        parser.read(path, encoding="utf-8")
        bench, policy = parser["bench"], parser["phase12-lint"]
        values = [
            tuple(re.split(r"[,\s]+", policy[key]))
            for key in ("plugin-bases", "plugin-methods", "choke-point")
        ]
        lot = bench.get("lot", "other")
        if not names or path.stem in names or lot in names:
            yield Read(path.stem, bench["package"], lot, *values)


def judge(read: Read) -> Judged | None:
    """Ask ``init``, which has the code alone; nothing if there is no wheel."""
    try:
        root = unpacked(read.package)
    except CalledProcessError:
        return None
    files = {path: read_bytes(root, path) for path in scan(root)}
    started = process_time()
    inferred = infer(files)
    seconds = process_time() - started
    basis = [each for each in inferred.guesses if each.key in ("plugin-bases", "choke-point", "extends")]
    active = bool(basis) and all(is_active(inferred, each) for each in basis)
    evidence = tuple(f"{each.key}: {each.evidence}" for each in basis)
    verdict = _verdict(read, inferred, {path: text for path, text in files.items() if path.endswith(".py")})
    return Judged(read, verdict, active, inferred.suggestions, evidence, seconds)


def _verdict(read: Read, inferred: Inferred, files: Mapping[str, bytes]) -> str:
    signs = [
        _signs(read, each._replace(chokes=tuple(_located(name, files) for name in each.chokes)))
        for each in inferred.suggestions
    ]
    if inferred.has_base and all(signs[0]):
        return _RIGHT
    if any(map(all, signs)):
        return _AMONG
    if not inferred.has_base:
        return _NONE
    return _NEAR if signs[0][0] else _WRONG


def _signs(read: Read, one: Suggestion) -> tuple[bool, bool, bool]:
    """Whether its base, its method and its choke point are those that were read."""
    return (
        any(_last(one.base) == _last(base) for base in read.bases),
        one.method in read.methods,
        any(is_same_place(_parts(place), _parts(choke)) for place in one.chokes for choke in read.chokes),
    )


def _located(name: str, files: Mapping[str, bytes]) -> str:
    """``name``, with its module where it is that of a class alone."""
    defined = re.compile(rf"^class {re.escape(name.partition('.')[0])}\b".encode(), re.MULTILINE)
    homes = [path for path, text in files.items() if defined.search(text)]
    if ":" in name or len(homes) != 1:
        return name
    return f"{module_name(homes[0])}:{name}"


def is_same_place(one: list[str], read: list[str]) -> bool:
    """Whether they name the same place, or one names a method or a function within the other."""
    return (
        _ends(read, one)
        or (_is_class(one) and _ends(read[:-1], one))
        or (_is_class(read) and _ends(read, one[:-1]))
        or one[: len(read)] == read
    )


def _ends(name: list[str], end: list[str]) -> bool:
    return bool(end) and name[-len(end) :] == end


def _is_class(name: list[str]) -> bool:
    return name[-1].lstrip("_")[:1].isupper()


def _parts(name: str) -> list[str]:
    return re.split("[.:]", name)


def _last(name: str) -> str:
    return _parts(name)[-1]


def _shown(base: str, method: str, chokes: Sequence[str]) -> str:
    return f"`{_last(base)}.{method}` in `{_last(chokes[0]) if chokes else '?'}`"


def _lots(found: Sequence[Judged]) -> Iterator[str]:
    for lot in sorted({each.read.lot for each in found}):
        here = [each for each in found if each.read.lot == lot]
        verdicts = Counter(each.verdict for each in here)
        right, wrong = verdicts[_RIGHT], sum(each.active and each.verdict != _RIGHT for each in here)
        cells = (lot, len(here), right, right + verdicts[_AMONG], verdicts[_NEAR], wrong)
        yield f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inference")
    parser.add_argument("names", nargs="*", metavar="NAME", help="packages or lots; default: all")
    parser.add_argument("--why", action="store_true", help="say also what each proposal is seen by")
    options = parser.parse_args()
    print(_HEAD, flush=True)
    found = []
    with Pool(1, maxtasksperchild=1) as pool:
        for each in pool.imap(judge, policies(options.names)):
            if each is None:
                continue
            found.append(each)
            print(each.line(), flush=True)
            if options.why:
                print(*(f"    {line}" for line in each.evidence), *each.proposed, sep="\n    ", flush=True)
    print(_LOTS, *_lots(found), sep="\n")


if __name__ == "__main__":
    main()
