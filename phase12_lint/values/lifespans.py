"""What a lifespan yields is the state of each request: ``request.state.tool`` under ``FastAPI(lifespan=start)``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.values import frameworks
from phase12_lint.values.atoms import NOTHING, Atom, Container, Instance, Method, Value

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def given(program: Program, atom: Atom, name: str) -> Value:
    """What the lifespans of the program yield under ``name``, if ``atom`` is the state of a request."""
    if not isinstance(atom, Method) or atom.name != "state" or not isinstance(atom.owner, Instance):
        return NOTHING
    if atom.owner.cls not in frameworks.WITH_LIFESPAN:
        return NOTHING
    states = program.once(_states)
    return program.join(program.element(each, ("key", name)) for each in states)


def _states(program: Program) -> list[Container]:
    """The tables that lifespans of applications yield."""
    found: dict[Container, None] = {}
    for module in program.project.modules_with("lifespan"):
        for node in module.nodes:
            if not isinstance(node, ast.keyword) or node.arg != "lifespan":
                continue
            scope = module.scopes[node.value]
            started = program.call_value(program.evaluate(node.value, scope), node.value, scope, None)
            yielded = program.iterate(started)
            found.update(dict.fromkeys(each for each in yielded if isinstance(each, Container)))
    return list(found)
