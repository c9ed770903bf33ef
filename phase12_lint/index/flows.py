"""Where a value of a file may go, by names alone: what decides which files of a large program are worth a judgement.

An edge says that what one token (``value_tokens``) holds may come to another. Objects, scopes and order do not count,
so the edges say too much and, but for reflection, never too little; values are followed through them from the seeds to
all files that they may come to. A small program is judged whole instead.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

from phase12_lint.index.operators import IN_PLACE, LEFT
from phase12_lint.index.value_tokens import (
    APPLICATIONS,
    CONTAINERS,
    IMPLICIT,
    LISTING_MEMBERS,
    MAKING_CLASSES,
    NOTHING,
    Expressions,
    Token,
    Tokens,
    given_to,
    last_word,
    stores_by_variables,
)

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SUPPLYING = {"pass_obj": "obj"}  # what a decorator gives first is in an attribute of that name
_ANNOTATING = {"register"}  # what such a decorator is given is the class of a parameter
_VALIDATING = {"field_validator", "validator"}  # what such a function gives is in the fields that it names
_CLASSES = {"type", "ABCMeta", "EnumMeta", "EnumType"}


def _bare(base: ast.expr) -> ast.expr:
    return base.value if isinstance(base, ast.Subscript) else base


class Flow(NamedTuple):
    """The edges of one file, and what it imports under which name: (name, dots, module, name there)."""

    edges: tuple[tuple[Tokens, Tokens], ...]
    imported: tuple[tuple[str, int, str, str], ...]


def flow_of(tree: ast.Module) -> Flow:
    """The flow of the file that ``tree`` was made of."""
    reader = _Reader()
    for statement in tree.body:
        reader.statement(statement)
    if ("N", "__getattr__") in reader.requested:
        reader.request(("N", "__getattr__"), tree)
    reader.give_away()
    return Flow(tuple(dict.fromkeys(reader.edges)), tuple(reader.imported))


class _Reader(Expressions):
    def give_away(self) -> None:
        """What the module or a class of it has under a name is an attribute of that."""
        for name in sorted(self.given_away):
            self.edge(frozenset({("N", name)}), frozenset({("A", name)}))
            self.edge(frozenset({("R", name)}), frozenset({("N", name)}))

    def request(self, given: Token, node: ast.AST) -> None:
        """``__getattr__`` gives ``given`` for the names that are written out as texts in ``node``."""
        texts = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
        named = sorted(text for text in texts if isinstance(text, str) and text.isidentifier())
        attributes = frozenset(("A", text) for text in named)
        self.edge(attributes | {given}, attributes.union(("N", text) for text in named))

    def statement(self, node: ast.AST) -> None:
        """Follow what ``node`` and the statements in it store, hand over and give back."""
        if isinstance(node, _FUNCTIONS):
            self._function(node)
        elif isinstance(node, ast.ClassDef):
            self._class_of(node)
        elif isinstance(node, ast.Return):
            self.give_back(self.tokens(node.value))
            if node.value is not None and self.results:
                self.edge(frozenset({("P", self.results[-1][1])}), given_to(node.value))
        elif isinstance(node, ast.Assign):
            value = self.tokens(node.value)
            for target in node.targets:
                self.bind(target, value)
                self.rename(target, node.value)
        elif isinstance(node, ast.AnnAssign):
            self._declared(node)
        elif isinstance(node, ast.AugAssign):
            added = self.tokens(node.value)
            self.bind(node.target, added)
            extend = ast.Attribute(node.target, "extend", ast.Load())
            self._put(ast.Call(extend, [node.value], []), extend, added, self.tokens(node.target))
            methods = frozenset({("P", IN_PLACE[type(node.op)]), ("P", LEFT[type(node.op)])})
            self.edge(added, methods)
        elif isinstance(node, ast.ImportFrom):
            self._imported_from(node)
        elif isinstance(node, ast.Import):
            self._imported(node)
        else:
            self._others(node)

    def _declared(self, node: ast.AnnAssign) -> None:
        annotation, value = self.annotation(node.annotation), self.tokens(node.value)
        if last_word(node.annotation) == "TypeAlias":
            value |= self.annotation(node.value)
        self.edge(annotation, value)  # what is stored where a plugin is expected is taken for one
        given: Tokens = NOTHING
        if self.owner:
            given = frozenset({("P", self.owner)})
            self.edge(annotation, frozenset({("F", self.owner), ("E", last_word(node.target))}))
        self.bind(node.target, value | annotation | given)
        if node.value is not None:
            self.rename(node.target, node.value)

    def _imported_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            every = f"* of {node.level} {node.module}"
            local = alias.asname or (alias.name if alias.name != "*" else every)
            self.imported.append((local, node.level, node.module or "", alias.name))
            self.bound(local)
            if alias.asname:
                self.edge(frozenset({("P", local)}), frozenset({("P", alias.name)}))

    def _imported(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.asname:
                last = alias.name.rpartition(".")[2]
                self.edge(frozenset({("A", last)}), frozenset({("N", alias.asname)}))

    def _others(self, node: ast.AST) -> None:
        if isinstance(node, (ast.For, ast.AsyncFor)):
            self.take_out(node.target, node.iter, isinstance(node, ast.AsyncFor))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self.take_out(node.optional_vars, node.context_expr)
        elif isinstance(node, ast.Match):
            subject = self.tokens(node.subject)
            for each in ast.walk(node):
                if isinstance(each, (ast.MatchAs, ast.MatchStar)) and each.name:
                    self.edge(subject, frozenset({("N", each.name)}))
                elif isinstance(each, ast.MatchClass):
                    self.edge(self.tokens(each.cls), subject)
                    for name, part in zip(each.kwd_attrs, each.kwd_patterns):
                        self.edge(self._classes_in(part), frozenset({("A", name)}))
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.tokens(child)
            else:
                self.statement(child)

    def _classes_in(self, pattern: ast.pattern) -> Tokens:
        return self.all_of(each.cls for each in ast.walk(pattern) if isinstance(each, ast.MatchClass))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        owner, arguments = self.owner, node.args
        token = ("A" if owner else "N", node.name)
        if owner and node.name in IMPLICIT:
            token = ("N", owner)
        if not owner and not self.results:
            self.given_away.add(node.name)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
        names = {owner or node.name, node.name}
        takes = frozenset(("F", name) for name in names)
        for position, argument in enumerate(every):
            local = frozenset({("N", argument.arg)})
            annotation = self.annotation(argument.annotation)
            source = frozenset({("P", node.name), ("P", owner), ("D", self.outer)}) | annotation
            if owner and position == 0:
                source = frozenset({("N", owner)} | ({("M", owner)} if self.of_classes else set()))
            self.edge(source, local)
            self.edge(annotation, takes)
            above = {self.outer} if self.outer else set()  # which makes a decorator that is given this
            self.edge(frozenset({("P", argument.arg)}), frozenset(("Q", name) for name in names | above))
        self._supplied(node, every)
        self._defaults(arguments)
        self.edge(self.annotation(node.returns), frozenset({token}))
        self._decorated(node, token)
        around, first, outer, taking = self.around, self.first, self.outer, self.taking
        self.outer, self.taking = node.name, taking | {argument.arg: takes for argument in every}
        self.owner, self.around = "", owner or around
        self.first = every[0].arg if owner and every else first
        self.results.append(token)
        self.expected.append(self.annotation(node.returns))
        filled, self.filled = self.filled, set()
        if node.name == "__getattr__" and owner:
            self.request(token, node)
        elif node.name == "__getattr__":
            self.requested.append(token)
        for statement in node.body:
            self.statement(statement)
        for argument in every:
            if argument.arg in self.filled:
                self._filled_in(argument, names)
        self.filled |= filled
        self.owner, self.around, self.first, self.outer, self.taking = owner, around, first, outer, taking
        self.results.pop()
        self.expected.pop()

    def _defaults(self, arguments: ast.arguments) -> None:
        """What parameters are where nothing is given for them."""
        positional = [*arguments.posonlyargs, *arguments.args]
        given = [*zip(reversed(positional), reversed(arguments.defaults))]
        given += [(one, each) for one, each in zip(arguments.kwonlyargs, arguments.kw_defaults) if each]
        for argument, default in given:
            self.edge(self.tokens(default), frozenset({("N", argument.arg)}))
            self.edge(frozenset({("P", argument.arg)}), given_to(default))

    def _supplied(self, node: ast.FunctionDef | ast.AsyncFunctionDef, every: list[ast.arg]) -> None:
        """What decorators give to parameters, or say of them."""
        for decorator in node.decorator_list if every else ():
            if last_word(decorator) in _SUPPLYING:
                given = frozenset({("A", _SUPPLYING[last_word(decorator)])})
                self.edge(given, frozenset({("N", every[0].arg)}))
            if isinstance(decorator, ast.Call) and last_word(decorator.func) in _ANNOTATING:
                self.edge(self.all_of(decorator.args), frozenset(("N", argument.arg) for argument in every))

    def _filled_in(self, argument: ast.arg, functions: set[str]) -> None:
        """Something is put into ``argument``; what a framework calls with it is found in an attribute of that name."""
        held = {("A", argument.arg), *(("F", name) for name in functions)}
        if argument.annotation is not None and last_word(argument.annotation).endswith(APPLICATIONS):
            held.add(("A", "app"))
        self.edge(frozenset({("N", argument.arg)}), frozenset(held))

    def _class_of(self, node: ast.ClassDef) -> None:
        outer, results = self.owner, self.results
        self.edge(
            self.all_of((*node.bases, *(each.value for each in node.keywords))), frozenset({("N", node.name)})
        )
        above = (*node.bases, *(each.value for each in node.keywords if each.arg == "metaclass"))
        makers = frozenset(("M", last_word(each)) for each in above if last_word(each))
        self.edge(frozenset({("N", node.name), ("M", node.name)}), makers)
        arguments = [self.tokens(each.slice) for each in node.bases if isinstance(each, ast.Subscript)]
        variables = frozenset(("N", each.name) for each in getattr(node, "type_params", ()))
        self.edge(frozenset({("P", node.name)}), variables.union(*arguments))
        if not any(getattr(each, "name", "") == "__init__" for each in node.body):
            inherited = frozenset(("P", last_word(_bare(each))) for each in node.bases)
            self.edge(frozenset({("P", node.name)}), inherited)
        self._decorated(node, ("N", node.name))
        if not results:
            self.given_away.add(node.name)
        if any(last_word(_bare(each)) in CONTAINERS for each in node.bases):
            self.edge(frozenset({("P", node.name)}), frozenset({("N", node.name)}))
        self.owner, self.results = node.name, []
        is_open, self.is_open = self.is_open, stores_by_variables(node)
        of_classes, self.of_classes = self.of_classes, any(last_word(each) in _CLASSES for each in node.bases)
        for statement in node.body:
            self.statement(statement)
            if any(last_word(base).endswith(LISTING_MEMBERS) for base in node.bases):
                self._member(statement, node.name)
            if isinstance(statement, ast.AnnAssign) and any(
                last_word(base) in MAKING_CLASSES for base in node.bases
            ):
                self.edge(self.annotation(statement.annotation), frozenset({("N", node.name)}))
        self.owner, self.results, self.of_classes, self.is_open = outer, results, of_classes, is_open

    def _member(self, statement: ast.stmt, name: str) -> None:
        """A member of an enumeration: a loop over the class gives it."""
        if isinstance(statement, ast.Assign):
            self.edge(self.tokens(statement.value), frozenset({("N", name), ("A", "value")}))

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, token: Token) -> None:
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = last_word(called)
            kind = "D" if isinstance(decorator, ast.Call) else "P"
            self.edge(frozenset({token}), frozenset({(kind, name), ("P", name)}) if name else NOTHING)
            self.edge(frozenset({("F", name)}) if name else NOTHING, frozenset({token}))
            self.edge(frozenset({("Q", name)}) if name else NOTHING, frozenset({("P", node.name)}))
            self.edge(self.tokens(decorator), frozenset({token}))
            owners = [*getattr(decorator, "args", ()), getattr(called, "value", called)]
            self.edge(NOTHING.union(*map(given_to, owners)), frozenset({("P", node.name)}))
            if name in _VALIDATING and isinstance(decorator, ast.Call):
                texts = (each.value for each in decorator.args if isinstance(each, ast.Constant))
                self.edge(frozenset({token}), frozenset(("A", str(text)) for text in texts))
