"""What an expression is made from: the variables, attributes and calls that its value comes through.

An origin is a ``Definition`` of a local variable or parameter, a call, or an attribute of ``self`` (its class and
name). Two expressions share a root variable if they have an origin in common.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from phase12_lint.execution.callees import functions
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Assigned, Definition, Param, Scope, bases
from phase12_lint.syntax.stores import source_of
from phase12_lint.values import handing
from phase12_lint.values.atoms import Function, Instance, Partial
from phase12_lint.values.frames import Frame, shape_of
from phase12_lint.values.parameters import is_self, takes_receiver
from phase12_lint.values.program import Program

Origin = object
Origins = Mapping[Origin, Scope]
_Work = tuple[ast.AST, Scope, "Frame | None"]
_MOST = 20_000
_HANDED_IN = (ast.keyword, ast.Tuple, ast.List, ast.Dict)  # in a call: ``Thread(target=f, args=(given,))``
PUTTING = {"append", "appendleft", "add", "insert", "extend", "update", "setdefault", "put", "put_nowait"}


def origins(
    program: Program,
    nodes: Iterable[ast.AST],
    scope: Scope,
    frame: Frame | None,
    follows: Callable[[Scope], bool],
    skip: Collection[ast.AST] = (),
) -> Origins:
    """Every origin of ``nodes``, in ``scope`` under ``frame``, with the scope it stands in.

    What a call returns is looked for in the functions that ``follows`` lets through. What is below the nodes ``skip``
    does not count.
    """
    return _Tracer(program, skip, follows).trace([(node, scope, frame) for node in nodes])


class _Tracer:
    def __init__(self, program: Program, skip: Collection[ast.AST], follows: Callable[[Scope], bool]) -> None:
        self.program = program
        self.skip = skip
        self.follows = follows
        self.found: dict[Origin, Scope] = {}
        self.pending: list[_Work] = []
        self.seen: set[tuple[ast.AST, Frame | None]] = set()
        self.filled: set[tuple[str, Scope, Frame | None, str | None]] = set()

    def trace(self, work: list[_Work]) -> Origins:
        self.pending = work
        while self.pending:
            node, scope, frame = self.pending.pop()
            if len(self.seen) >= _MOST:
                where = f"{scope.module.path}:{getattr(node, 'lineno', 0)}"
                self.program.note(
                    f"what is given in `{scope.qualified_name}` ({where}) comes from too far away; "
                    "the rest of it is not known"
                )
                break
            if (node, frame) not in self.seen and node not in self.skip:
                self.seen.add((node, frame))
                self._visit(node, scope, frame)
        return self.found

    def _visit(self, node: ast.AST, scope: Scope, frame: Frame | None) -> None:
        if isinstance(node, ast.Lambda):
            return
        if isinstance(node, ast.Name):
            self._name(node, scope, frame)
            return
        if isinstance(node, ast.Attribute) and is_receiver(node.value, scope):
            self._of_self(node, scope, frame)
            return
        if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.value, ast.Name):
            part = part_of(node)
            if part is None and isinstance(node, ast.Subscript):
                self.pending.append((node.slice, scope, frame))
            self._name(node.value, scope, frame, part)
            return
        if isinstance(node, ast.Call):
            self.found[node] = scope
            self._results(node, scope, frame)
        children = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr_context)]
        self.pending += [(child, scope, frame) for child in reversed(children)]

    def _name(self, node: ast.Name, scope: Scope, frame: Frame | None, part: str | None = None) -> None:
        """What the variable ``node`` is made from; of what is stored in it, only its ``part``."""
        for definition in definitions_of(node, scope):
            under = frame_of(definition.scope, frame)
            if isinstance(definition, Param):
                if definition.index == 0 and takes_receiver(definition.scope):
                    self._receiver(under, part)
                else:
                    self.found[definition] = definition.scope
                    self._arguments(definition, under)
                    self._stored_in(node.id, definition.scope, under, part)
            elif isinstance(definition, Assigned) and definition.scope.is_function:
                self.found[definition] = definition.scope
                if definition.value is not None and not isinstance(definition.node, ast.ExceptHandler):
                    self.pending.append((definition.value, definition.scope, under))
                self._stored_in(node.id, definition.scope, under, part)

    def _receiver(self, frame: Frame | None, part: str | None) -> None:
        """The variable that the method was called on under ``frame``, which holds the same object as ``self``."""
        called = frame.site.func if frame is not None and isinstance(frame.site, ast.Call) else None
        owner = called.value if isinstance(called, ast.Attribute) else None
        if frame is not None and frame.scope.name == "__call__":
            owner = called
        if frame is not None and frame.shape.where is not None and isinstance(owner, ast.Name):
            self._name(owner, frame.shape.where, frame.caller, part)

    def _arguments(self, param: Param, frame: Frame | None) -> None:
        if frame is None:
            return
        given = frame.bound.get(param.node.arg, ())
        if param.kind == "star":
            given = frame.extra
        elif param.kind == "starstar":
            given = tuple(argument for _, argument in frame.extra_keywords)
        self.pending += [(each.node, each.scope, each.frame) for each in given]

    def _stored_in(self, name: str, scope: Scope, frame: Frame | None, part: str | None) -> None:
        """What is stored in items and attributes of the object that the variable holds."""
        if (name, scope, frame, part) in self.filled:
            return
        self.filled.add((name, scope, frame, part))
        for load, where in _loads_of(name, scope):
            under = frame if where is scope else None
            holding = scope.module.parents.get(load)
            if not isinstance(holding, (ast.Attribute, ast.Subscript)) or holding.value is not load:
                self._stored_by_callees(load, where, under, part)
            elif isinstance(holding.ctx, ast.Store):
                source = source_of(where, holding)
                if source is not None and part in (None, part_of(holding) or part):
                    self.pending.append((source[0], where, under))
            else:
                self.pending += [(given, where, under) for given in _put_by(holding, scope.module)]

    def _stored_by_callees(
        self, given: ast.Name, scope: Scope, frame: Frame | None, part: str | None
    ) -> None:
        """What the functions that the variable is ``given`` to store in the object."""
        call = scope.module.parents.get(given)
        while isinstance(call, _HANDED_IN):
            call = scope.module.parents.get(call)
        if not isinstance(call, ast.Call) or call.func is given:
            return
        for function, under in followed(self.program, call, scope, frame, self.follows):
            for name, arguments in under.bound.items() if under is not None else ():
                if any(each.node is given for each in arguments):
                    self._stored_in(name, function, under, part)

    def _of_self(self, node: ast.Attribute, scope: Scope, frame: Frame | None) -> None:
        method = scope.method
        assert method is not None
        owner = method.class_scope
        assert owner is not None
        self.found[(owner, node.attr)] = scope
        self._receiver(frame_of(method, frame), node.attr)
        for store, where in self.program.class_of(owner).writes().get(node.attr, ()):
            source = source_of(where, store)
            if source is not None and where.method is not None and where.method.name != "__init__":
                self.pending.append((source[0], where, frame if where is scope else None))
        for put, where in _put_into_attribute(node.attr, owner):
            self.pending.append((put, where, frame if where is scope else None))

    def _results(self, call: ast.Call, scope: Scope, frame: Frame | None) -> None:
        for function, under in followed(self.program, call, scope, frame, self.follows):
            given = [*function.returns, *(value for value, _ in function.yields)]
            self.pending += [(value, function, under) for value in given]


def followed(
    program: Program, call: ast.Call, scope: Scope, frame: Frame | None, follows: Callable[[Scope], bool]
) -> Iterator[tuple[Scope, Frame | None]]:
    """The functions that ``call`` calls, or hands over, and that ``follows`` lets through, each under that call."""
    callee = handing.callee(program, call, scope, frame)
    for handed in handing.handed_frames(program, call, callee, scope, frame):
        if follows(handed.scope):
            yield handed.scope.module.bound(handed.scope), handed
    for atom in sorted(callee, key=hash):
        if isinstance(atom, Function) and follows(atom.scope):
            atom.scope.module.bound(atom.scope)
            yield atom.scope, program.call_frame(atom, call, shape_of(call, scope, frame), frame)
        elif isinstance(atom, (Instance, Partial)):
            shape = shape_of(call, scope, frame)
            for under, function in functions(program, frozenset({atom}), call, shape, frame):
                if follows(function):
                    yield function.module.bound(function), under


def definitions_of(node: ast.Name, scope: Scope) -> list[Definition]:
    """The definitions that may reach ``node``, also from the functions around ``scope`` and through ``nonlocal``."""
    module = scope.module
    module.bound(scope)
    reaching = module.definitions.get(node)
    found = list(bases(reaching)) if reaching else []
    if found and not any(node.id in child.declared_nonlocal for child in _bound_children(scope)):
        return found
    for current in scope.chain():
        module.bound(current)
        if node.id in current.declared_nonlocal:
            continue
        if node.id in current.bindings and (current is scope or current.kind != "class"):
            around = [d for child in _bound_children(current) for d in _nonlocal(child, node.id)]
            here = found or list(bases(current.bindings[node.id]))
            return list(dict.fromkeys((*here, *around)))
    return found


def part_of(node: ast.Attribute | ast.Subscript) -> str | None:
    """Which part of an object ``node`` is: the name of an attribute, a constant key; None if it may be any."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return str(node.slice.value) if isinstance(node.slice, ast.Constant) else None


