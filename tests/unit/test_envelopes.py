"""Whether an expression is an envelope, whatever way it came about."""

from __future__ import annotations

import pytest

from phase12_lint.policy import Policy
from phase12_lint.taint.envelopes import is_envelope
from phase12_lint.values.program import Program
from phase12_lint.values.project import Project

PRELUDE = """
from governance import build_error_envelope, other

def made(exc):
    return build_error_envelope(exc, "ocr")

def pair(exc):
    return None, build_error_envelope(exc, "ocr")

def f(exc, debug, given=None):
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return build_error_envelope(exc, 'ocr')", True),
        ("return made(exc)", True),
        ("return pair(exc)[1]", True),
        ("_, error = pair(exc); return error", True),
        ("error = made(exc) if debug else build_error_envelope(exc, 'x'); return error", True),
        ("return {'error': {'type': 'X', 'message': 'm'}}", True),
        ("return made(exc) if debug else str(exc)", False),
        ("return {'error': str(exc)}", False),
        ("return pair(exc)[0]", False),
        ("return other(exc)", False),
        ("return given", False),
        ("return None", False),
    ],
)
def test_every_way_must_be_an_envelope(body: str, expected: bool) -> None:
    text = PRELUDE + "".join(f"    {line.strip()}\n" for line in body.split(";"))
    program = Program(Project({"app.py": text.encode()}, frozenset()), Policy())
    module = program.project.module("app.py")
    assert module is not None
    scope = module.bound(module.functions["f"][0])
    assert is_envelope(program, scope.returns[0], scope) is expected
