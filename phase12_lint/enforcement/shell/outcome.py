"""Whether a script fails if one of its commands does.

The script is followed along the way on which that command stands and fails, while all others do well. Known are
constants, ``$?``, and a few ways to look at it; where a failure is looked at in any other way, what becomes of it is
``Undecided``. A status is None for a command that nothing is known of: it does well, and decides nothing.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from phase12_lint.enforcement.cuts import cut
from phase12_lint.enforcement.shell.parse import Command, Line, Pipe, Script, commands_of, parse
from phase12_lint.enforcement.shell.words import filled

Status = int | None
_CONSTANT = {"true": 0, ":": 0, "echo": 0, "printf": 0, "false": 1}
DECLARES = ("local", "export", "declare", "readonly", "typeset")
_SIGNS = {
    **dict.fromkeys(("=", "==", "-eq"), operator.eq),
    **dict.fromkeys(("!=", "-ne"), operator.ne),
    **dict.fromkeys((">", "-gt"), operator.gt),
    **dict.fromkeys(("<", "-lt"), operator.lt),
    **dict.fromkeys((">=", "-ge"), operator.ge),
    **dict.fromkeys(("<=", "-le"), operator.le),
}
_MOST_CALLS = 50


class Undecided(Exception):
    """What becomes of the failure depends on something that is not known here."""


class Modes(NamedTuple):
    """What a shell was started with: ``-e`` and ``-o pipefail``."""

    errexit: bool = False
    pipefail: bool = False

    def after(self, words: Sequence[str]) -> Modes:
        """These modes after ``set`` with ``words``."""
        errexit, pipefail = self
        for word, following in zip(words, [*words[1:], ""]):
            if re.match(r"[-+]\w", word):
                named = following if "o" in word else ""
                errexit = word[0] == "-" if "e" in word or named == "errexit" else errexit
                pipefail = word[0] == "-" if named == "pipefail" else pipefail
        return Modes(errexit, pipefail)


def is_fatal(script: Script, target: Command, modes: Modes, known: Mapping[str, str] = {}) -> bool:
    """Whether ``script``, started with the variables ``known``, fails if ``target`` does; may be ``Undecided``."""
    way = _Way(target, modes, known)
    return bool(way.ended(script)) and way.is_reached


def is_excused(script: Script, target: Command, modes: Modes, known: Mapping[str, str] = {}) -> bool:
    """Whether ``script`` goes on to an ``exit 0`` after ``target`` fails, but for the ``-e`` it is started with."""
    way = _Way(target, modes._replace(errexit=False), known)
    try:
        way.script(script)
    except _Exit as end:
        return modes.errexit and way.is_reached and end.status == 0
    except Undecided:
        return False
    return False


def fails(script: Script, modes: Modes) -> bool:
    """Whether ``script`` fails though all its commands succeed of which nothing is known."""
    return bool(_Way(Command(), modes, {}).ended(script))


class _Exit(Exception):
    def __init__(self, status: Status) -> None:
        super().__init__()
        self.status = status


class _Return(_Exit):
    pass


class _Way:
    def __init__(self, target: Command, modes: Modes, known: Mapping[str, str]) -> None:
        self.target = target
        self.modes = modes
        self.variables = dict(known)
        self.functions: dict[str, Command] = {}
        self.is_reached = False
        self.telling: set[str] = set()  # the variables that may tell of the failure
        self.last: Status = 0
        self.is_looked_at = False  # what failed last: `a && b` and `! a` do not end a shell with -e
        self.is_behind = False
        self.trap = ""
        self.calls = 0

    def ended(self, script: Script) -> Status:
        """The status that the shell ends with: that of an ``exit``, or else of ``script``'s end."""
        status = self._subshell(script, False)
        trap, self.trap, self.last = self.trap, "", status
        try:
            self.script(parse(trap))
        except _Exit as end:
            return end.status
        return status

    def script(self, script: Script, guarded: bool = False) -> Status:
        """Follow the lines; ``guarded`` where a failure is looked at, so that ``-e`` does not act on it."""
        status: Status = 0
        for line in script:
            status = self.last = self._line(line, guarded)
        return status

    def _line(self, line: Line, guarded: bool) -> Status:
        if line.background:
            if self._is_in([line]):
                self.is_behind = self.is_reached = True
            return 0
        status: Status = 0
        for number, pipe in enumerate(line.pipes, 1):
            is_met = None if status is None else number == 1 or (pipe.joint == "||") is bool(status)
            if self._is_followed([Line([pipe], False)], is_met):
                status = self.last = self._pipe(pipe, guarded or number < len(line.pipes))
                keeps = pipe.commands[-1].keyword not in ("", "(", "function") and self.is_looked_at
                self.is_looked_at = pipe.negated or keeps
            else:
                self.is_looked_at = True
        if status and self.modes.errexit and not (self.is_looked_at or guarded):
            raise _Exit(status)
        return status

    def _pipe(self, pipe: Pipe, guarded: bool) -> Status:
        guarded = guarded or pipe.negated or len(pipe.commands) > 1
        statuses = [self._command(each, guarded) for each in pipe.commands]
        self.variables |= {f"PIPESTATUS[{at}]": str(each or 0) for at, each in enumerate(statuses)}
        status = statuses[-1]
        if self.modes.pipefail:
            status = next(filter(None, reversed(statuses)), status)
        return int(not status) if pipe.negated and status is not None else status

    def _command(self, node: Command, guarded: bool) -> Status:
        keyword, scripts = node.keyword, node.scripts
        if keyword == "":
            return self._plain(node, guarded)
        if keyword == "(":
            return self._subshell(scripts[0], guarded)
        if keyword == "{":
            return self.script(scripts[0], guarded)
        if keyword == "function":
            self.functions[node.words[0]] = node
            return 0
        if keyword == "case":
            self._must_not_tell(node.words)
            bodies = [each for each in scripts if self._is_followed(each, None)]
            return self.script(bodies[0], guarded) if bodies else None
        for condition, body in zip(scripts[::2], scripts[1::2]):
            status = self.script(condition, True)
            if keyword != "if" or self._is_followed(body, None if status is None else not status):
                return self.script(body, guarded)
        return 0

    def _subshell(self, body: Script, guarded: bool) -> Status:
        modes, variables = self.modes, dict(self.variables)
        try:
            return self.script(body, guarded)
        except _Exit as end:
            return end.status
        finally:
            self.modes, self.variables = modes, variables

    def _plain(self, node: Command, guarded: bool) -> Status:
        inner = [self._subshell(each, guarded) for each in node.scripts if self._is_in(each)]
        if not node.words:
            self._assign(node.assigns)
            return inner[-1] if inner else 0
        if node is self.target:
            self.is_reached, self.telling = True, {"PIPESTATUS"}
            if node.words[0] == "exec":
                raise _Exit(1)
            return 1
        name, *words = map(self._filled, node.words)
        if name in self.functions:
            return self._called(name, guarded)
        if name in ("exit", "return"):
            raise (_Exit if name == "exit" else _Return)(self._status_of(words))
        if _is_test(name):
            return self._tested(name, words, node)
        if name in DECLARES:
            self._assign(words)
        elif name == "set":
            self.modes = self.modes.after(words)
        elif name == "trap":
            self.trap = words[0] if {"EXIT", "0"}.intersection(words[1:]) else self.trap
        elif name == "wait":
            return int(self.is_behind and bool(words))
        else:
            return _CONSTANT.get(name)
        return 0

    def _called(self, name: str, guarded: bool) -> Status:
        self.calls += 1
        if self.calls > _MOST_CALLS:
            cut(f"a script calls its functions more than {_MOST_CALLS} times; `{name}` was not followed then")
            return None
        try:
            return self.script(self.functions[name].scripts[0], guarded)
        except _Return as end:
            return end.status

    def _status_of(self, words: list[str]) -> Status:
        """The status that ``exit`` with ``words`` gives."""
        if not words or words[0].isdecimal():
            return int(words[0]) if words else self.last
        self._must_not_tell(words)
        return int(self.is_reached)

    def _assign(self, texts: Sequence[str]) -> None:
        for name, sign, value in (text.partition("=") for text in texts):
            if sign:
                self.variables[name.rstrip("+")] = self._filled(value)
                if self.is_reached and not re.search(r"\$\((?!\()|`", value):
                    self.telling.add(name.rstrip("+"))

    def _filled(self, text: str) -> str:
        return filled(text, {**self.variables, "?": str(self.last or 0)})

    def _tested(self, name: str, words: list[str], node: Command) -> Status:
        if name not in ("[", "[[", "test"):
            text = name[2:-2].strip() if name.startswith("((") else "".join(words)
            if re.search(r"\+\+|(?<![=!<>])=(?!=)", text):  # which sets a variable
                self._assign([f"{variable}=$(({text}))" for variable in re.findall(r"[A-Za-z_]\w*", text)])
                return None
            words = [self.variables.get(word, word) for word in re.findall(r"\w+|[^\w\s]+", text)]
            words = words if len(words) > 1 else [*words, "!=", "0"]
        elif name != "test":
            words = words[:-1]
        is_negated = words[:1] == ["!"]
        holds = _holds(words[is_negated:])
        if holds is None:
            self._must_not_tell(node.words)
        return None if holds is None else int(holds is is_negated)

    def _must_not_tell(self, words: list[str]) -> None:
        """Raise ``Undecided`` if what ``words`` say depends on the failure."""
        text = " ".join(words)
        if self.telling.intersection(re.findall(r"\w+", text)) or (
            self.telling and self.last and "$?" in text
        ):
            raise Undecided

    def _is_followed(self, script: Script, is_met: bool | None) -> bool:
        """Whether ``script`` runs; where that is not known, if the command in question is in it.

        One that is left out must not tell of the failure.
        """
        if is_met is not None or self._is_in(script):
            return is_met is not False
        for command in commands_of(script):
            if command.words and (command.words[0] in ("exit", "return") or _is_test(command.words[0])):
                self._must_not_tell(command.words)
        return False

    def _is_in(self, script: Script) -> bool:
        """Whether the command in question is in ``script``, or in a function that it calls."""
        found = list(commands_of(script))
        called = {name for each in found for name in each.words[:1] if name in self.functions}
        found += [command for name in called for command in commands_of(self.functions[name].scripts[0])]
        return any(each is self.target for each in found)


def _is_test(name: str) -> bool:
    return name in ("[", "[[", "test", "let") or name.startswith("((")


def _holds(words: list[str]) -> bool | None:
    """Whether a test of ``words`` holds; None if that is not known."""
    if len(words) == 2 and words[0] in ("-n", "-z"):
        words = [words[1], "!=" if words[0] == "-n" else "==", ""]
    if len(words) != 3 or words[1] not in _SIGNS or any("$" in word for word in words):
        return None
    left, sign, right = words
    if left.isdecimal() and right.isdecimal():
        return bool(_SIGNS[sign](int(left), int(right)))
    return bool(_SIGNS[sign](left, right)) if sign in ("=", "==", "!=") else None
