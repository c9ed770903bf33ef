"""Every fact of a program, by module: what single places are, and what is demanded of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from phase12_lint.calls import access, reflection
from phase12_lint.calls.screen import Suspicion
from phase12_lint.facts import (
    api_errors,
    catching,
    clocks,
    crossings,
    dead_ends,
    escaping_errors,
    layer_imports,
    metrics,
    metrics_calls,
    metrics_on_paths,
    raw_returns,
    tampering,
    validation,
    validators,
)
from phase12_lint.faults import told
from phase12_lint.syntax.modules import Module
from phase12_lint.taint import envelopes
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program

Progress = Callable[[str, int, int], None]
OF_A_MODULE: tuple[Callable[[Program, Module], Iterator[Fact]], ...] = (
    access.run_accesses,
    reflection.reflections,
    tampering.replacements,
)
OF_THE_PROGRAM: tuple[Callable[[Program], Iterator[Fact]], ...] = (
    validation.validation,
    validators.validators,
    escaping_errors.leaving,
    raw_returns.raw_returns,
    envelopes.malformed_envelopes,
    api_errors.api_errors,
    catching.catching,
    metrics_on_paths.measurement,
    metrics.metrics_updates,
    metrics.metrics_writes,
    metrics_calls.updates,
    clocks.clocks,
    crossings.crossings,
    layer_imports.layer_imports,
    dead_ends.dead_ends,
)


def collect(
    program: Program, screened: bool, progress: Progress | None = None, errors: list[str] | None = None
) -> dict[Module, list[Fact]]:
    """Every fact of the governed files, in the order of the files and of their places.

    What a maker raises costs its facts alone, and is told in ``errors``; without these it is raised. What is nested too
    deeply to be followed is told in the notes of the program.
    """
    texts = program.project.texts()
    suspects = sorted(texts)
    if screened:
        suspicious, judged = Suspicion(program), program.project.judged
        suspects = [path for path in suspects if path in judged and suspicious(texts[path])]
    found: dict[Module, dict[tuple[object, ...], Fact]] = {}
    for count, path in enumerate(suspects):
        if progress is not None:
            progress("values", count, len(suspects))
        module = program.project.module(path)
        if module is None:
            continue
        facts: list[Fact] = []
        for maker in OF_A_MODULE:
            try:
                facts += maker(program, module)
            except RecursionError:
                program.note(f"{path} is nested too deeply to be followed; what is in it is left open")
            except Exception as error:
                _told(errors, maker.__name__, error, path)
        _add(found, facts)
    for count, maker_of_all in enumerate(OF_THE_PROGRAM):
        if progress is not None:
            progress("facts", count, len(OF_THE_PROGRAM))
        try:
            for fact in maker_of_all(program):
                _add(found, [fact])
        except RecursionError:
            what = maker_of_all.__name__.replace("_", " ")
            program.note(f"the program is nested too deeply to be followed; its {what} are left open")
        except Exception as error:
            _told(errors, maker_of_all.__name__, error)
    return {
        module: sorted(facts.values(), key=lambda fact: (module.lines.span(fact.node), type(fact).__name__))
        for module, facts in sorted(found.items(), key=lambda item: item[0].path)
    }


def _told(errors: list[str] | None, maker: str, error: Exception, path: str = "") -> None:
    if errors is None:
        raise error
    errors.append(told(maker, error, path))


def _add(found: dict[Module, dict[tuple[object, ...], Fact]], facts: Iterable[Fact]) -> None:
    for fact in facts:
        where = fact.scope.module
        if not where.exempt:
            found.setdefault(where, {}).setdefault((fact.node, type(fact)), fact)
