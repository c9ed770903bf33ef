"""Edits that break a rule with fixes: fixed, nothing is found, and the test of the runtime passes again."""

from __future__ import annotations

from pathlib import Path

import pytest

from phase12_lint.fixes import is_fixable
from phase12_lint.rulebook import rulebook
from tests.fixing import fixed
from tests.mutations.model import Mutation, lay_out, of_each_section
from tests.mutations.table import MUTATIONS
from tests.mutations.test_mutations import found, name, run_tests
from tests.thinning import thinned

FIXABLE = [each for each in MUTATIONS if is_fixable(rulebook()[each.code].name)]


def fix(folder: Path, mutation: Mutation) -> None:
    """Lay out the runtime, break it, and write what the fixes make of it."""
    places = lay_out(folder, mutation.edits)
    done = fixed(folder, {})
    assert done.refused == ()
    assert {each.path for each in done.files} == {path for path, _ in places}
    for each in done.files:
        assert (folder / each.path).read_bytes() == each.was
        (folder / each.path).write_bytes(each.data)


@pytest.mark.parametrize("mutation", thinned(FIXABLE, 3), ids=name)
def test_what_is_fixed_is_found_no_more(mutation: Mutation, tmp_path: Path) -> None:
    fix(tmp_path, mutation)
    assert found(tmp_path) == []


# What is run through the first service is run all the same: GOV505 is about the way, and its test about the run.
SHOWN = of_each_section([each for each in FIXABLE if each.visible and each.code != "GOV505"])


@pytest.mark.thorough
@pytest.mark.parametrize("mutation", SHOWN, ids=name)
def test_the_test_of_the_runtime_that_failed_passes_again(mutation: Mutation, tmp_path: Path) -> None:
    fix(tmp_path, mutation)
    status, said = run_tests(tmp_path, mutation.fails)
    assert status == 0, said[-3000:]


def test_every_rule_with_a_fix_has_an_edit() -> None:
    assert {each.code for each in FIXABLE} == {
        code for code, rule in rulebook().items() if is_fixable(rule.name)
    }
    assert len({each.code for each in FIXABLE}) == 14
