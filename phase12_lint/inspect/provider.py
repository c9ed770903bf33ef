"""libcst's view of the program: of each node of a tree what the program knows there, as metadata.

The program reads with ``ast``, which loses parentheses, and finds tuples and generators by their brackets, which libcst
does not. So an expression is met by its place without brackets, a tuple and a generator by what is in them.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, TypeAlias

import libcst as cst
from libcst.metadata import CodeRange, PositionProvider, VisitorMetadataProvider

from phase12_lint.calls.access import access, call_access
from phase12_lint.calls.governed_calls import GovernedCall, governed_calls
from phase12_lint.calls.layers import layer_name, layer_of
from phase12_lint.inspect.underlined import name_of, whole
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.callables import CALL
from phase12_lint.values.evidence import evidence
from phase12_lint.values.places import Evidence, RunAccess
from phase12_lint.values.program import Program

Key: TypeAlias = tuple[Any, ...]
_UNKNOWN_PLACES = (ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.Slice)  # nothing is known of one
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPED = (cst.FunctionDef, cst.ClassDef, cst.Lambda)


class Known:
    """What the program knows of one place in its code. Each answer is worked out when it is asked for.

    An answer that is an ``Evidence`` says what the expression is called in the code (``what``), how sure that is
    (``confidence``), and how it is known (``hops``); None: it is not so.
    """

    def __init__(self, program: Program, module: Module, scope: Scope, node: ast.AST | None) -> None:
        self._program = program
        self._module = module
        self._scope = scope
        self._node = node

    @property
    def plugin(self) -> Evidence | None:
        """Whether the expression is a plugin."""
        return self._role("plugin")

    @property
    def plugin_class(self) -> Evidence | None:
        """Whether the expression is a plugin class."""
        return self._role("plugin class")

    @property
    def runner(self) -> Evidence | None:
        """Whether the expression is the choke point, or an object of it."""
        return self._role("runner") or self._role("runner class")

    @property
    def plugin_run(self) -> Evidence | None:
        """Whether the call is one of a plugin's governed method, such as ``plugin.run(page)``."""
        called = self._node.func if isinstance(self._node, ast.Call) else None
        methods, scope = self._program.policy.plugin_methods, self._module.bound(self._scope)
        if isinstance(called, ast.Attribute) and called.attr in methods:
            facts = access(self._program, called, scope)
        elif called is not None and CALL in methods:
            facts = call_access(self._program, called, scope)
        else:
            return None
        runs = (fact for fact in facts if isinstance(fact, RunAccess) and fact.use == "called")
        return next((fact.evidence for fact in runs), None)

    @property
    def governed_call(self) -> Evidence | None:
        """Whether the call is governed: it reaches the choke point, through any number of calls."""
        call = self._call()
        return call.evidence if call is not None else None

    @property
    def called_layer(self) -> str:
        """The layer whose method a governed call calls; empty if it is no governed call, or calls a helper."""
        call = self._call()
        return layer_name(self._program, call.layer) if call is not None and call.layer is not None else ""

    @property
    def layer(self) -> str:
        """The layer whose code this is, as the policy calls it, ``API`` being the first; empty if it is of none."""
        number = layer_of(self._program, self._module.bound(self._scope))
        return "" if number is None else layer_name(self._program, number)

    def _call(self) -> GovernedCall | None:
        return governed_calls(self._program).get(self._node) if isinstance(self._node, ast.expr) else None

    def _role(self, role: str) -> Evidence | None:
        if not isinstance(self._node, ast.expr):
            return None
        return evidence(self._program, self._node, self._module.bound(self._scope), role)


class ProgramProvider(VisitorMetadataProvider[Known]):
    """What the program knows of each node. Its cache is the program and the module that the tree is of."""

    METADATA_DEPENDENCIES = (PositionProvider,)
    gen_cache = staticmethod(lambda *_: {})

    def __init__(self, cache: object = None) -> None:
        super().__init__(cache)
        assert isinstance(cache, tuple)
        self._program: Program = cache[0]
        self._module: Module = cache[1]
        self._nodes = nodes_by_key(self._module)
        self._scopes = [self._module.scope]

    def on_visit(self, node: cst.CSTNode) -> bool:
        met = self._nodes.get(self.key_of(node))
        if isinstance(node, _SCOPED):
            self._scopes.append(
                self._module.scope_of_node.get(met, self._scopes[-1]) if met else self._scopes[-1]
            )
        scope = (
            self._module.scopes.get(met, self._scopes[-1]) if isinstance(met, ast.expr) else self._scopes[-1]
        )
        self.set_metadata(node, Known(self._program, self._module, scope, met))
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, _SCOPED):
            self._scopes.pop()

    def key_of(self, node: cst.CSTNode) -> Key:
        """How ``node`` is met; empty if the program has nothing there."""
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            name = self._range(node.name).start
            return ("defined", name.line, name.column + 1)
        if isinstance(node, cst.Tuple):
            return ("Tuple", *(self.key_of(element) for element in node.elements))
        if isinstance(node, cst.GeneratorExp):
            return ("GeneratorExp", self.key_of(node.elt))
        if isinstance(node, (cst.Element, cst.Arg)):  # as its value
            return self.key_of(node.value)
        if isinstance(node, cst.StarredElement):
            return ("Starred", self.key_of(node.value))
        if not isinstance(node, cst.BaseExpression):
            return ()
        found = self._range(node)
        return (found.start.line, found.start.column + 1, found.end.line, found.end.column + 1)

    def _range(self, node: cst.CSTNode) -> CodeRange:
        found: CodeRange | object = self.get_metadata(PositionProvider, node)
        assert isinstance(found, CodeRange)
        return found


def nodes_by_key(module: Module) -> Mapping[Key, ast.AST]:
    """The expressions and definitions of ``module`` by how they are met."""
    nodes = (node for node in ast.walk(module.tree) if isinstance(node, (ast.expr, *_DEFINITIONS)))
    return {_key_of(module, node): node for node in nodes if not isinstance(node, _UNKNOWN_PLACES)}


def _key_of(module: Module, node: ast.AST) -> Key:
    if isinstance(node, _DEFINITIONS):
        return ("defined", *name_of(module, node)[:2])
    if isinstance(node, ast.Tuple):
        return ("Tuple", *(_key_of(module, element) for element in node.elts))
    if isinstance(node, ast.GeneratorExp):
        return ("GeneratorExp", _key_of(module, node.elt))
    if isinstance(node, ast.Starred):
        return ("Starred", _key_of(module, node.value))
    return tuple(whole(module, node))
