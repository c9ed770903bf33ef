"""Which functions the ways through an entry lead into: those from which something that the policy names is done.

*Domain.* Each function has a set of roles that it may come to: a plugin run, a validator, the envelope builder, the
metrics update. The choke point's own functions are asked forward, through what they call. Functions elsewhere count
only if something with a role stands in them, or in what they lead to: these are found from the other end, as the
callers of the places that mention a name of the policy or that run a plugin, and their callers. So code that has
nothing to do with the policy is never evaluated, however much of it the choke point calls.

*Why it ends.* Both directions visit each function once; functions that call each other share one answer (Tarjan's
strongly connected components, SIAM Journal on Computing, 1972).

*Example.* ``ToolRunner.run`` calls ``self._prepare`` and ``settings.load``. ``_prepare`` is asked; ``load`` is not,
for no line that mentions a validator, the builder or the update leads to it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from phase12_lint.calls.decorated import wrappers_of
from phase12_lint.execution.callees import callees
from phase12_lint.execution.roles import RUN, Roles
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Assigned, Imported, Param, Scope, bases, last_name
from phase12_lint.taint.domain import ERROR_KEY
from phase12_lint.values.atoms import Function, Instance
from phase12_lint.values.frames import Frame
from phase12_lint.values.program import Program

_BRANCHES = (ast.If, ast.While, ast.IfExp, ast.Assert)
Roled = frozenset[str]
NOTHING: Roled = frozenset()


class Reach:
    """What the functions of one program may come to."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.roles = program.once(Roles)
        self._known: dict[Scope, Roled] = {}
        self._own_roles: dict[Scope, tuple[Roled, tuple[Scope, ...]]] = {}
        self._elsewhere: dict[Scope, None] | None = None
        self._names: set[str] = set()
        self._asked = 0
        self._decorators: dict[Scope, None] = {}
        self._recursive: dict[Scope, bool] = {}

    def is_own(self, scope: Scope) -> bool:
        """Whether ``scope`` stands in what the policy names as the choke point, or is put in its place."""
        return self.program.choke.holds(scope) or any(outer in self._decorators for outer in scope.chain())

    def add_wrapper(self, scope: Scope) -> None:
        """The functions around ``scope``, which a decorator put in the place of an entry, are the choke point's own."""
        self._decorators |= dict.fromkeys(each for each in scope.chain() if each.is_function)

    def leads(self, scope: Scope) -> bool:
        """Whether a call of ``scope`` may have a part in what the rules ask."""
        return (self.is_own(scope) or scope in self.elsewhere) and bool(self.roles_of(scope))

    def roles_of(self, scope: Scope) -> Roled:
        """The roles of the calls that ``scope`` makes, itself or through others."""
        if scope not in self._known:
            self._visit(scope)
        return self._known[scope]

    def _visit(self, start: Scope) -> None:
        """Tarjan's algorithm, without recursion: a component is known when all that it calls is."""
        index: dict[Scope, int] = {start: 0}
        low: dict[Scope, int] = {start: 0}
        open_: list[Scope] = [start]
        work: list[tuple[Scope, Iterator[Scope]]] = [(start, iter(self._direct(start)[1]))]
        while work:
            scope, following = work[-1]
            each = next(following, None)
            if each is not None:
                if each in self._known:
                    continue
                if each in index:
                    low[scope] = min(low[scope], index[each])
                else:
                    index[each] = low[each] = len(index)
                    open_.append(each)
                    work.append((each, iter(self._direct(each)[1])))
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[scope])
            if low[scope] == index[scope]:
                at = open_.index(scope)
                component, open_ = open_[at:], open_[:at]
                parts = [self._direct(member) for member in component]
                roles = frozenset(role for own, _ in parts for role in own)
                for _, called in parts:
                    roles |= frozenset(role for one in called for role in self._known.get(one, NOTHING))
                self._known |= dict.fromkeys(component, roles)

    def _direct(self, scope: Scope) -> tuple[Roled, tuple[Scope, ...]]:
        """The roles of the calls that stand in ``scope``, and the functions worth asking that it calls."""
        if scope not in self._own_roles:
            self._own_roles[scope] = NOTHING, ()
            roles: set[str] = set()
            called: dict[Scope, None] = {}
            module = scope.module
            module.bound(scope)
            accesses = self.roles.accesses(module)
            for node in ast.walk(scope.node):
                where = module.scopes.get(node)
                if where is None or scope not in where.chain():
                    continue
                if node in accesses or self.roles.calls_kept(node):
                    roles.add(RUN)
                if isinstance(node, ast.Call):
                    roles.add(self.roles.of_call(node, where, None))
                    if self._may_lead(node.func, where):
                        called |= {each: None for _, each in callees(self.program, node, where, None)}
                    called |= dict.fromkeys(self.handed(node, where, None))
                elif isinstance(node, (ast.With, ast.AsyncWith)):
                    called |= dict.fromkeys(self._managers(node, where))
            roles.discard("")
            called = {each: None for each in called if self._is_asked(each)}
            self._own_roles[scope] = frozenset(roles), tuple(called)
        return self._own_roles[scope]

    def handed(self, call: ast.Call, scope: Scope, frame: Frame | None) -> Iterator[Scope]:
        """The functions worth asking that ``call`` hands over: what it is handed to may call them."""
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            inner = argument.args if isinstance(argument, ast.Call) else (argument,)  # also in ``partial``
            for node in inner:
                if self._may_be_own(node, scope):
                    for atom in self.program.evaluate(node, scope, frame):
                        if isinstance(atom, Function) and self._is_asked(atom.scope):
                            yield atom.scope

    def _is_asked(self, scope: Scope) -> bool:
        return self.is_own(scope) or scope in self.elsewhere

    def _may_lead(self, node: ast.expr, scope: Scope) -> bool:
        """Whether what is called may be a function worth asking: by its name, or under one that somebody gave it."""
        if isinstance(node, ast.Attribute):
            return node.attr in self._asked_names or node.attr in self._stored
        if not isinstance(node, ast.Name) or node.id in self._asked_names:
            return True
        scope.module.bound(scope)
        reaching = scope.module.definitions.get(node)
        return reaching is None or any(
            isinstance(each, (Assigned, Param))
            or (isinstance(each, Imported) and each.node.asname is not None)
            for each in bases(reaching)
        )

    def _may_be_own(self, node: ast.expr, scope: Scope) -> bool:
        if isinstance(node, ast.Lambda) or last_name(node) in self._asked_names:
            return True
        scope.module.bound(scope)
        return isinstance(node, ast.Name) and any(
            isinstance(definition, Assigned)
            and definition.value is not None
            and (isinstance(definition.value, ast.Lambda) or last_name(definition.value) in self._asked_names)
            for definition in bases(scope.module.definitions.get(node, ()))
        )

    @cached_property
    def _asked_names(self) -> frozenset[str | None]:
        """The names of the functions worth asking: the choke point's own, and those elsewhere that lead somewhere."""
        choke = self.program.choke
        pending = [
            *choke.classes,
            *choke.functions,
            *choke.bases,
            *(module.scope for module in choke.modules),
        ]
        pending += self._decorators
        found: set[str] = {scope.name for scope in choke.functions}
        for scope in pending:
            pending += scope.children
            found.update(child.name for child in scope.children if child.is_function)
        return frozenset(found.union(each.name for each in self.elsewhere))

    @cached_property
    def _stored(self) -> frozenset[str]:
        """The attributes that the choke point's files store something in: perhaps a function."""
        choke = self.program.choke
        modules = {scope.module for scope in (*choke.classes, *choke.functions, *choke.bases)} | choke.modules
        return frozenset(name for module in modules for name in (*module.stores, *module.stored_by_text))

    def _managers(self, node: ast.With | ast.AsyncWith, scope: Scope) -> Iterator[Scope]:
        for item in node.items:
            for atom in self.program.evaluate(item.context_expr, scope):
                if isinstance(atom, Instance):
                    for name in ("__enter__", "__exit__", "__aenter__", "__aexit__"):
                        method = self.program.method(atom, name)
                        if method is not None:
                            yield method.scope

    # what is kept of calls that are not entered

    def may_tell(self, scope: Scope) -> bool:
        """Whether what a function of the choke point leaves behind may decide a test or be an envelope: it writes a
        dict, or stores an attribute that a test or a result reads, or a variable of a function around it.
        """
        return any(map(self._tells, self.own_called(scope)))

    def own_called(self, scope: Scope) -> Iterator[Scope]:
        """``scope`` and the choke point's own functions that it leads to."""
        seen = {scope}
        pending = [scope]
        while pending:
            each = pending.pop()
            yield each
            more = [one for one in self._direct(each)[1] if one not in seen and self.is_own(one)]
            seen.update(more)
            pending += more

    def is_recursive(self, scope: Scope) -> bool:
        """Whether ``scope`` may come to be called while it is being executed."""
        if scope not in self._recursive:
            seen: set[Scope] = set()
            pending = [*self._direct(scope)[1]]
            while pending and scope not in seen:
                each = pending.pop()
                if each not in seen:
                    seen.add(each)
                    pending += self._direct(each)[1]
            self._recursive[scope] = scope in seen
        return self._recursive[scope]

    def _tells(self, scope: Scope) -> bool:
        for node in ast.walk(scope.node):
            if isinstance(node, ast.Nonlocal):
                return True
            if isinstance(node, ast.Dict):
                if any(key is None or getattr(key, "value", "") == ERROR_KEY for key in node.keys):
                    return True
            elif (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)
                and node.attr in self._told()
            ):
                return True
        return False

    def _told(self) -> set[str]:
        """The attributes by which functions that lead somewhere decide their way, or that they give back."""
        if self._asked != len(self._known):
            self._asked = len(self._known)
            self._names = {
                node.attr
                for scope, roles in self._known.items()
                for part in (_deciding(scope.node) if roles else ())
                for node in ast.walk(part)
                if isinstance(node, ast.Attribute)
            }
        return self._names

    # functions elsewhere

    @property
    def elsewhere(self) -> dict[Scope, None]:
        """The functions outside the choke point from which something with a role is reached."""
        if self._elsewhere is None:
            self._elsewhere = {}
            pending = list(dict.fromkeys(map(_function_of, self._mentioning())))
            while pending:
                scope = pending.pop()
                if scope is None or scope in self._elsewhere or self.is_own(scope) or scope.module.exempt:
                    continue
                self._elsewhere[scope] = None
                pending += [each.scope for each in wrappers_of(self.program, scope)]
                pending += [_function_of(place.scope) for place in self.program.references(scope)]
        return self._elsewhere

    def _mentioning(self) -> Iterator[Scope]:
        """Where something with a role is mentioned: by a word of the policy, or as the run of a plugin."""
        yield from (fact.scope for fact in self.roles.all_accesses())
        for module in self.roles.mentioning():
            yield from self._mentions(module)

    def _mentions(self, module: Module) -> Iterator[Scope]:
        names = set(filter(self.roles.is_word, module.loads))
        for statement, _ in module.imports:
            names |= {
                each.asname for each in statement.names if each.asname and self.roles.is_word(each.name)
            }
        for name in sorted(names):
            yield from (module.scopes[node] for node in module.loads.get(name, ()))
        for name in filter(self.roles.is_word, module.functions):
            for scope in module.functions[name]:
                if self.roles.of_function(scope):
                    yield from (place.scope for place in self.program.references(scope))


def _function_of(scope: Scope) -> Scope | None:
    """The outermost function around ``scope``: what is nested in it belongs to it."""
    return next((each for each in reversed(list(scope.chain())) if each.is_function), None)


def _deciding(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a function's body that decide which way it goes, or that it gives back."""
    for each in ast.walk(node):
        if isinstance(each, _BRANCHES):
            yield each.test
        elif isinstance(each, (ast.Return, ast.Yield)) and each.value is not None:
            yield each.value
        elif isinstance(each, ast.BoolOp):
            yield each
