"""What the expressions of a file say of where values go, by names alone: the edges of ``flows`` that they make.

A *token* stands for something that may hold a value, and is a kind and a name:

| kind | what may hold the value |
|---|---|
| ``N`` | a name of this one file |
| ``A`` | an attribute of that name, of any object |
| ``P`` | what a function or class of that name is given |
| ``F`` | what a function of that name puts into what it is given, or takes for what it expects |
| ``Q`` | what is given to a function that a function of that name is given |
| ``D`` | what a decorator that a function of that name makes is given |
| ``E`` | what is stored in an attribute of that name that is declared |
| ``M`` | a class that a class of that name is above, or is the metaclass of |
| ``R`` | what gets another name, under that name in the module that it comes from |
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from typing import Any

from phase12_lint.index.operators import IN_PLACE, LEFT, RIGHT, SPECIAL_METHODS

Token = tuple[str, str]
Tokens = frozenset[Token]
NOTHING: Tokens = frozenset()
_PUTTING = {
    *("append", "add", "appendleft", "put", "put_nowait", "push", "insert", "setdefault", "extend", "update"),
    *("register", "connect", "__setitem__", "set", "set_result"),
}
_FILLING = {"heappush", "insort"}
_SENT: Tokens = frozenset({("P", "send"), ("P", "asend"), ("P", "send_nowait")})
_CLAIMING = {"cast", "TypeVar", "NewType", "ForwardRef", "TypeAliasType"}
_NAMING = {"getattr", "attrgetter", "__getattribute__", "resolve_name", "locate", "import_string"}
_TESTING = {"isinstance", "issubclass"}
_NAMESPACES = {"globals", "locals", "vars", "__dict__"}
_OF_CHAINS = {"maps", "parents"}
_SENDING = {"delay", "apply_async", "apply", "send", "s", "si", "signature", "remote", "enqueue", "schedule"}
_SENDING |= {"submit", "defer", "kiq", "spawn", "subtask", "call_local", "send_with_options", "send_robust"}
_SENDING |= {"asend", "asend_robust", "send_async"}
APPLICATIONS = ("App", "Application")
LISTING_MEMBERS = ("Enum", "Flag")
MAKING_CLASSES = {"namedtuple", "NamedTuple", "make_dataclass", "TypedDict", "create_model"}
MAKING_CLASSES |= {*LISTING_MEMBERS, "type"}
IMPLICIT = {"__getitem__", "__missing__", "__iter__", "__next__", "__aiter__", "__anext__", "__reversed__"}
IMPLICIT |= {"__call__", "__enter__", "__aenter__", "__await__", "__get__", "__new__", "__class_getitem__"}
IMPLICIT |= SPECIAL_METHODS | set(IN_PLACE.values())
_DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Constant, ast.JoinedStr)  # join what they hold
CONTAINERS = {"dict", "list", "set", "tuple", "frozenset", "deque", "OrderedDict", "defaultdict"}
CONTAINERS |= {"UserDict", "UserList", "Dict", "List"}


def stores_by_variables(node: ast.AST) -> bool:
    """Whether code in ``node`` stores an attribute under a name that is not written out."""
    return any(
        (last_word(each.func) in ("setattr", "__setattr__") and not isinstance(each.args[-2], ast.Constant))
        or (
            isinstance(each.func, ast.Attribute)
            and each.func.attr == "update"
            and _is_namespace(each.func.value)
        )
        for each in ast.walk(node)
        if isinstance(each, ast.Call) and (len(each.args) in (2, 3) or last_word(each.func) == "update")
    )


def last_word(node: ast.AST) -> str:
    """The name that ``node`` is or ends in; empty if it is neither a name nor an attribute."""
    return str(getattr(node, "attr", getattr(node, "id", "")))


def given_to(function: ast.expr) -> Tokens:
    """What the function called so is given, or each of those that may be taken out of, or come of, ``function``."""
    name = last_word(function)
    if name:
        return frozenset({("P", name)})
    if isinstance(function, ast.Lambda):
        return frozenset(("N", argument.arg) for argument in function.args.args)
    inner: list[object] = [*getattr(function, "elts", ()), getattr(function, "value", None)]
    if isinstance(function, ast.Call):
        inner = [function.func, getattr(function.func, "value", None)]
    elif isinstance(function, ast.IfExp):
        inner = [function.body, function.orelse]
    elif isinstance(function, (ast.Dict, ast.BoolOp)):
        inner = [*function.values]
    return NOTHING.union(*(given_to(each) for each in inner if isinstance(each, ast.expr)))


def _is_namespace(node: ast.expr) -> bool:
    """Whether ``node`` maps the names of a module or an object to what they are."""
    called = node.func if isinstance(node, ast.Call) else node
    return last_word(called) in _NAMESPACES


def _taken(node: ast.expr) -> str:
    """The attribute that ``getattr`` takes by a text that is written out."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr" and len(node.args) > 1:
        return next((name for _, name in _named_by(node.args[1])), "")
    return ""


