"""Where a value of a file may go, by names alone: what decides which files of a large program are worth a judgement.

A *token* is a name of one file (``N``), an attribute of any object (``A``), what a function of some name is given
(``P``), or what it puts into that (``F``). An edge says that what one token holds may come to another. Objects, scopes
and order do not count, so the edges say too much and, but for reflection, never too little; values are followed through
them from the seeds to all files that they may come to. A small program is judged whole instead.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import NamedTuple

Token = tuple[str, str]
Tokens = frozenset[Token]
NOTHING: Tokens = frozenset()
_PUTTING = {
    *("append", "add", "appendleft", "put", "put_nowait", "push", "insert", "setdefault", "extend", "update"),
    *("register", "__setitem__", "set", "set_result"),
}
_FILLING = {"heappush", "insort"}
_SENT: Tokens = frozenset({("P", "send"), ("P", "asend")})
_CLAIMING = {"cast", "TypeVar", "NewType", "ForwardRef", "TypeAliasType"}
_NAMING = {"getattr", "attrgetter", "__getattribute__", "resolve_name", "locate", "import_string"}
_TESTING = {"isinstance", "issubclass"}
_NAMESPACES = {"globals", "locals", "vars", "__dict__"}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_LISTING_MEMBERS = ("Enum", "Flag")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Flow(NamedTuple):
    """The edges of one file, and what it imports under which name: (dots, module, name there)."""

    edges: tuple[tuple[Tokens, Tokens], ...]
    imported: dict[str, tuple[int, str, str]]


def flow_of(tree: ast.Module) -> Flow:
    """The flow of the file that ``tree`` was made of."""
    reader = _Reader()
    for statement in tree.body:
        reader.statement(statement)
    if ("N", "__getattr__") in reader.requested:
        reader.request(("N", "__getattr__"), tree)
    return Flow(tuple(dict.fromkeys(reader.edges)), reader.imported)


def tokens_of(node: ast.AST) -> Tokens:
    """What the value of the expression ``node`` may be, or be taken out of."""
    return _Reader().tokens(node)


def _name(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _is_namespace(node: ast.expr) -> bool:
    """Whether ``node`` maps the names of a module or an object to what they are."""
    called = node.func if isinstance(node, ast.Call) else node
    return _name(called) in _NAMESPACES


def _taken(node: ast.expr) -> str:
    """The attribute that ``getattr`` takes by a text that is written out."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr" and len(node.args) > 1:
        return next((name for _, name in _named_by(node.args[1])), "")
    return ""


def _named_by(node: ast.expr) -> Tokens:
    """The attribute that is called as the text ``node`` says."""
    text = node.value if isinstance(node, ast.Constant) else None
    return frozenset({("A", text)}) if isinstance(text, str) else NOTHING


