"""The places that run plugins: how a policy names them, and how much they do around a run."""

from __future__ import annotations

import ast
from typing import NamedTuple

from phase12_lint.adopt.init.helpers import helpers
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.syntax.tries import tries_around
from phase12_lint.values.project import Project


class Home(NamedTuple):
    """The class or function that plugins are run in: the name for a policy, and how many of the runs it holds.

    They stand in the functions ``within`` it; ``guarded`` if one stands where what it raises is caught.
    """

    name: str
    scope: Scope
    runs: int
    within: tuple[Scope, ...] = ()
    guarded: bool = False


class Homes(NamedTuple):
    """Where plugins are run, most first; how many places do, and the first of them."""

    homes: tuple[Home, ...]
    total: int
    first: str


def care(project: Project, home: Home, method: str) -> int:
    """How much ``home`` does around the runs: what raises is caught, and by the names of what it is and calls."""
    named = "Runner" in home.name or "Executor" in home.name
    around = [sum(bool(guess.names) for guess in helpers(project, scope, method)) for scope in home.within]
    return named + home.guarded + max(around, default=0)


def in_order(project: Project, found: Homes, method: str) -> Homes:
    """``found``, the likeliest first: what holds most and takes most care; of equals what the program names more."""

    def weight(home: Home) -> tuple[float, int]:
        return care(project, home, method) + 2 * home.runs / found.total, _mentions(project, home.scope.name)

    ordered = sorted(found.homes, key=weight, reverse=True) if len(found.homes) > 1 else found.homes
    return found._replace(homes=tuple(ordered))


def _mentions(project: Project, name: str) -> int:
    return sum(len(module.loads.get(name, ())) for module in project.modules_with(name))


def most_careful(project: Project, found: Homes, method: str) -> tuple[str, ...]:
    """The names of those of ``found`` that take the most care."""
    taken = {home.name: care(project, home, method) for home in found.homes}
    return tuple(name for name in taken if taken[name] == max(taken.values()))


def is_guarded(module: Module, node: ast.AST) -> bool:
    """Whether what ``node`` raises is caught in the function that it stands in."""
    return any(each.handlers for each in tries_around(module, node))


def class_name(project: Project, scope: Scope) -> str:
    """The name of a class, with its module where another class has the same."""
    same = [
        each for module in project.modules_with(scope.name) for each in module.classes.get(scope.name, ())
    ]
    return scope.name if len(same) == 1 else f"{module_name(scope.module.path)}.{scope.qualified_name}"


def module_name(path: str) -> str:
    """How a policy names the module at ``path``."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return ".".join(part for part in parts if part not in ("src", "lib"))
