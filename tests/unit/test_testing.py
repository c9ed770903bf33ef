"""``phase12_lint.testing``: an example that is not what it says makes the test of a rule fail, and says why."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst
import pytest

from phase12_lint.own_rules import OwnRule
from phase12_lint.testing import Example, MarkError, assert_rule, found_by

HEAD = "from plugins import get_plugin\n\n\n"
RUN = f"{HEAD}get_plugin('ocr').run(1)"
MARKED = f"{RUN}  # error: ACM101 [inferred]\n"


class Run(OwnRule):
    """A plugin is run."""

    code = "ACM101"
    name = "run"
    words = ("run",)

    def visit_Call(self, node: cst.Call) -> None:
        run = self.known(node).plugin_run
        if run:
            self.report(node, "a\n   run", run)


class Failing(Run):
    """A rule that raises."""

    def visit_Call(self, node: cst.Call) -> None:
        raise KeyError("x")


class Blocks(OwnRule):
    """Every definition and block is reported."""

    code = "ACM102"
    name = "blocks"

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.report(node, "a function")

    def visit_With(self, node: cst.With) -> None:
        self.report(node, "a block")

    def visit_Return(self, node: cst.Return) -> None:
        self.report(node, "a statement")


def test_examples_that_hold() -> None:
    assert_rule(Run, valid=[f"{HEAD}print(1)\n", {"a.py": HEAD, "b/c.py": "x = 1\n"}], invalid=[MARKED])
    assert_rule(Run, invalid=[MARKED.replace("get_plugin", "take")], policy="plugin-sources = take")
    assert_rule(Run, invalid=[{"app/a.py": MARKED}], files={"app/a.py": "", "b.py": HEAD})


@pytest.mark.parametrize(
    ("valid", "invalid", "told"),
    [
        ([RUN], [], "valid example 1:\n    not expected: example.py:4: ACM101 [inferred] at 1-4:25"),
        ([], [RUN], "invalid example 1:\n    marks no line\n    not expected: example.py:4: ACM101"),
        ([], [f"{HEAD}x = 1  # error: ACM101\n"], "invalid example 1:\n    not found: example.py:4: ACM101"),
        ([MARKED], [], "valid example 1:\n    marks a line; a valid one has no mark"),
        (
            [],
            [MARKED.replace("inferred", "certain")],
            "differs: example.py:4: ACM101 [certain], found [inferred]",
        ),
        (
            [],
            [MARKED.replace("ACM101 [inferred]", "ACM101, ACM101")],
            "found too few times: example.py:4: ACM101",
        ),
        (["x = (\n"], [], "was never closed"),
    ],
)
def test_examples_that_do_not(valid: list[Example], invalid: list[Example], told: str) -> None:
    with pytest.raises(AssertionError) as raised:
        assert_rule(Run, valid, invalid)
    assert told in str(raised.value)


def test_a_rule_that_raises_fails() -> None:
    with pytest.raises(AssertionError, match=r"internal error: ACM101 run at example.py: KeyError: 'x'"):
        assert_rule(Failing, valid=[RUN])


def test_a_mark_that_is_none_is_refused() -> None:
    with pytest.raises(MarkError, match=r"example.py:4: a mark that is not '# error: CODE'"):
        assert_rule(Run, invalid=[f"{RUN}  # error: acm101\n"])


@pytest.mark.parametrize("lines", [str, lambda text: text.replace("\n", "\r\n")])
def test_what_is_underlined(lines: Callable[[str], str]) -> None:
    text = f"{HEAD}async def größe():\n    with get_plugin() as x:\n        return 'ä', x\n"
    found = [(each.message, *each.span) for each in found_by(Blocks, {"a.py": lines(text)})]
    assert found == [
        ("a function", 4, 11, 4, 16),
        ("a block", 5, 5, 5, 28),
        ("a statement", 6, 9, 6, 22),
    ]


def test_a_message_is_one_line() -> None:
    assert [each.message for each in found_by(Run, {"a.py": RUN})] == ["a run"]