class _Reader:
    def __init__(self) -> None:
        self.edges: list[tuple[Tokens, Tokens]] = []
        self.imported: dict[str, tuple[int, str, str]] = {}
        self.requested: list[Token] = []  # ``__getattr__`` of the module
        self._results: list[Token] = []
        self._filled: set[str] = set()  # the names into which something is put, in the function that is read
        self._class = ""
        self._around = ""  # the class in whose method it is

    def edge(self, source: Tokens, target: Tokens) -> None:
        if source and target:
            self.edges.append((source, target))

    def request(self, given: Token, node: ast.AST) -> None:
        """``__getattr__`` gives ``given`` for the names that are written out as texts in ``node``."""
        texts = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
        named = sorted(text for text in texts if isinstance(text, str) and text.isidentifier())
        attributes = frozenset(("A", text) for text in named)
        self.edge(attributes | {given}, attributes.union(("N", text) for text in named))

    def tokens(self, node: ast.AST | None) -> Tokens:
        """What the value of an expression may be, or be taken out of."""
        if node is None or isinstance(node, ast.Constant):
            return NOTHING
        if isinstance(node, ast.Name):
            return frozenset({("N", node.id)})
        if isinstance(node, ast.Attribute):
            owner = self.tokens(node.value)
            is_other = isinstance(node.value, ast.Name) and not node.attr.startswith("__")
            return frozenset({("A", node.attr)}) | (NOTHING if is_other else owner)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, _COMPREHENSIONS):
            for generator in node.generators:
                self.bind(generator.target, self.tokens(generator.iter))
                self._all(generator.ifs)
            made = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
            return self._all(made)
        if isinstance(node, ast.NamedExpr):
            value = self.tokens(node.value)
            self.bind(node.target, value)
            return value
        if isinstance(node, ast.Lambda):
            return self.tokens(node.body)
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            self._returned(self.tokens(node.value))
            return _SENT
        if isinstance(node, ast.Subscript):
            inner = self.tokens(node.value) | self.tokens(node.slice) | self._annotation(node.slice)
            return inner | _named_by(node.slice) if _is_namespace(node.value) else inner
        inner = self._all(child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
        return NOTHING if isinstance(node, (ast.Compare, ast.JoinedStr)) else inner

    def _all(self, nodes: Iterable[ast.AST]) -> Tokens:
        return NOTHING.union(*(self.tokens(node) for node in nodes))

    def _call(self, node: ast.Call) -> Tokens:
        given = self._all((*node.args, *(keyword.value for keyword in node.keywords)))
        function = node.func
        name = getattr(function, "attr", getattr(function, "id", "")) or _taken(function)
        owner = self.tokens(function.value) if isinstance(function, ast.Attribute) else NOTHING
        if name in _PUTTING:
            self.edge(given, owner)
            self._fill(function)
            self.edge(owner, given)  # what is put beside something governed is taken for such a thing, too
        if name in _FILLING:
            self.edge(self._all(node.args[1:]), self.tokens(node.args[0]) if node.args else NOTHING)
        elif name == "setattr" and len(node.args) == 3:
            self._set_by_name(node.args[1], self.tokens(node.args[2]))
        if name:
            self.edge(given, frozenset({("P", name)}))
            self.edge(frozenset({("F", name)}), given)
        for each in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(each, ast.Lambda):
                self.edge(given, frozenset(("N", argument.arg) for argument in each.args.args))
        if name in _CLAIMING:
            given |= self._annotation(node)
        elif name in _TESTING and len(node.args) == 2:
            self.edge(self.tokens(node.args[1]), self.tokens(node.args[0]))
        elif name in _NAMING:
            texts = (each.value for each in node.args if isinstance(each, ast.Constant))
            given |= {
                ("A", part) for text in texts if isinstance(text, str) for part in re.split("[.:]", text)
            }
        elif node.args and isinstance(function, ast.Attribute) and _is_namespace(function.value):
            given |= _named_by(node.args[0])
        elif name == "super" and self._around:
            self.edge(frozenset({("N", self._around)}), frozenset({("N", name)}))
        return given | owner | self.tokens(function)

    def _fill(self, node: ast.AST) -> None:
        """Something is put into what ``node`` is taken from."""
        while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
            node = node.func if isinstance(node, ast.Call) else node.value
        if isinstance(node, ast.Name):
            self._filled.add(node.id)

    def _set_by_name(self, name: ast.expr, value: Tokens) -> None:
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            self.edge(value, frozenset({("A", name.value)}))

    def bind(self, target: ast.AST, value: Tokens) -> None:
        """``value`` is stored in ``target``."""
        if isinstance(target, ast.Name):
            self.edge(value, self._bound(target.id))
        elif isinstance(target, ast.Attribute):
            self.edge(value, frozenset({("A", target.attr)}))
        elif isinstance(target, ast.Subscript):
            self._fill(target)
            if _is_namespace(target.value):
                self.edge(value, frozenset(("N", name) for _, name in _named_by(target.slice)))
            self.edge(value, self.tokens(target.value))
            self.edge(self.tokens(target.value), value)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for item in target.elts:
                self.bind(item, value)

    def _bound(self, name: str) -> Tokens:
        tokens = {("N", name), ("A", name)} if self._class or not self._results else {("N", name)}
        return frozenset(tokens)

    def _returned(self, value: Tokens) -> None:
        if self._results:
            self.edge(value, frozenset({self._results[-1]}))

    def _annotation(self, node: ast.AST | None) -> Tokens:
        found: set[Token] = set()
        for each in ast.walk(node) if node is not None else ():
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                try:
                    found |= self._annotation(ast.parse(each.value.strip(), mode="eval").body)
                except (SyntaxError, ValueError, RecursionError):
                    continue
            elif isinstance(each, (ast.Name, ast.Attribute)):
                found |= self.tokens(each)
        return frozenset(found)

    def statement(self, node: ast.AST) -> None:
        """Follow what ``node`` and the statements in it store, hand over and give back."""
        if isinstance(node, _FUNCTIONS):
            self._function(node)
        elif isinstance(node, ast.ClassDef):
            self._class_of(node)
        elif isinstance(node, ast.Return):
            self._returned(self.tokens(node.value))
        elif isinstance(node, ast.Assign):
            value = self.tokens(node.value)
            for target in node.targets:
                self.bind(target, value)
        elif isinstance(node, ast.AnnAssign):
            given = frozenset({("P", self._class)}) if self._class else NOTHING
            self.bind(node.target, self.tokens(node.value) | self._annotation(node.annotation) | given)
        elif isinstance(node, ast.AugAssign):
            self.bind(node.target, self.tokens(node.value))
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                local = alias.asname or (
                    alias.name if alias.name != "*" else f"* of {node.level} {node.module}"
                )
                self.imported[local] = (node.level, node.module or "", alias.name)
        else:
            self._others(node)

    def _others(self, node: ast.AST) -> None:
        if isinstance(node, (ast.For, ast.AsyncFor)):
            self.bind(node.target, self.tokens(node.iter))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self.bind(node.optional_vars, self.tokens(node.context_expr))
        elif isinstance(node, ast.Match):
            subject = self.tokens(node.subject)
            for each in ast.walk(node):
                if isinstance(each, (ast.MatchAs, ast.MatchStar)) and each.name:
                    self.edge(subject, frozenset({("N", each.name)}))
                elif isinstance(each, ast.MatchClass):
                    self.edge(self.tokens(each.cls), subject)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.tokens(child)
            else:
                self.statement(child)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        owner, arguments = self._class, node.args
        token = ("A" if owner else "N", node.name)
        if not owner and not self._results:
            self._is_of_module(node.name)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
        for position, argument in enumerate(every):
            local = frozenset({("N", argument.arg)})
            source = frozenset({("P", node.name), ("P", owner)}) | self._annotation(argument.annotation)
            self.edge(frozenset({("N", owner)}) if owner and position == 0 else source, local)
        defaults = self._all((*arguments.defaults, *(each for each in arguments.kw_defaults if each)))
        self.edge(defaults, frozenset(("N", argument.arg) for argument in every))
        self.edge(self._annotation(node.returns), frozenset({token}))
        self._decorated(node, token)
        around = self._around
        self._class, self._around = "", owner or around
        self._results.append(token)
        filled, self._filled = self._filled, set()
        if node.name == "__getattr__" and owner:
            self.request(token, node)
        elif node.name == "__getattr__":
            self.requested.append(token)
        for statement in node.body:
            self.statement(statement)
        for argument in every:
            if argument.arg in self._filled:
                self.edge(
                    frozenset({("N", argument.arg)}), frozenset({("F", owner or node.name), ("F", node.name)})
                )
        self._filled |= filled
        self._class, self._around = owner, around
        self._results.pop()

    def _class_of(self, node: ast.ClassDef) -> None:
        outer, results = self._class, self._results
        self.edge(
            self._all((*node.bases, *(each.value for each in node.keywords))), frozenset({("N", node.name)})
        )
        self._decorated(node, ("N", node.name))
        if not results:
            self._is_of_module(node.name)
        self._class, self._results = node.name, []
        for statement in node.body:
            self.statement(statement)
            if any(_name(base).endswith(_LISTING_MEMBERS) for base in node.bases):
                self._member(statement, node.name)
        self._class, self._results = outer, results

    def _member(self, statement: ast.stmt, name: str) -> None:
        """A member of an enumeration: a loop over the class gives it."""
        if isinstance(statement, ast.Assign):
            self.edge(self.tokens(statement.value), frozenset({("N", name), ("A", "value")}))

    def _is_of_module(self, name: str) -> None:
        """What is defined in a module or class is an attribute of it, too."""
        self.edge(frozenset({("N", name)}), frozenset({("A", name)}))

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, token: Token) -> None:
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = getattr(called, "attr", getattr(called, "id", ""))
            self.edge(frozenset({token}), frozenset({("P", name)}) if name else NOTHING)
            self.edge(self.tokens(decorator), frozenset({token}))