def parts_stored(name: str, scope: Scope) -> Iterator[tuple[ast.Attribute | ast.Subscript, Scope]]:
    """Where a part of what the variable ``name`` of ``scope`` holds is stored, there and in its nested functions."""
    for load, where in _loads_of(name, scope):
        part = scope.module.parents.get(load)
        if not isinstance(part, (ast.Attribute, ast.Subscript)) or part.value is not load:
            continue
        if isinstance(part.ctx, ast.Store):
            yield part, where


def _put_by(method: ast.AST | None, module: Module) -> list[ast.expr]:
    """What ``method`` is given, where it is one such as ``append`` and is called."""
    if not isinstance(method, ast.Attribute) or method.attr not in PUTTING:
        return []
    call = module.parents.get(method)
    return call.args if isinstance(call, ast.Call) and call.func is method else []


def _put_into_attribute(name: str, owner: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    """What methods of the class ``owner`` put into the container that their ``self.name`` holds."""
    module = owner.module
    for load in module.loads.get(name, ()):
        part, where = module.parents.get(load), module.scopes[load]
        method = where.method
        if not isinstance(load, ast.Attribute) or method is None or method.class_scope is not owner:
            continue
        if method.name == "__init__" or not is_receiver(load.value, where):
            continue
        if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
            source = source_of(where, part)
            yield from ((source[0], where),) if source is not None else ()
        else:
            yield from ((given, where) for given in _put_by(part, module))


def _loads_of(name: str, scope: Scope) -> Iterator[tuple[ast.Name, Scope]]:
    """Where the variable ``name`` of ``scope`` is read, there and in its nested functions."""
    module = scope.module
    for load in module.loads.get(name, ()):
        where = module.scopes[load]
        if isinstance(load, ast.Name) and scope in where.chain():
            holder = next((outer for outer in where.chain() if name in module.bound(outer).bindings), None)
            if holder is scope:
                yield load, where


def name_of(definition: Assigned | Param) -> str:
    """The name that a definition binds."""
    node = definition.node
    return str(getattr(node, "arg", None) or getattr(node, "id", None) or getattr(node, "name", None) or "")


def _bound_children(scope: Scope) -> Iterator[Scope]:
    for child in scope.children:
        yield scope.module.bound(child)


def _nonlocal(scope: Scope, name: str) -> list[Definition]:
    return list(bases(scope.bindings.get(name, ()))) if name in scope.declared_nonlocal else []


def frame_of(scope: Scope, frame: Frame | None) -> Frame | None:
    """The frame of ``scope`` around ``frame``: itself, or that of a function it is a closure of."""
    while frame is not None and frame.scope is not scope:
        frame = frame.closure
    return frame


def is_receiver(node: ast.AST, scope: Scope) -> bool:
    """Whether ``node`` is the ``self`` or ``cls`` of the method that ``scope`` stands in."""
    method = scope.method
    if not isinstance(node, ast.Name) or method is None or not takes_receiver(method):
        return False
    return is_self(node, scope) and (scope is method or node.id not in scope.bindings)
