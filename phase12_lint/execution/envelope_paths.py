"""Whether a way through an entry returns an envelope."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from phase12_lint.execution.callees import callees
from phase12_lint.execution.contents import entries
from phase12_lint.execution.gathered import WRAPPING
from phase12_lint.execution.places import (
    YIELDED,
    Environment,
    Path,
    Source,
    call_key,
    is_part,
    item_taken,
    key_of,
    place_of,
    receiver_of,
)
from phase12_lint.execution.roles import ENVELOPE, Roles
from phase12_lint.execution.steps import Activation
from phase12_lint.execution.truth import FILLING, Truth
from phase12_lint.syntax.scopes import Assigned, bases, last_name

_PASSING_ON = {"as_completed", "iter", "list", "reversed", "set", "sorted", "tuple"}
_FOR_EACH = {"map", "starmap"}
_WAITING = WRAPPING | {"shield", "wait_for"}
_POPPING = {"pop": -1, "popleft": 0, "get": -1, "get_nowait": -1}
_GIVING_A_PART = {"get", "pop", "setdefault", "keys", "values", "items"}


class Envelopes:
    """Whether an expression is, or holds, an envelope whatever way was taken; asks ``is_envelope`` of other values."""

    def __init__(self, roles: Roles, is_envelope: Callable[[ast.expr, Activation], bool]) -> None:
        self.roles = roles
        self.truth = Truth(roles)
        self._is_envelope = is_envelope
        self._known: dict[Source, bool] = {}

    def holds(self, node: ast.expr | None, act: Activation, env: Environment) -> bool:
        """Whether ``node`` in ``act``, evaluated where ``env`` holds, is an envelope or has one in it."""
        self._known = {}
        return self._source((node, act, ()), env)

    def are_put(self, env: Environment) -> bool:
        """Whether an envelope is what was put last into some list, set or dict where ``env`` holds."""
        self._known = {}
        elements = tuple(f".{filling}(0)" for filling in FILLING)
        return any(self._all(held, (), env) for key, held in env.items() if key[1].endswith(elements))

    def _source(self, source: Source, env: Environment) -> bool:
        if source not in self._known:
            self._known[source] = False
            self._known[source] = self._is_one(source, env)
        return self._known[source]

    def _is_one(self, source: Source, env: Environment) -> bool:
        node, act, path = source
        if node is None:
            return False
        if isinstance(node, (ast.Await, ast.NamedExpr, ast.Starred)):
            return self._source((node.value, act, path), env)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._variable(node, act, path, env)
        if isinstance(node, ast.IfExp):
            known = self.truth.of(node.test, act, env)
            chosen = [each for each, way in ((node.body, True), (node.orelse, False)) if known in (None, way)]
            return all(self._source((each, act, path), env) for each in chosen)
        if isinstance(node, ast.BoolOp):
            return self._either(node, act, path, env)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.Add)):
            return any(self._source((side, act, path), env) for side in (node.left, node.right))
        if isinstance(node, ast.Subscript):
            return self._item(node, act, path, env)
        if isinstance(node, ast.Call):
            return self._call(node, act, path, env)
        return self._display(node, act, path, env)

    def _item(self, node: ast.Subscript, act: Activation, path: Path, env: Environment) -> bool:
        try:
            index = ast.literal_eval(node.slice)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return False
        if isinstance(index, int):
            return self._source((node.value, act, (index, *path)), env)
        return self._variable(node, act, path, env)

    def _display(self, node: ast.expr, act: Activation, path: Path, env: Environment) -> bool:
        """Whether what is written out holds one: a tuple, list or dict, or what a comprehension gives for each."""
        if isinstance(node, (ast.Tuple, ast.List)):
            items = node.elts
            index = path[0] if path else len(items)
            if index is None:
                return bool(items) and all(self._source((item, act, path[1:]), env) for item in items)
            if -len(items) <= index < len(items):
                return self._source((items[index], act, path[1:]), env)
            return any(self._source((item, act, ()), env) for item in items)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            return self._source((node.elt, act, path[1:]), env)
        if isinstance(node, ast.DictComp):
            is_key = path[:1] == (None,)
            return self._source((node.key if is_key else node.value, act, path[1:]), env)
        if isinstance(node, ast.Dict):
            return self._is_envelope(node, act) or any(
                self._source((value, act, ()), env) for value in node.values
            )
        return False

    def _all(self, sources: frozenset[Source], path: Path, env: Environment) -> bool:
        return all(self._source((n, a, (*p, *path)), env) for n, a, p in sources)

    def _part(self, held: frozenset[Source], path: Path, env: Environment) -> bool:
        """Whether what is stored in a part holds one. A loop over what holds one has a round, which stores it."""
        known = frozenset(source for source in held if source[0] is not None)
        if known != held and not all(_is_of_round(node, act, env) for node, act, _ in known):
            return False
        return bool(known) and self._all(known, path, env)

    def _either(self, node: ast.BoolOp, act: Activation, path: Path, env: Environment) -> bool:
        parts = [self._source((each, act, path), env) for each in node.values]
        return parts[0] or all(parts) if isinstance(node.op, ast.Or) else parts[-1]

    def _variable(
        self,
        node: ast.Name | ast.Attribute | ast.Subscript,
        act: Activation,
        path: Path,
        env: Environment,
    ) -> bool:
        name = place_of(node)
        if name is None:
            return self._is_envelope(node, act)
        gone_through = list(_gone_through(node, act)) if isinstance(node, ast.Name) else []
        if gone_through:
            return all(self._source((each, act, (*way, *path)), env) for each, way in gone_through)
        owner, name = key_of(name, act)
        sources = env.get((owner, name))
        if sources is not None:
            parts = [(key[1], held) for key, held in env.items() if is_part(key, (owner, name))]
            if path:
                elements = {f"{name}.{filling}(0)" for filling in FILLING}
                parts = [(key, held) for key, held in parts if key in elements]
            is_put_last = bool(parts) and path[:1] == (-1,)
            is_made_so = not is_put_last and self._all(sources, path, env)
            return is_made_so or any(self._part(held, path[1:], env) for _, held in parts)
        given = owner.frame.bound.get(name, ()) if owner.frame is not None else ()
        caller = owner.caller
        if given and caller is not None:
            return all(
                self._source(
                    (each.node, next((a for a in caller.stack() if a.scope is each.scope), caller), path),
                    env,
                )
                for each in given
            )
        receiver = receiver_of(name.partition(".")[0], owner)
        if receiver is None or caller is None:
            return self._is_envelope(node, act)
        if "." not in name:
            return self._source((receiver, caller, path), env)
        made_of = receiver.keywords if isinstance(receiver, ast.Call) else ()
        field = next((each.value for each in made_of if f"{each.arg}" == name.partition(".")[2]), None)
        if field is not None:
            return self._source((field, caller, path), env)
        return self._is_envelope(node, act)

    def _call(self, node: ast.Call, act: Activation, path: Path, env: Environment) -> bool:
        returned = env.get((act, call_key(node)))
        if returned is not None:
            each = path[:1] != () and last_name(node.func) in _FOR_EACH
            return self._all(returned, path[1:] if each else path, env)
        yielded = env.get((act, f"{call_key(node)}.{YIELDED}"))
        if yielded is not None:
            return self._part(yielded, path[1:], env)
        if self.roles.of_call(node, act.scope, act.frame) == ENVELOPE:
            return True
        if node in act.again:
            return True  # what the function that is being executed returns, which is judged where it returns
        if node in act.passed and not self._is_envelope(node, act):
            return all(
                self._source((value, Activation(scope, frame, act, node), path), env)
                for frame, scope in act.passed[node]
                for value in scope.returns or (None,)
            )
        if path[:1] == (None,) and last_name(node.func) in _PASSING_ON and node.args:
            return self._source((node.args[0], act, path), env)
        waited_for = list(_waited_for(node, path)) if path else []
        if waited_for:
            return all(self._source((each, act, way), env) for each, way in waited_for)
        taken = item_taken(node)
        if taken is not None and (held := self._under(*taken, act, env)):
            return self._part(held, path, env)
        if last_name(node.func) == "next" and node.args:
            return self._source((node.args[0], act, (None, *path)), env)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(self._source((each, act, ()), env) for each in arguments):
            return True
        return isinstance(node.func, ast.Attribute) and self._method(node, node.func, act, path, env)

    def _under(self, node: ast.expr, key: str, act: Activation, env: Environment) -> frozenset[Source]:
        """What is stored under ``key`` in ``node``, or written out under it there."""
        place = place_of(node)
        if place is None:
            return frozenset()
        displays = env.get(key_of(place, act), frozenset())
        written = {
            (value, where, inner)
            for display, where, path in displays
            if display is not None and not path
            for name, value, inner in entries(display)
            if name == key
        }
        return env.get(key_of(f"{place}.{key}", act)) or frozenset(written)

    def _method(
        self, node: ast.Call, func: ast.Attribute, act: Activation, path: Path, env: Environment
    ) -> bool:
        """Whether a method that is not entered gives one back, by what it returns or by what its object holds."""
        if func.attr in _POPPING and not node.args:
            return self._source((func.value, act, (_POPPING[func.attr], *path)), env)
        if (func.attr, path[:1]) == ("values", (None,)):
            return self._source((func.value, act, (0, *path[1:])), env)
        if (func.attr, path[:2]) == ("items", (None, 1)):
            return self._source((func.value, act, (0, *path[2:])), env)
        called = list(callees(self.roles.program, node, act.scope, act.frame))
        if any(outer.scope is scope for _, scope in called for outer in act.stack()):
            return True  # a method that is being executed, which is judged where it returns
        if not called:
            return func.attr not in _GIVING_A_PART and self._source((func.value, act, ()), env)
        return all(
            self._source((value, Activation(scope, frame, act, node), path), env)
            for frame, scope in called
            for value in scope.module.bound(scope).returns or (None,)
        )


def _waited_for(node: ast.Call, path: Path) -> Iterator[tuple[ast.expr, Path]]:
    """What ``node`` waits for and gives as it is, and the way ``path`` in that."""
    name = last_name(node.func)
    if name in _WAITING:
        yield from ((each, path) for each in node.args[:1])
    elif name == "result" and isinstance(node.func, ast.Attribute):
        yield node.func.value, path
    elif name == "gather":
        starred = any(isinstance(each, ast.Starred) for each in node.args)
        index = path[0]
        for number, each in enumerate(node.args):
            if isinstance(each, ast.Starred):
                yield each.value, (None, *path[1:])
            elif starred or index in (None, number):
                yield each, path[1:]


def _is_of_round(node: ast.expr | None, act: Activation, env: Environment) -> bool:
    """Whether ``node`` is made from the variable of a loop."""
    names = (each.id for each in ast.walk(node) if isinstance(each, ast.Name)) if node is not None else ()
    held = (env.get(key_of(name, act)) for name in names)
    return any(each and all(path[:1] == (None,) for _, _, path in each) for each in held)


def _gone_through(node: ast.Name, act: Activation) -> Iterator[tuple[ast.expr, Path]]:
    """What the variable ``node`` of a comprehension goes through, and the way from there to what it holds."""
    for definition in bases(act.scope.module.definitions.get(node, ())):
        if isinstance(definition, Assigned) and definition.value is not None and definition.path:
            steps = [key for kind, key in definition.path if kind in ("element", "index")]
            if len(steps) == len(definition.path) and _is_of_comprehension(definition):
                yield definition.value, tuple(key if isinstance(key, int) else None for key in steps)


def _is_of_comprehension(definition: Assigned) -> bool:
    parents = definition.scope.module.parents
    node = definition.node
    while isinstance(node, (ast.Name, ast.Tuple, ast.List, ast.Starred)):
        node = parents[node]
    return isinstance(node, ast.comprehension)
