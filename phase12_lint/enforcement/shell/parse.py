"""The grammar of shell scripts, as far as it decides what runs and whose failure counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from phase12_lint.enforcement.cuts import cut, shortened
from phase12_lint.enforcement.shell.words import Token, tokens

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_MOST_NESTED = 60
_NESTED = 8  # of scripts within scripts, as in $(...)


@dataclass(eq=False)
class Simple:
    """One command: its assignments, its words, and the scripts that are substituted into them."""

    assigns: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    inner: list[Script] = field(default_factory=list)


@dataclass(eq=False)
class Group:
    """``{ ...; }``, or ``( ... )`` if it is a ``subshell``."""

    body: Script
    subshell: bool = False


@dataclass(eq=False)
class If:
    """The branches of an ``if``, each a condition and a body; the last has no condition if it is ``else``."""

    branches: list[tuple[Script | None, Script]]


@dataclass(eq=False)
class Loop:
    """A ``while`` or ``until``; a ``for`` has no condition."""

    condition: Script | None
    body: Script


@dataclass(eq=False)
class Case:
    """The bodies of a ``case``."""

    bodies: list[Script]


@dataclass(eq=False)
class Function:
    """The definition of a function."""

    name: str
    body: Command


Command = Simple | Group | If | Loop | Case | Function


@dataclass(eq=False)
class Pipe:
    """Commands joined by ``|``; ``negated`` by a leading ``!``."""

    commands: list[Command]
    negated: bool = False


@dataclass(eq=False)
class AndOr:
    """Pipes joined by ``&&`` and ``||``; each rest is the operator and the pipe."""

    first: Pipe
    rest: list[tuple[str, Pipe]] = field(default_factory=list)
    background: bool = False


@dataclass(eq=False)
class Script:
    """A sequence of lists."""

    lists: list[AndOr] = field(default_factory=list)

    def commands(self) -> Iterator[Simple]:
        """Every simple command in it, wherever it stands."""
        for each in self.lists:
            for pipe in (each.first, *(pipe for _, pipe in each.rest)):
                for command in pipe.commands:
                    yield from commands_of(command)


def commands_of(command: Command) -> Iterator[Simple]:
    """Every simple command in ``command``."""
    if isinstance(command, Simple):
        yield command
        for script in command.inner:
            yield from script.commands()
    elif isinstance(command, Function):
        yield from commands_of(command.body)
    elif isinstance(command, If):
        for condition, body in command.branches:
            if condition is not None:
                yield from condition.commands()
            yield from body.commands()
    elif isinstance(command, Case):
        for body in command.bodies:
            yield from body.commands()
    else:
        if isinstance(command, Loop) and command.condition:
            yield from command.condition.commands()
        yield from command.body.commands()


def parse(text: str, depth: int = 0) -> Script:
    """The script that ``text`` is; what is not understood is taken for words."""
    return _Parser(tokens(text), depth).script(())


class _Parser:
    def __init__(self, found: list[Token], depth: int) -> None:
        self._tokens = found
        self._at = 0
        self._depth = depth
        self._nested = 0

    def script(self, ends: tuple[str, ...]) -> Script:
        """The lists up to one of the words or operators ``ends``, which is not taken."""
        script = Script()
        self._nested += 1
        while self._at < len(self._tokens):
            if self._is_operator("\n", ";", "&"):
                self._at += 1
            elif self._is_any(ends):
                break
            elif self._nested > _MOST_NESTED:
                cut(f"a script is nested more than {_MOST_NESTED} deep; the inner commands were not read")
                break
            elif self._is_operator(")", ";;", "|", "&&", "||", ";&", ";;&", "|&"):
                self._at += 1  # out of place
            else:
                script.lists.append(self._list())
        self._nested -= 1
        return script

    def _list(self) -> AndOr:
        found = AndOr(self._pipe())
        while self._is_operator("&&", "||"):
            operator = self._next()
            self._skip_lines()
            found.rest.append((operator, self._pipe()))
        found.background = self._is_operator("&")
        return found

    def _pipe(self) -> Pipe:
        negated = self._is_keyword("!")
        if negated:
            self._at += 1
        commands = [self._command()]
        while self._is_operator("|", "|&"):
            self._at += 1
            self._skip_lines()
            commands.append(self._command())
        return Pipe(commands, negated)

    def _command(self) -> Command:
        if self._is_operator("("):
            self._at += 1
            return Group(self._until(")"), subshell=True)
        if self._is_keyword("{"):
            self._at += 1
            return Group(self._until("}"))
        if self._is_keyword("if"):
            return self._if()
        if self._is_keyword("while", "until", "for", "select"):
            return self._loop()
        if self._is_keyword("case"):
            return self._case()
        if self._is_function():
            return self._function()
        return self._simple()

    def _if(self) -> If:
        branches: list[tuple[Script | None, Script]] = []
        word = self._next()
        while word in ("if", "elif"):
            condition = self._until("then")
            branches.append((condition, self.script(("elif", "else", "fi"))))
            word = self._next()
        if word == "else":
            branches.append((None, self._until("fi")))
        return If(branches)

    def _loop(self) -> Loop:
        if self._next() in ("while", "until"):
            condition = self._until("do")
            return Loop(condition, self._until("done"))
        while self._at < len(self._tokens) and not self._is_keyword("do"):
            self._at += 1
        self._at += 1
        return Loop(None, self._until("done"))

    def _case(self) -> Case:
        bodies = []
        while self._at < len(self._tokens) and self._next() != "in":
            pass
        while self._at < len(self._tokens) and not self._is_keyword("esac"):
            while self._at < len(self._tokens) and self._next() != ")":
                pass
            bodies.append(self.script((";;", ";&", ";;&", "esac")))
            if self._is_operator(";;", ";&", ";;&"):
                self._at += 1
            self._skip_lines()
        self._at += 1
        return Case(bodies)

    def _is_function(self) -> bool:
        if self._is_keyword("function"):
            return True
        following = [token.text for token in self._tokens[self._at + 1 : self._at + 3] if not token.is_word]
        return self._at < len(self._tokens) and following == ["(", ")"]

    def _function(self) -> Function:
        if self._is_keyword("function"):
            self._at += 1
        name = self._next()
        while self._is_operator("(", ")", "\n"):
            self._at += 1
        self._nested += 1
        if self._nested > _MOST_NESTED:
            cut(f"a script is nested more than {_MOST_NESTED} deep; the body of `{name}` was not read")
        body = self._command() if self._nested <= _MOST_NESTED else Simple()
        self._nested -= 1
        return Function(name, body)

    def _simple(self) -> Simple:
        command = Simple()
        while self._at < len(self._tokens) and (token := self._tokens[self._at]).is_word:
            self._at += 1
            if not command.words and _ASSIGNMENT.match(token.text):
                command.assigns.append(token.text)
            else:
                command.words.append(token.text)
            if self._depth < _NESTED:
                command.inner += [parse(text, self._depth + 1) for text in token.inner]
            elif token.inner:
                cut(
                    f"scripts are nested in more than {_NESTED} scripts; `{shortened(token.inner[0])}` was not read"
                )
        if self._is_operator("("):  # as in an array, which holds words alone
            self._at += 1
            while self._at < len(self._tokens) and self._next() != ")":
                pass
        return command

    def _until(self, end: str) -> Script:
        body = self.script((end,))
        self._at += 1
        return body

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1].text if self._at <= len(self._tokens) else ""

    def _skip_lines(self) -> None:
        while self._is_operator("\n"):
            self._at += 1

    def _is_any(self, texts: tuple[str, ...]) -> bool:
        return self._is_operator(*texts) or self._is_keyword(*texts)

    def _is_operator(self, *texts: str) -> bool:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return token is not None and not token.is_word and token.text in texts

    def _is_keyword(self, *texts: str) -> bool:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return token is not None and token.is_word and not token.quoted and token.text in texts
