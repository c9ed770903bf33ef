"""What texts an expression may come to: what is written out of it, what was asked of it, and what calls pass decide."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from string import Formatter
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Assigned, Definition, Param, Phi, Refined, Scope, bases
from phase12_lint.values import folding, narrowing
from phase12_lint.values.atoms import Atom, Text, Value
from phase12_lint.values.ordering import frame_order

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_ANYTHING = ".*"
_LEAST = 2  # letters, as in ``do_``: what is known of a name that is to stand for it
_PLACE = re.compile(r"%%|%(?:\(\w*\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[a-zA-Z]")
_CASES = {
    "upper": "[^a-z]*",
    "lower": "[^A-Z]*",
    "casefold": "[^A-Z]*",
    "capitalize": "[^a-z].*",
    "title": "[^a-z].*",
}


def may_be_written(node: ast.expr, text: str) -> bool:
    """Whether what the expression ``node`` itself writes out allows it to come to ``text``."""
    return _matches(_Reader(None).pattern(node, None), text)


def may_be(program: Program, node: ast.expr, scope: Scope, text: str) -> bool:
    """Whether the expression ``node`` in ``scope`` may come to ``text``."""
    return _Reader(program).may_be(node, scope, text)


def spelled(node: ast.expr, scope: Scope) -> re.Pattern[str] | None:
    """All that ``node`` may come to by what it and the variables in it write out; None if that says nothing."""
    scope.module.bound(scope)
    pattern = _Reader(None).pattern(node, scope)
    said = re.sub(r"\[.*?\]|\.\*|\\.", "", pattern)
    return re.compile(pattern, re.DOTALL) if sum(map(str.isalnum, said)) >= _LEAST else None


def spellings(program: Program, name: ast.expr, scope: Scope) -> Value:
    """What ``name`` may spell; behind a parameter, however declared, stand the texts that calls pass."""
    value = folding.as_names(program.evaluate(name, scope))
    if isinstance(name, ast.Name) and not folding.strings(value):
        known = scope.module.definitions.get(name, ())
        if known and all(isinstance(definition, Param) for definition in bases(known)):
            given = program.join(_given(program, each, frozenset()) for each in bases(known))
            return frozenset(
                atom
                for atom in given
                if not isinstance(atom, Text) or may_be(program, name, scope, atom.text)
            )
    return value


def _given(program: Program, definition: Definition, met: frozenset[Definition]) -> Value:
    """What calls pass for a parameter, also where that is a parameter in turn."""
    value: Value = program.ask(("parameter", definition, None))
    if folding.strings(value) or not isinstance(definition, Param) or definition in met:
        return value
    found: set[Atom] = set()
    for frame in sorted(program.ask(("frames", definition.scope)), key=frame_order):
        for argument in frame.bound.get(definition.node.arg, ()):
            node, where = argument.node, argument.scope
            outer = list(bases(where.module.definitions.get(node, ()))) if isinstance(node, ast.Name) else []
            if outer and not argument.path and all(isinstance(each, Param) for each in outer):
                found |= program.join(_given(program, each, met | {definition}) for each in outer)
            else:
                found |= program.argument(argument)
    return frozenset(found) if folding.strings(frozenset(found)) else value


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.DOTALL) is not None


class _Reader:
    """Reads expressions, each definition once; with no program, without asking what names stand for."""

    def __init__(self, program: Program | None) -> None:
        self._program = program
        self._met: set[Definition] = set()

    def may_be(self, node: ast.expr, scope: Scope, text: str) -> bool:
        known = self._known(node, scope)
        if known:
            return text in known
        if isinstance(node, ast.Name):
            definitions = scope.module.definitions.get(node, ())
            return not definitions or any(self._defines(each, text) for each in definitions)
        return _matches(self.pattern(node, scope), text)

    def _defines(self, definition: Definition, text: str) -> bool:
        if definition in self._met:
            return False
        self._met.add(definition)
        if isinstance(definition, (Refined, Phi)):
            is_left = not isinstance(definition, Refined) or self._passes(definition, text)
            return is_left and any(self._defines(each, text) for each in definition.previous)
        value = _value_of(definition)
        return value is None or self.may_be(value, definition.scope, text)

    def _passes(self, definition: Refined, text: str) -> bool:
        """Whether ``text`` passes the test behind which the definition stands."""
        assert self._program is not None
        asked, test = frozenset({Text(text)}), definition.test
        return bool(narrowing.refine(self._program, asked, test, definition.positive, definition.scope, None))

    def _known(self, node: ast.expr, scope: Scope | None) -> list[str]:
        if self._program is None or scope is None:
            return []
        return folding.strings(folding.as_names(self._program.evaluate(node, scope)))

    def pattern(self, node: ast.expr, scope: Scope | None) -> str:
        """A regular expression for all that ``node`` may come to."""
        if isinstance(node, ast.Constant):
            return re.escape(str(node.value))
        known = self._known(node, scope)
        if known:
            return f"(?:{'|'.join(map(re.escape, known))})"
        if isinstance(node, ast.JoinedStr):
            return "".join(self._part(part, scope) for part in node.values)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self.pattern(node.left, scope) + self.pattern(node.right, scope)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return self._filled_in(node.left, scope, _percent)
        if isinstance(node, ast.IfExp):
            return f"(?:{self.pattern(node.body, scope)}|{self.pattern(node.orelse, scope)})"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return self._of_method(node, node.func, scope)
        return self._of_name(node, scope) if isinstance(node, ast.Name) and scope is not None else _ANYTHING

    def _part(self, node: ast.expr, scope: Scope | None) -> str:
        if not isinstance(node, ast.FormattedValue):
            return self.pattern(node, scope)
        is_plain = node.conversion in (-1, ord("s")) and node.format_spec is None
        return self.pattern(node.value, scope) if is_plain else _ANYTHING

    def _of_name(self, node: ast.Name, scope: Scope) -> str:
        definitions = scope.module.definitions.get(node, ())
        value = _value_of(definitions[0]) if len(definitions) == 1 else None
        if value is None or definitions[0] in self._met:
            return _ANYTHING
        self._met.add(definitions[0])
        return self.pattern(value, definitions[0].scope)

    def _of_method(self, call: ast.Call, function: ast.Attribute, scope: Scope | None) -> str:
        if function.attr == "format":
            return self._filled_in(function.value, scope, _braces)
        if function.attr == "join" and call.args and isinstance(call.args[0], (ast.List, ast.Tuple)):
            between = self.pattern(function.value, scope)
            return between.join(self.pattern(item, scope) for item in call.args[0].elts)
        return _CASES.get(function.attr, _ANYTHING) if not call.args else _ANYTHING

    def _filled_in(self, template: ast.expr, scope: Scope | None, read: Callable[[str], str]) -> str:
        known = [template.value] if isinstance(template, ast.Constant) else self._known(template, scope)
        return "|".join(read(each) for each in known if isinstance(each, str)) or _ANYTHING


def _value_of(definition: Definition) -> ast.expr | None:
    """What is assigned as it is."""
    if not isinstance(definition, Assigned) or definition.path or isinstance(definition.node, ast.AugAssign):
        return None
    return definition.value


def _percent(template: str) -> str:
    parts = re.split(f"({_PLACE.pattern})", template)
    return "".join(
        "%" if part == "%%" else _ANYTHING if _PLACE.fullmatch(part) else re.escape(part) for part in parts
    )


def _braces(template: str) -> str:
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return _ANYTHING
    return "".join(re.escape(text) + (_ANYTHING if field is not None else "") for text, field, _, _ in parts)
