"""The fixpoint: recursion ends, what read a changed answer is done again, and bounds are told."""

from __future__ import annotations

from collections import Counter

import pytest

from phase12_lint.values import solver as solver_module
from phase12_lint.values.room import with_room
from phase12_lint.values.solver import Answer, Costly, Key, Solver


def _reachable(edges: dict[str, str]) -> tuple[Solver, list[Key]]:
    """A solver of "which nodes can be reached", over a graph that may have cycles; and what it cut."""
    cuts: list[Key] = []

    def compute(key: Key) -> Answer:
        found = frozenset(edges[str(key[1])])
        for node in edges[str(key[1])]:
            found |= solver.ask(("reach", node))
        return found

    def met(key: Key, from_outside: bool) -> Answer:
        if from_outside:
            cuts.append(key)
        return frozenset({"?"})

    solver = Solver(compute, met)
    return solver, cuts


def test_an_answer_without_recursion() -> None:
    solver, cuts = _reachable({"a": "bc", "b": "c", "c": ""})
    assert solver.ask(("reach", "a")) == {"b", "c"}
    assert solver.sources(("reach", "a")) == [("reach", "b"), ("reach", "c")]
    assert cuts == []


@pytest.mark.parametrize("first", "abcd")
def test_cycles_end_in_the_same_fixpoint_wherever_one_begins(first: str) -> None:
    solver, cuts = _reachable({"a": "b", "b": "ca", "c": "bd", "d": "d"})
    solver.ask(("reach", first))
    assert {node: set(solver.ask(("reach", node))) for node in "abcd"} == {
        "a": set("abcd"),
        "b": set("abcd"),
        "c": set("abcd"),
        "d": {"d"},
    }
    assert cuts == []


def test_a_question_that_stands_deep_in_others_is_answered_from_there_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solver_module, "_DEEPEST_WITHOUT_ROOM", 20)
    nodes = [chr(1000 + number) for number in range(300)]
    solver, cuts = _reachable(dict(zip(nodes, [*nodes[1:], ""], strict=True)))
    assert solver.ask(("reach", nodes[0])) == set(nodes[1:])
    assert cuts == []


def test_a_circle_too_deep_is_told_and_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver_module, "_DEEPEST_WITHOUT_ROOM", 200)
    nodes = [chr(1000 + number) for number in range(300)]
    solver, cuts = _reachable(dict(zip(nodes, [*nodes[1:], nodes[0]], strict=True)))
    assert solver.ask(("reach", nodes[0])) == {"?"}
    assert cuts == [("reach", nodes[0])]


def test_with_room_a_circle_of_a_thousand_is_solved() -> None:
    nodes = [chr(1000 + number) for number in range(1_200)]
    solver, cuts = _reachable(dict(zip(nodes, [*nodes[1:], nodes[0]], strict=True)))
    assert with_room(solver.ask)(("reach", nodes[0])) == set(nodes)
    assert cuts == []


def test_what_a_function_with_room_raises_comes_out() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        with_room(fail)()


def test_an_answer_is_not_made_again_if_all_that_it_stands_on_came_out_as_before() -> None:
    """``fixed`` is in the circle with ``start``, but says the same whatever that comes to."""
    made: Counter[str] = Counter()
    edges = {"start": ["one", "behind"], "one": ["start"], "behind": ["fixed"], "fixed": ["start"]}

    def compute(key: Key) -> Answer:
        node = str(key[1])
        made[node] += 1
        found = frozenset(edges[node]).union(*(solver.ask(("reach", each)) for each in edges[node]))
        return frozenset({"fixed"}) if node == "fixed" else found

    solver = Solver(compute, lambda key, from_outside: frozenset())
    assert solver.ask(("reach", "start")) == {"start", "one", "behind", "fixed"}
    assert made["fixed"] > 1
    assert made["behind"] == 1


def test_a_question_too_dear_is_told_and_leaves_nothing_half_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver_module, "_MOST_STEPS", 5)
    monkeypatch.setattr(solver_module, "_NEAR", 5)
    nodes = "abcdefghij"
    solver, cuts = _reachable(dict(zip(nodes, [*nodes[1:], ""], strict=True)))
    assert solver.ask(("reach", "a")) == {"?"}
    assert cuts == [("reach", "a")]
    assert solver.ask(("reach", "g")) == set("hij")


def test_a_question_of_many_parts_that_are_near_is_not_too_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver_module, "_MOST_STEPS", 5)
    solver, cuts = _reachable(dict.fromkeys("bcdefghijklmnopqrst", "") | {"a": "bcdefghijklmnopqrst"})
    assert solver.ask(("reach", "a")) == set("bcdefghijklmnopqrst")
    assert cuts == []


def test_nor_is_it_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver_module, "_MOST_STEPS", 1)
    solver, cuts = _reachable(dict.fromkeys("bcdefghijklmnopqrst", "") | {"a": "bcdefghijklmnopqrst"})
    assert solver.ask(("reach", "a")) == {"?"}
    assert cuts == [("reach", "a")]


def test_a_question_of_more_steps_than_are_allowed_is_asked_again_and_not_cut() -> None:
    nodes = "abcdefghij"
    solver, cuts = _reachable(dict(zip(nodes, [*nodes[1:], ""], strict=True)))
    with pytest.raises(Costly), solver.allowing(3):
        solver.ask(("reach", "a"))
    assert solver.ask(("reach", "a")) == set(nodes[1:])
    assert cuts == []
