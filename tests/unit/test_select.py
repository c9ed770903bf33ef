"""Selection of codes: as flake8 does, and the rules that are off by default."""

from __future__ import annotations

import argparse

import pytest
from flake8.style_guide import Decision, DecisionEngine
from hypothesis import given
from hypothesis import strategies as st

from phase12_lint.rulebook import check_prefix, rulebook
from phase12_lint.select import selected

ALL = frozenset(rulebook())
DEFAULT = frozenset(code for code, entry in rulebook().items() if entry.default)
ENFORCEMENT = {code for code in ALL if code.startswith("GOV7")}
PREFIXES = sorted({code[:length] for code in ALL for length in (3, 4, 5, 6)})


def test_by_default_all_that_are_on_by_default() -> None:
    assert selected() == DEFAULT == ALL - {"GOV003"} - ENFORCEMENT
    assert selected(select=("GOV",)) == DEFAULT
    assert selected(select=("GOV0",)) == {"GOV001", "GOV002", "GOV004", "GOV005"}


def test_the_longer_beginning_wins() -> None:
    assert selected(select=("GOV1",), ignore=("GOV101",)) == {
        code for code in ALL if code.startswith("GOV1") and code != "GOV101"
    }
    assert selected(select=("GOV101",), ignore=("GOV1",)) == {"GOV101"}
    assert selected(extend_select=("GOV101",), ignore=("GOV",)) == {"GOV101"}
    assert selected(select=("GOV101",), ignore=("GOV101",)) == set()


@pytest.mark.parametrize("select", [("GOV003",), ("GOV0", "GOV003")])
def test_a_rule_that_is_off_by_default_is_selected_by_what_names_it_alone(select: tuple[str, ...]) -> None:
    assert "GOV003" in selected(select=select)
    assert "GOV003" not in selected(select=select, ignore=("GOV003",))


def test_the_rules_on_project_files_are_asked_for_by_name() -> None:
    assert selected(select=("GOV7",)) == ENFORCEMENT
    assert selected(extend_select=("GOV70",)) == DEFAULT | ENFORCEMENT


def test_requiring_reasons_switches_its_rule_on() -> None:
    assert selected(reasons_required=True) == ALL - ENFORCEMENT
    assert "GOV003" in selected(select=("GOV0",), reasons_required=True)
    assert "GOV003" not in selected(select=("GOV1",), reasons_required=True)
    assert "GOV003" not in selected(ignore=("GOV0",), reasons_required=True)


some_prefixes = st.lists(st.sampled_from(PREFIXES), max_size=3).map(tuple)


@given(some_prefixes, some_prefixes, some_prefixes)
def test_flake8_selects_the_same(
    select: tuple[str, ...], extend_select: tuple[str, ...], ignore: tuple[str, ...]
) -> None:
    options = argparse.Namespace(
        select=list(select) or None,
        extend_select=list(extend_select),
        extended_default_select=["GOV"],
        ignore=list(ignore) or None,
        extend_ignore=[],
        extended_default_ignore=[],
    )
    engine = DecisionEngine(options)
    theirs = {code for code in DEFAULT if engine.decision_for(code) is Decision.Selected}
    assert selected(select, extend_select, ignore) & DEFAULT == theirs


def test_a_beginning_of_no_code_is_refused() -> None:
    assert check_prefix("GOV1") == "GOV1"
    for prefix in ("GOV9", "gov1", "E501", "GOV1011"):
        with pytest.raises(ValueError, match="matches no rule; the nearest is GOV"):
            check_prefix(prefix)
