"""What is read from the rules' sources is what the rules say of themselves."""

from __future__ import annotations

import subprocess
import sys

from phase12_lint.rulebook import HEADINGS, rulebook
from phase12_lint.rules import catalogue


def test_it_is_the_catalogue() -> None:
    said = [(rule.code, rule.name, rule.section, rule.summary, rule.default) for rule in catalogue()]
    assert [entry[:5] for entry in rulebook().values()] == said


def test_every_rule_follows_the_outline() -> None:
    for entry in rulebook().values():
        assert list(entry.parts) == ["", *HEADINGS], entry.code
        assert all(entry.parts.values()), entry.code
        assert entry.hint, entry.code


def test_it_needs_no_libcst() -> None:
    script = "import sys, phase12_lint.rulebook as book; book.rulebook(); sys.exit('libcst' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