def _named_by(node: ast.expr) -> Tokens:
    """The attribute that is called as the text ``node`` says."""
    text = node.value if isinstance(node, ast.Constant) else None
    return frozenset({("A", text)}) if isinstance(text, str) else NOTHING


def _in_namespace(node: ast.expr) -> Tokens:
    """What is called as the text ``node`` says in an object, or right here."""
    named = _named_by(node)
    return named.union(("N", name) for _, name in named)


def _keys_of(node: ast.expr) -> Tokens:
    """The attributes that are called as the keys of the table ``node``."""
    keys = node.keys if isinstance(node, ast.Dict) else []
    return NOTHING.union(*(_named_by(key) for key in keys if key is not None))


def _constant_of(key: ast.expr) -> Tokens:
    """What is kept under the constant ``key``, whichever module names it."""
    name = last_word(key)
    return frozenset({("A", name)}) if name.isupper() else NOTHING


class Expressions:
    """Reads expressions; what is around them (a class, a function) is told by who reads the statements."""

    def __init__(self) -> None:
        self.edges: list[tuple[Tokens, Tokens]] = []
        self.imported: list[tuple[str, int, str, str]] = []
        self.requested: list[Token] = []  # ``__getattr__`` of the module
        self.results: list[Token] = []
        self.expected: list[Tokens] = []  # what the functions around are annotated to return
        self.filled: set[str] = set()  # the names into which something is put, in the function that is read
        self.owner = ""
        self.around = ""  # the class in whose method it is
        self.of_classes = False  # whether the class is a metaclass
        self.is_open = False  # whether the class stores attributes under names that are not written out
        self.outer = ""  # the function around
        self.first = ""  # the first parameter of that method
        self.taking: dict[str, Tokens] = {}  # by parameter of the functions around: those that take it
        self.given_away: set[str] = set()  # the names of the module and its classes

    def edge(self, source: Tokens, target: Tokens) -> None:
        if source and target:
            self.edges.append((source, target))

    def tokens(self, node: ast.AST | None) -> Tokens:
        """What the value of an expression may be, or be taken out of."""
        if node is None or isinstance(node, ast.Constant):
            return NOTHING
        if isinstance(node, ast.Name):
            return frozenset({("N", node.id)})
        read = _READERS.get(type(node))
        return read(self, node) if read is not None else self._all_in(node)

    def _all_in(self, node: ast.AST) -> Tokens:
        return self.all_of(child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))

    def _attribute(self, node: ast.Attribute) -> Tokens:
        owner = self.tokens(node.value)
        is_part = node.attr.startswith("__") or node.attr in _OF_CHAINS
        is_other = isinstance(node.value, ast.Name) and not is_part
        if is_other and self.is_open and getattr(node.value, "id", "") == self.first:
            self.edge(frozenset({("N", self.around)}), frozenset({("A", node.attr)}))
        return frozenset({("A", node.attr)}) | (NOTHING if is_other else owner)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Tokens:
        for generator in node.generators:
            self.take_out(generator.target, generator.iter, bool(generator.is_async))
            self.all_of(generator.ifs)
        return self.all_of((node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,))

    def _walrus(self, node: ast.NamedExpr) -> Tokens:
        value = self.tokens(node.value)
        self.bind(node.target, value)
        self.rename(node.target, node.value)
        return value

    def _lambda(self, node: ast.Lambda) -> Tokens:
        return self.tokens(node.body)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> Tokens:
        self.give_back(self.tokens(node.value))
        return _SENT.union(*self.expected[-1:])  # the annotation says what is sent, too

    def _subscript(self, node: ast.Subscript) -> Tokens:
        self.edge(self.tokens(node.slice) | self.annotation(node.slice), given_to(node.value))
        inner = self.tokens(node.value) | self.tokens(node.slice) | self.annotation(node.slice)
        inner |= _constant_of(node.slice)
        return inner | _in_namespace(node.slice) if _is_namespace(node.value) else inner

    def _dictionary(self, node: ast.Dict) -> Tokens:
        for key, item in zip(node.keys, node.values):  # it may become the attributes of something
            self.edge(self.tokens(item), _named_by(key) if key is not None else NOTHING)
        return self._all_in(node)

    def _compared(self, node: ast.Compare) -> Tokens:
        if any(isinstance(each, (ast.In, ast.NotIn)) for each in node.ops):
            self.edge(self.tokens(node.left), frozenset({("P", "__contains__")}))
        return self._read_alone(node)

    def _read_alone(self, node: ast.AST) -> Tokens:
        self._all_in(node)
        return NOTHING

    def all_of(self, nodes: Iterable[ast.AST]) -> Tokens:
        return NOTHING.union(*(self.tokens(node) for node in nodes))

    def _operator(self, node: ast.BinOp) -> Tokens:
        """The operands, each of which may be given to a method of the other."""
        left, right = self.tokens(node.left), self.tokens(node.right)
        if not isinstance(node.left, _DISPLAYS) and not isinstance(node.right, _DISPLAYS):
            self.edge(right, frozenset({("P", LEFT[type(node.op)])}))
            self.edge(left, frozenset({("P", RIGHT[type(node.op)])}))
        return left | right

    def _call(self, node: ast.Call) -> Tokens:
        given = self.all_of((*node.args, *(keyword.value for keyword in node.keywords)))
        function = node.func
        name = last_word(function) or _taken(function)
        owner = self.tokens(function.value) if isinstance(function, ast.Attribute) else NOTHING
        if name in _PUTTING:
            self._put(node, function, given, owner)
        if name in _FILLING:
            self.edge(self.all_of(node.args[1:]), self.tokens(node.args[0]) if node.args else NOTHING)
        elif name in ("setattr", "__setattr__") and len(node.args) in (2, 3):
            self._set_by_name(node.args[-2], self.tokens(node.args[-1]))
        self.edge(given, frozenset({("P", name)}) if name else given_to(function))
        if name:
            handed = (self.taking.get(own, NOTHING) for kind, own in given if kind == "N")
            self.edge(frozenset({("F", name)}), given.union(*handed))
        self._hand_over(node, name, given)
        if name in ("receive", "receive_nowait", "recv"):
            given |= _SENT
        elif name in ("property", "cached_property"):
            given |= {("A", own) for kind, own in given if kind == "N"}
        elif name in _CLAIMING:
            given |= self.annotation(node)
        elif name in _TESTING and len(node.args) == 2:
            self.edge(self.tokens(node.args[1]), self.tokens(node.args[0]))
        elif name in _NAMING:
            texts = (each.value for each in node.args if isinstance(each, ast.Constant))
            given |= {
                ("A", part) for text in texts if isinstance(text, str) for part in re.split("[.:]", text)
            }
        elif node.args and isinstance(function, ast.Attribute) and _is_namespace(function.value):
            given |= _in_namespace(node.args[0])
        elif name == "super" and self.around:
            self.edge(frozenset({("N", self.around)}), frozenset({("N", name)}))
        return given | owner | self.tokens(function)

    def _put(self, node: ast.Call, function: ast.expr, given: Tokens, owner: Tokens) -> None:
        """``owner.append(x)`` and its like put what they are ``given`` into ``owner``."""
        self.edge(given, owner | self._own_class(function))
        self._fill(function)
        if isinstance(function, ast.Attribute):
            self.edge(given_to(function.value), NOTHING.union(*map(given_to, node.args)))
            if _is_namespace(function.value):
                self.edge(given, NOTHING.union(*map(_keys_of, node.args), *map(_named_by, node.args[:1])))
        self.edge(owner, given)  # what is put beside something governed is taken for such a thing, too

    def _hand_over(self, call: ast.Call, name: str, given: Tokens) -> None:
        """A function among what ``call`` is given, or of which it is a method, may be given the rest."""
        for each in (*call.args, *(keyword.value for keyword in call.keywords)):
            if not isinstance(each, ast.Call):
                self.edge(given | frozenset({("Q", name)}), given_to(each))
        for keyword in call.keywords:
            if keyword.arg:
                self.edge(self.tokens(keyword.value), frozenset({("A", keyword.arg)}))
        if isinstance(call.func, ast.Attribute) and name in _SENDING:
            self.edge(given, given_to(call.func.value))
        if name in MAKING_CLASSES and call.args and isinstance(call.args[0], ast.Constant):
            self._made_class(str(call.args[0].value), call, given)
        elif name in ("eval", "exec"):
            names = (key for each in call.args if isinstance(each, ast.Dict) for key in each.keys if key)
            self.edge(given, frozenset(("N", text) for key in names for _, text in _named_by(key)))

    def _made_class(self, name: str, call: ast.Call, given: Tokens) -> None:
        """``namedtuple("Entry", "name tool")``: what ``Entry`` is given is in its fields."""
        texts = (
            each.value for node in call.args[1:] for each in ast.walk(node) if isinstance(each, ast.Constant)
        )
        words = {word for text in texts if isinstance(text, str) for word in re.findall(r"\w+", text)}
        words |= {keyword.arg for keyword in call.keywords if keyword.arg}
        fields = frozenset(("A", word) for word in words)
        self.edge(given, frozenset({("N", name)}))
        is_listing = last_word(call.func).endswith(LISTING_MEMBERS)
        self.edge(given | frozenset({("P", name)}), fields | {("A", "value")} if is_listing else fields)

    def _own_class(self, function: ast.expr) -> Tokens:
        """The class in a method of which something is put into ``self``."""
        owner = function.value if isinstance(function, ast.Attribute) else None
        is_own = isinstance(owner, ast.Name) and owner.id == self.first
        is_own = is_own or (isinstance(owner, ast.Call) and last_word(owner.func) == "super")
        return frozenset({("N", self.around)}) if is_own and self.around else NOTHING

    def _fill(self, node: ast.AST) -> None:
        """Something is put into what ``node`` is taken from."""
        while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
            node = node.func if isinstance(node, ast.Call) else node.value
        if isinstance(node, ast.Name):
            self.filled.add(node.id)

    def _set_by_name(self, name: ast.expr, value: Tokens) -> None:
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            self.edge(value, frozenset({("A", name.value)}))
        elif self.around:
            self.edge(value, frozenset({("N", self.around)}))

    def bind(self, target: ast.AST, value: Tokens) -> None:
        """``value`` is stored in ``target``."""
        if isinstance(target, ast.Name):
            self.edge(value, self.bound(target.id))
        elif isinstance(target, ast.Attribute):
            self.edge(value, frozenset({("A", target.attr)}))
            self.edge(frozenset({("E", target.attr)}), value)
        elif isinstance(target, ast.Subscript):
            self._fill(target)
            if _is_namespace(target.value):
                self.edge(value, _in_namespace(target.slice))
            self.edge(value, _constant_of(target.slice) | _named_by(target.slice))
            is_own = isinstance(target.value, ast.Name) and target.value.id == self.first and self.around
            own = frozenset({("N", self.around)}) if is_own else NOTHING
            self.edge(value, self.tokens(target.value) | own | {("P", "__setitem__")})
            self.edge(self.tokens(target.value), value)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for item in target.elts:
                self.bind(item, value)

    def bound(self, name: str) -> Tokens:
        if self.owner or not self.results:
            self.given_away.add(name)
        return frozenset({("N", name)})

    def take_out(self, target: ast.expr, source: ast.expr, is_async: bool = False) -> None:
        """What is bound to ``target`` comes out of ``source``; a function among it is given there what it is here."""
        self.bind(target, self.tokens(source) | (_SENT if is_async else NOTHING))
        self.edge(given_to(target), given_to(source))

    def rename(self, target: ast.expr, value: ast.expr) -> None:
        """A function or class that gets another name is the same under both."""
        self.edge(given_to(target), given_to(value))
        if (
            isinstance(value, ast.Call)
            and last_word(value.func)[:1].isupper()
            and isinstance(target, ast.Name)
        ):
            made = self.tokens(value.func)
            if last_word(value.func).endswith(APPLICATIONS):
                made |= {("A", "app")}  # of each request
            self.edge(frozenset({("N", target.id)}), made)
        elif isinstance(value, (ast.Name, ast.Attribute)) and isinstance(target, ast.Name):
            self.edge(frozenset({("N", target.id)}), self.tokens(value) | {("R", last_word(value))})

    def give_back(self, value: Tokens) -> None:
        if self.results:
            self.edge(value, frozenset({self.results[-1]}))
            if self.expected:
                self.edge(self.expected[-1], value)

    def annotation(self, node: ast.AST | None) -> Tokens:
        found: set[Token] = set()
        for each in ast.walk(node) if node is not None else ():
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                try:
                    found |= self.annotation(ast.parse(each.value.strip(), mode="eval").body)
                except (SyntaxError, ValueError, RecursionError):
                    continue
            elif isinstance(each, (ast.Name, ast.Attribute)):
                found |= self.tokens(each)
        return frozenset(found)


_READERS: dict[type[ast.AST], Callable[[Expressions, Any], Tokens]] = {
    ast.Attribute: Expressions._attribute,
    ast.BinOp: Expressions._operator,
    ast.Call: Expressions._call,
    ast.Compare: Expressions._compared,
    ast.Dict: Expressions._dictionary,
    ast.JoinedStr: Expressions._read_alone,
    ast.Lambda: Expressions._lambda,
    ast.NamedExpr: Expressions._walrus,
    ast.Subscript: Expressions._subscript,
    ast.Yield: Expressions._yield,
    ast.YieldFrom: Expressions._yield,
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp), Expressions._comprehension),
}


def tokens_of(node: ast.AST) -> Tokens:
    """What the value of the expression ``node`` may be, or be taken out of."""
    return Expressions().tokens(node)
