"""What is read from the rules' sources is what the rules say of themselves."""

from __future__ import annotations

import subprocess
import sys
from inspect import cleandoc

from phase12_lint.rulebook import HEADINGS, rulebook
from phase12_lint.rules import catalogue


def test_it_is_the_catalogue() -> None:
    said = [
        (
            rule.code,
            rule.name,
            rule.section,
            rule.default,
            rule.by_noqa,
            cleandoc(rule.__doc__ or "").split("\n\n")[0],
        )
        for rule in catalogue()
    ]
    read = [
        (each.code, each.name, each.section, each.default, each.by_noqa, each.summary)
        for each in rulebook().values()
    ]
    assert read == said


def test_every_rule_follows_the_outline() -> None:
    for entry in rulebook().values():
        assert list(entry.parts) == list(HEADINGS), entry.code
        assert all([entry.summary, entry.hint, *entry.parts.values()]), entry.code


def test_it_needs_no_libcst() -> None:
    script = "import sys, phase12_lint.rulebook as book; book.rulebook(); sys.exit('libcst' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
