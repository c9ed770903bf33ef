"""The envelope builder: the functions that the policy names, and those that only they call."""

from __future__ import annotations

from phase12_lint.calls.policy_calls import is_one_of
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.frames import Frame
from phase12_lint.values.program import Program


def is_builder(program: Program, scope: Scope) -> bool:
    """Whether the policy names the function ``scope`` as the envelope builder."""
    return scope.is_function and is_one_of(scope, program.policy.envelope_builders)


def is_of_builder(program: Program, scope: Scope) -> bool:
    """Whether ``scope`` stands in the envelope builder, or is a function that only the builder calls."""
    reached = False
    seen: set[Scope] = set()
    pending = [scope]
    while pending:
        current = pending.pop()
        if any(is_builder(program, outer) for outer in current.chain()):
            reached = True
        elif current not in seen:
            seen.add(current)
            callers = {frame.shape.where for frame in _calls_of(program, current)}
            if not callers or None in callers:
                return False
            pending += [caller for caller in callers if caller is not None]
    return reached


def _calls_of(program: Program, scope: Scope) -> frozenset[Frame]:
    return program.ask(("frames", scope)) if scope.is_function else frozenset()
