"""Whether a script fails if one of its commands does: the script is played through with that failure.

A status is 0 or another number, or None for a command that nothing is known of; it is taken to succeed, and not to
decide anything: of two ways, the one is gone on which the command in question stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from phase12_lint.enforcement.cuts import cut
from phase12_lint.enforcement.shell.comparisons import verdict
from phase12_lint.enforcement.shell.parse import (
    AndOr,
    Case,
    Command,
    Function,
    Group,
    If,
    Loop,
    Pipe,
    Script,
    Simple,
    commands_of,
    parse,
)

Status = int | None
_VARIABLE = re.compile(r"\$(?:\{(\w+(?:\[\d+\])?)(?::?-([^{}]*))?\}|(\w+|\?))")
_CONSTANT = {"true": 0, ":": 0, "echo": 0, "printf": 0, "false": 1}
_MOST_CALLS = 50


@dataclass
class Modes:
    """What the shell was started with: ``-e`` and ``-o pipefail``."""

    errexit: bool = False
    pipefail: bool = False


class _Exit(Exception):
    def __init__(self, status: Status) -> None:
        super().__init__()
        self.status = status


class _Return(_Exit):
    pass


def is_fatal(script: Script, target: Simple, modes: Modes, variables: Mapping[str, str] = {}) -> bool:
    """Whether ``script``, started with ``variables``, fails if its command ``target`` fails and all others succeed."""
    play = _Play(target, Modes(modes.errexit, modes.pipefail), variables=dict(variables))
    status = play.ended(script, 0)
    if play.trap:
        status = play.ended(parse(play.trap), status)
    return play.reached and bool(status)


def is_excused(script: Script, target: Simple, modes: Modes, variables: Mapping[str, str] = {}) -> bool:
    """Whether ``script`` goes on to an ``exit 0`` after ``target`` fails, but for the ``-e`` it is started with."""
    play = _Play(target, Modes(False, modes.pipefail), variables=dict(variables))
    try:
        play.script(script, False)
    except _Exit as end:
        return modes.errexit and play.reached and end.status == 0
    return False


def fails(script: Script, modes: Modes) -> bool:
    """Whether ``script`` fails though all its commands succeed of which nothing is known."""
    return bool(_Play(Simple(), Modes(modes.errexit, modes.pipefail)).ended(script, 0))


@dataclass
class _Play:
    target: Simple
    modes: Modes
    reached: bool = False
    last: Status = 0
    variables: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Command] = field(default_factory=dict)
    calls: int = 0
    in_background: bool = False
    trap: str = ""
    looked_at: bool = False  # whether what failed last was: `a && b` and `! a` do not end a shell with -e

    def ended(self, script: Script, before: Status) -> Status:
        """The status that the shell ends with: that of an ``exit``, or else of ``script``'s end."""
        self.last = before
        try:
            status = self.script(script, False)
        except _Exit as end:
            return end.status
        return before or status

    def script(self, script: Script, guarded: bool) -> Status:
        """Play the lists; ``guarded`` where a failure is looked at, so that ``-e`` does not act on it."""
        status: Status = 0
        for each in script.lists:
            if each.background:
                if self._holds_list(each):
                    self.reached = self.in_background = True
                status = 0
            else:
                status = self._list(each, guarded)
            self.last = status
        return status

    def _list(self, node: AndOr, guarded: bool) -> Status:
        status = self._pipe(node.first, guarded or bool(node.rest))
        final = not node.rest
        for number, (operator, pipe) in enumerate(node.rest, 1):
            self.last = status
            goes_on = self._holds(pipe) if status is None else (operator == "&&") == (status == 0)
            if goes_on:
                final = number == len(node.rest)
                status = self._pipe(pipe, guarded or not final)
        self.looked_at = not final or self._was_negated(node) or (self._keeps(node) and self.looked_at)
        if status and not self.looked_at and not guarded and self.modes.errexit:
            raise _Exit(status)
        return status

    @staticmethod
    def _keeps(node: AndOr) -> bool:
        """Whether the last of ``node`` is a compound command, which gives the status that is looked at in it."""
        last = (node.rest[-1][1] if node.rest else node.first).commands[-1]
        return not isinstance(last, (Simple, Function)) and not (isinstance(last, Group) and last.subshell)

    @staticmethod
    def _was_negated(node: AndOr) -> bool:
        return (node.rest[-1][1] if node.rest else node.first).negated

    def _pipe(self, node: Pipe, guarded: bool) -> Status:
        statuses = [
            self._command(each, guarded or node.negated or len(node.commands) > 1) for each in node.commands
        ]
        status = statuses[-1]
        self.variables.update({f"PIPESTATUS[{at}]": str(each or 0) for at, each in enumerate(statuses)})
        if self.modes.pipefail:
            status = next((each for each in reversed(statuses) if each), status)
        if node.negated and status is not None:
            status = 0 if status else 1
        return status

    def _command(self, node: Command, guarded: bool) -> Status:
        if isinstance(node, Simple):
            return self._simple(node, guarded)
        if isinstance(node, Group):
            return self._subshell(node.body, guarded) if node.subshell else self.script(node.body, guarded)
        if isinstance(node, If):
            return self._if(node, guarded)
        if isinstance(node, Loop):
            if node.condition is not None:
                self.script(node.condition, True)
            return self.script(node.body, guarded)
        if isinstance(node, Case):
            bodies = [body for body in node.bodies if self._is_in(body)]
            return self.script(bodies[0], guarded) if bodies else None
        self.functions[node.name] = node.body
        return 0

    def _subshell(self, body: Script, guarded: bool) -> Status:
        modes, variables = self.modes, dict(self.variables)
        self.modes = Modes(modes.errexit, modes.pipefail)
        try:
            return self.script(body, guarded)
        except _Exit as end:
            return end.status
        finally:
            self.modes, self.variables = modes, variables

    def _if(self, node: If, guarded: bool) -> Status:
        for condition, body in node.branches:
            status = self.script(condition, True) if condition is not None else 0
            self.last = status
            if status == 0 if status is not None else self._is_in(body):
                return self.script(body, guarded)
        return 0

    def _simple(self, node: Simple, guarded: bool) -> Status:
        inner: Status = 0
        for script in node.inner:
            if self._is_in(script):
                inner = self._subshell(script, guarded)
        if not node.words:
            for text in node.assigns:
                name, _, value = text.partition("=")
                self.variables[name.rstrip("+")] = self._expanded(value)
            return inner
        if node is self.target:
            self.reached = True
            if node.words[0] == "exec":
                raise _Exit(1)
            return 1
        return self._builtin(node, guarded)

    def _builtin(self, node: Simple, guarded: bool) -> Status:
        name, *rest = [self._expanded(word) for word in node.words]
        if name in _CONSTANT:
            return _CONSTANT[name]
        if name in ("exit", "return"):
            raise (_Exit if name == "exit" else _Return)(self._status_of(rest))
        if name in ("[", "[[", "test", "((", "let"):
            return verdict(name, rest, self.variables)
        if name in ("local", "export", "declare", "readonly", "typeset"):
            for text in rest:
                variable, equals, value = text.partition("=")
                if equals:
                    self.variables[variable] = value
            return 0
        if name == "set":
            self._set(rest)
            return 0
        if name == "wait":
            return int(self.in_background and bool(rest))
        if name == "trap":
            self.trap = rest[0] if {"EXIT", "0"}.intersection(rest[1:]) else self.trap
            return 0
        return self._function(name, guarded) if name in self.functions else None

    def _function(self, name: str, guarded: bool) -> Status:
        if self.calls >= _MOST_CALLS:
            cut(f"a script calls its functions more than {_MOST_CALLS} times; `{name}` was not followed then")
            return None
        self.calls += 1
        try:
            return self._command(self.functions[name], guarded)
        except _Return as end:
            return end.status

    def _status_of(self, words: list[str]) -> Status:
        if not words:
            return self.last
        return int(words[0]) if words[0].isdecimal() else int(self.reached)

    def _set(self, words: list[str]) -> None:
        for number, word in enumerate(words):
            on = word.startswith("-")
            if word[:1] not in ("-", "+"):
                continue
            if "e" in word[1:]:
                self.modes.errexit = on
            if "o" in word[1:] and words[number + 1 : number + 2] == ["pipefail"]:
                self.modes.pipefail = on
            if "o" in word[1:] and words[number + 1 : number + 2] == ["errexit"]:
                self.modes.errexit = on

    def _expanded(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            name, otherwise = match[1] or match[3], match[2]
            if name == "?":
                return str(self.last or 0)
            return self.variables.get(name, match[0] if otherwise is None else otherwise)

        return _VARIABLE.sub(value, text)

    def _is_in(self, script: Script) -> bool:
        return any(self._means(command) for command in script.commands())

    def _holds(self, pipe: Pipe) -> bool:
        return any(self._means(command) for each in pipe.commands for command in commands_of(each))

    def _holds_list(self, node: AndOr) -> bool:
        return any(self._holds(pipe) for pipe in (node.first, *(pipe for _, pipe in node.rest)))

    def _means(self, command: Simple) -> bool:
        """Whether ``command`` is the one in question, or calls a function that holds it."""
        if command is self.target:
            return True
        body = self.functions.get(command.words[0]) if command.words else None
        return body is not None and any(each is self.target for each in commands_of(body))
