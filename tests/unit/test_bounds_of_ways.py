"""A bound on the ways through an entry that is met says so, with the function and the place."""

from __future__ import annotations

import pytest

from phase12_lint.execution import builder, origins, statements
from phase12_lint.facts import validation
from phase12_lint.policy import Policy
from phase12_lint.values.program import Program
from phase12_lint.values.project import Project

RUNNER = b"""
class Plugin:
    def run(self, image): ...


class ToolRunner:
    def __init__(self, plugin: Plugin):
        self.plugin = plugin

    def run(self, image):
        try:
            return self._inner(image)
        finally:
            print("done")

    def _inner(self, image):
        return self.plugin.run(image)
"""


def asked() -> Program:
    program = Program(Project({"app.py": RUNNER}, frozenset()), Policy())
    list(validation.validation(program))
    return program


def test_nothing_is_cut_of_what_is_small() -> None:
    assert not asked().notes


@pytest.mark.parametrize(
    ("module", "name", "place"),
    [
        (builder, "MOST_STEPS", "`ToolRunner.run` (app.py:12)"),
        (statements, "MOST_STEPS", "`ToolRunner.run` (app.py:11)"),
        (origins, "_MOST", "`ToolRunner"),
    ],
)
def test_what_is_cut_is_told(monkeypatch: pytest.MonkeyPatch, module: object, name: str, place: str) -> None:
    monkeypatch.setattr(module, name, -1)
    assert any(place in note for note in asked().notes)
