"""The fixpoint: recursion ends, what read a changed answer is done again, and bounds are told."""

from __future__ import annotations

import pytest

from phase12_lint.values.solver import Answer, Key, Solver


def _reachable(edges: dict[str, str], budget: int | None = None) -> tuple[Solver, list[str]]:
    """A solver of "which nodes can be reached", over a graph that may have cycles; and the bounds it met."""
    bounds: list[str] = []

    def compute(key: Key) -> Answer:
        found = frozenset(edges[str(key[1])])
        for node in edges[str(key[1])]:
            found |= solver.ask(("reach", node))
        return found

    def met(bound: str, key: Key) -> Answer:
        bounds.append(bound)
        return frozenset({"?"})

    solver = Solver(compute, met, budget)
    return solver, bounds


def test_an_answer_without_recursion() -> None:
    solver, bounds = _reachable({"a": "bc", "b": "c", "c": ""})
    assert solver.ask(("reach", "a")) == {"b", "c"}
    assert solver.sources(("reach", "a")) == [("reach", "b"), ("reach", "c")]
    assert bounds == []


@pytest.mark.parametrize("first", "abcd")
def test_cycles_end_in_the_same_fixpoint_wherever_one_begins(first: str) -> None:
    solver, bounds = _reachable({"a": "b", "b": "ca", "c": "bd", "d": "d"})
    solver.ask(("reach", first))
    assert {node: set(solver.ask(("reach", node))) for node in "abcd"} == {
        "a": set("abcd"),
        "b": set("abcd"),
        "c": set("abcd"),
        "d": {"d"},
    }
    assert bounds == []


def test_a_question_too_deep_is_told_and_left_open() -> None:
    nodes = [chr(1000 + number) for number in range(400)]
    solver, bounds = _reachable(dict(zip(nodes, [*nodes[1:], ""], strict=True)))
    assert solver.ask(("reach", nodes[0])) == {"?"}
    assert bounds == ["work"]
    assert "?" not in solver.ask(("reach", nodes[200]))


def test_a_question_too_dear_is_told_and_leaves_nothing_half_known() -> None:
    nodes = "abcdefghij"
    edges = dict(zip(nodes, [*nodes[1:], ""], strict=True))
    solver, bounds = _reachable(edges, budget=5)
    assert solver.ask(("reach", "a")) == {"?"}
    assert bounds == ["work"]
    assert solver.ask(("reach", "g")) == set("hij")
