"""Every fact of a program, by module: what single places are, and what is demanded of the whole.

A kind of fact is a file of this folder, found by being there: ``OF_A_MODULE`` in it names functions that make the facts
that begin in one module, ``OF_THE_PROGRAM`` functions that ask the whole program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from phase12_lint.calls.screen import Suspicion
from phase12_lint.calls.seeds import has_pipeline
from phase12_lint.faults import told
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program
from phase12_lint.values.room import with_room

Progress = Callable[[str, int, int], None]
OfAModule = Callable[[Program, Module], Iterator[Fact]]
OfTheProgram = Callable[[Program], Iterator[Fact]]


def _found(name: str) -> Iterator[Any]:
    """What the files beside this one offer as makers under ``name``, in the order of the files."""
    folder = Path(__file__).parent
    for path in sorted(folder.glob("*.py")):
        if path.stem not in ("__init__", Path(__file__).stem):
            yield from getattr(import_module(f"{__package__}.{path.stem}"), name, ())


OF_A_MODULE: tuple[OfAModule, ...] = tuple(_found("OF_A_MODULE"))
OF_THE_PROGRAM: tuple[OfTheProgram, ...] = tuple(_found("OF_THE_PROGRAM"))


@with_room
def collect(
    program: Program, screened: bool, progress: Progress | None = None, errors: list[str] | None = None
) -> dict[Module, list[Fact]]:
    """Every fact of the governed files, in the order of the files and of their places.

    What a maker raises costs its facts alone, and is told in ``errors``; without these it is raised. What is nested too
    deeply to be followed is told in the notes of the program.
    """
    texts = program.project.texts
    suspects = sorted(program.once(Suspicion).judged() if screened else texts.paths)
    found: dict[Module, dict[tuple[object, ...], Fact]] = {}
    for count, path in enumerate(suspects):
        if progress is not None:
            progress("values", count, len(suspects))
        module = program.project.module(path)
        for maker in OF_A_MODULE if module is not None else ():
            _add(found, _made(program, maker, errors, module))
    concerned = found or not screened or has_pipeline(program)
    for count, maker_of_all in enumerate(OF_THE_PROGRAM if concerned else ()):
        if progress is not None:
            progress("facts", count, len(OF_THE_PROGRAM))
        _add(found, _made(program, maker_of_all, errors))
    return {
        module: sorted(facts.values(), key=lambda fact: (module.lines.span(fact.node), type(fact).__name__))
        for module, facts in sorted(found.items(), key=lambda item: item[0].path)
    }


def _made(
    program: Program,
    maker: Callable[..., Iterator[Fact]],
    errors: list[str] | None,
    module: Module | None = None,
) -> Iterator[Fact]:
    """What ``maker`` makes of a module, or of the whole; if it fails, what it had made until then."""
    try:
        yield from maker(program, module) if module is not None else maker(program)
    except RecursionError:
        where = module.path if module is not None else "the program"
        what = maker.__name__.replace("_", " ")
        program.note(f"{where} is nested too deeply to be followed; its {what} are not known")
    except Exception as error:
        _told(errors, maker.__name__, error, module.path if module is not None else "")


def _told(errors: list[str] | None, maker: str, error: Exception, path: str = "") -> None:
    if errors is None:
        raise error
    errors.append(told(maker, error, path))


def _add(found: dict[Module, dict[tuple[object, ...], Fact]], facts: Iterable[Fact]) -> None:
    for fact in facts:
        where = fact.scope.module
        if not where.exempt:
            found.setdefault(where, {}).setdefault((fact.node, type(fact)), fact)
