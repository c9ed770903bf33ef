"""The grammar of shell scripts, as far as it decides what runs and whose failure counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from phase12_lint.enforcement.cuts import cut
from phase12_lint.enforcement.shell.words import Quoted, Token, tokens

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_ENDS = {"(": ")", "{": "}", "if": "fi", "case": "esac"} | dict.fromkeys(
    ("while", "until", "for", "select"), "done"
)
_PARTS = ("then", "elif", "else", "do", ";;", ";&", ";;&")
_MOST_NESTED = 60


@dataclass(eq=False)
class Command:
    """A command, or a compound one if it has a ``keyword``, whose ``scripts`` it is then made of.

    ``(``, ``{`` and ``function`` have one, ``case`` has its bodies; ``if`` and loops have a condition before each body,
    an empty one for ``else`` and ``for``. The scripts of a plain command are substituted into its words.
    """

    keyword: str = ""
    assigns: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)


class Pipe(NamedTuple):
    """Commands joined by ``|``, behind ``&&`` or ``||`` if it is not the first; ``negated`` by a leading ``!``."""

    joint: str
    negated: bool
    commands: list[Command]


class Line(NamedTuple):
    """Pipes joined by ``&&`` and ``||``."""

    pipes: list[Pipe]
    background: bool


Script = list[Line]


def commands_of(script: Script) -> Iterator[Command]:
    """Every plain command in ``script``, wherever it stands."""
    for command in (each for line in script for pipe in line.pipes for each in pipe.commands):
        if not command.keyword:
            yield command
        for each in command.scripts:
            yield from commands_of(each)


def parse(text: str, depth: int = 0) -> Script:
    """The script that ``text`` is; what is not understood is taken for words."""
    return _Parser(tokens(text), depth).parts("")[0]


def _is_test(words: list[str]) -> bool:
    """Whether ``words`` are the beginning of ``[[ ... ]]``, in which operators are words."""
    return words[:1] == ["[["] and words[-1] != "]]"


class _Parser:
    def __init__(self, found: list[Token], depth: int) -> None:
        self._tokens = found
        self._at = 0
        self._depth = depth

    def parts(self, keyword: str) -> list[Script]:
        """The scripts up to the end of what ``keyword`` opens, which is taken."""
        found: list[Script] = [[]]
        while self._at < len(self._tokens) and not self._takes(_ENDS.get(keyword, "")):
            if (keyword and self._takes(*_PARTS)) or (keyword == "case" and self._takes(")")):
                found.append([])
            elif self._tokens[self._at].is_word or self._is("("):
                found[-1].append(self._line())
            else:
                self._at += 1  # a separator, or an operator out of place
        return found

    def _line(self) -> Line:
        pipes = [self._pipe("")]
        while self._takes("&&", "||"):
            pipes.append(self._pipe(self._tokens[self._at - 1].text))
        return Line(pipes, self._is("&"))

    def _pipe(self, joint: str) -> Pipe:
        self._skip_lines()
        pipe = Pipe(joint, self._takes("!"), [self._command()])
        while self._takes("|", "|&"):
            self._skip_lines()
            pipe.commands.append(self._command())
        return pipe

    def _command(self) -> Command:
        self._depth += 1
        if self._depth > _MOST_NESTED:
            cut(f"a script is nested more than {_MOST_NESTED} deep; the inner commands were not read")
            self._at = len(self._tokens)
        command = (
            self._compound(self._tokens[self._at - 1].text)
            if self._takes("function", *_ENDS)
            else self._plain()
        )
        self._depth -= 1
        return command

    def _compound(self, keyword: str) -> Command:
        if keyword == "function":
            self._at += 1
            return self._function(self._tokens[self._at - 1].text)
        scripts, words = self.parts(keyword), []
        if keyword == "case":
            words = [word for each in commands_of(scripts[0]) for word in each.words]
            scripts = scripts[1::2]
        elif keyword in ("for", "select"):
            scripts[0] = []
        elif keyword == "if" and len(scripts) % 2:
            scripts.insert(-1, [])
        return Command(keyword, words=words, scripts=scripts)

    def _function(self, name: str) -> Command:
        while self._takes("(", ")", "\n"):
            pass
        return Command(
            "function", words=[name], scripts=[[Line([Pipe("", False, [self._command()])], False)]]
        )

    def _plain(self) -> Command:
        command = Command()
        while (token := self._token()) and (token.is_word or _is_test(command.words)):
            self._at += 1
            is_set = not command.words and _ASSIGNMENT.match(token.text)
            (command.assigns if is_set else command.words).append(
                Quoted(token.text) if token.is_quoted else token.text
            )
            command.scripts += [parse(text, self._depth + 1) for text in token.inner]
        if not self._takes("("):
            return command
        if self._is(")") and command.words:
            return self._function(command.words[0])
        while self._token() and not self._takes(")"):  # an array, which holds words alone
            self._at += 1
        return command

    def _token(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _is(self, *texts: str) -> bool:
        token = self._token()
        return token is not None and not token.is_quoted and token.text in texts

    def _takes(self, *texts: str) -> bool:
        taken = self._is(*texts)
        self._at += taken
        return taken

    def _skip_lines(self) -> None:
        while self._takes("\n"):
            pass
