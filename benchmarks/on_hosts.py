"""P beside code that has nothing to do with it: the same findings, and costs that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks import corpora, hosts, ours, trees
from benchmarks.bench import Bench
from benchmarks.marks import Mark, found, marked
from benchmarks.measure import Contestant, Figure
from benchmarks.moods import SAME
from benchmarks.table import Row, at_most, ratio
from benchmarks.wheels import CACHE

_ALONE, _HOST, _BESIDE = "P alone", "the host alone", "P and the host"
_OF_P, _OF_A = "check, a file of P edited", "check, a file of A edited"
_BUFFER = "flake8 on a buffer of standard input"
_IMPORTS = ("import-linter, cold", "import-linter, warm")
_NOT_TRIED = "not tried: the run before did not end"


def rows(bench: Bench) -> Iterator[Row]:
    """The rows of P: beside nothing, beside each host, and what only P in A has to show."""
    yield from _alone(bench)
    for name in hosts.HOSTS:
        yield from _beside(bench, name)


def _alone(bench: Bench) -> Iterator[Row]:
    tree = hosts.alone()
    bench.note("P", tree)
    figure = bench.run(tree, [ours.cold(_ALONE, tree)])[_ALONE]
    yield findings("beside nothing", figure, figure, figure)
    yield at_most("P", "check, cold", figure, 0.8, "cpu")


def findings(where: str, figure: Figure, alone: Figure, host: Figure, below: str = "") -> Row:
    """How many of the marked findings there are, and how many that are neither P's alone nor the host's."""
    wanted = marked(hosts.PROGRAM)
    row = Row("P", f"found {where}", figure.fault, target=f"{len(wanted)}, 0 false", met=False)
    if figure.fault or host.fault:
        return row._replace(figure=figure.fault or f"the host alone: {host.fault}")
    told = found(figure.output, below)
    expected = wanted | {mark for mark in found(alone.output) if not _is_of_marked_kind(mark)}
    wrong = told - expected - found(host.output)
    lost = expected - wanted - told
    text = f"{len(wanted & told)}, {len(wrong)} false{_codes(wrong)}"
    if lost:
        text += f", {len(lost)} not marked lost{_codes(lost)}"
    return row._replace(figure=text, met=wanted <= told and not wrong and not lost)


def _codes(marks: set[Mark]) -> str:
    counts = sorted(Counter(mark.code for mark in marks).items())
    return f" ({', '.join(f'{count} {code}' for code, count in counts)})" if counts else ""


def _is_of_marked_kind(mark: Mark) -> bool:
    return mark.code.startswith(("GOV0", "GOV1"))


def _beside(bench: Bench, name: str) -> Iterator[Row]:
    alone, host, tree = hosts.alone(), hosts.host(name), hosts.beside(name)
    bench.note(f"host {name}", host)
    where = name if name.startswith("all") else f"beside {name}"
    contestants = [ours.cold(_ALONE, alone), ours.cold(_HOST, host), ours.cold(_BESIDE, tree)]
    is_largest = name == "all of A"
    figures = bench.run(tree, contestants, ("ast-grep",) if is_largest else ())
    both = figures[_ALONE] + figures[_HOST]
    yield findings(where, figures[_BESIDE], figures[_ALONE], figures[_HOST])
    for parent in hosts.PARENTS:
        yield _renamed(bench, name, f"{where}, in {parent}/", parent, figures)
    for unit in ("cpu", "mebibytes"):
        yield ratio(
            "P", f"cost {where}, cold", figures[_BESIDE], "P alone + the host alone", both, 1.25, unit
        )
    if is_largest:
        yield ratio("P", "cost in A, cold", figures[_BESIDE], "ast-grep", figures.get("ast-grep"), 1.5)
        yield at_most("P", "memory in A, cold", figures[_BESIDE], 300, "mebibytes")
        yield from _warm(bench, tree, figures[_BESIDE])


def _renamed(bench: Bench, name: str, where: str, parent: str, figures: dict[str, Figure]) -> Row:
    """P in a folder of another name; not tried where P could not be checked at all."""
    figure = figures[_BESIDE]._replace(fault=_NOT_TRIED)
    if not figures[_BESIDE].fault:
        tree = hosts.beside(name, parent)
        figure = bench.once([ours.cold(f"P in {parent}", tree)])[f"P in {parent}"]
    return findings(where, figure, figures[_ALONE], figures[_HOST], parent)


def _warm(bench: Bench, tree: Path, cold: Figure) -> Iterator[Row]:
    """What is asked again of P in A; nothing is, where the first run did not end."""
    if cold.fault:
        figures = dict.fromkeys((SAME, _OF_P, _OF_A, _BUFFER), cold._replace(fault=_NOT_TRIED))
        figures |= bench.run(tree, [], _IMPORTS)
    else:
        of_p, of_a = tree / hosts.EDITED, tree / corpora.EDITED
        with trees.restored(of_p) as text_of_p, trees.restored(of_a) as text_of_a:
            buffer = CACHE / "buffer.py"
            buffer.write_text(text_of_p + "\n\ndef not_saved_yet():\n    return None\n", encoding="utf-8")
            flake8 = ours.flake8_on_buffer(_BUFFER, tree, hosts.EDITED, buffer)
            contestants: list[Contestant] = [
                ours.unchanged("to warm up", tree)._replace(once=True),
                ours.unchanged(SAME, tree),
                ours.edited(_OF_P, of_p, text_of_p, tree),
                ours.edited(_OF_A, of_a, text_of_a, tree),
                flake8._replace(name="flake8, to warm up", once=True),
                flake8,
            ]
            figures = bench.run(tree, contestants, _IMPORTS)
    yield ratio("P in A", SAME, figures[SAME], "import-linter, warm", figures.get("import-linter, warm"), 0.1)
    for name in (_OF_P, _OF_A):
        yield at_most("P in A", name, figures[name], 0.5)
        yield ratio("P in A", name, figures[name], SAME, figures[SAME], 4.0)
    yield at_most("P in A", f"{_BUFFER}, warm", figures[_BUFFER], 1.0)
