"""The grammar of shell scripts, as far as it decides what runs and whose failure counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from phase12_lint.enforcement.cuts import cut, shortened
from phase12_lint.enforcement.shell.words import Token, tokens

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_LOOPS = ("while", "until", "for", "select")
_MOST_NESTED = 60


@dataclass(eq=False)
class Command:
    """A command, or a compound one if it has a ``keyword``, whose ``scripts`` it is then made of.

    ``(`` and ``{`` have one, ``case`` has its bodies, ``if`` has each condition before its body, where ``else`` has an
    empty condition, and a loop is written alike. The scripts of a plain command are substituted into its words.
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
    for line in script:
        for pipe in line.pipes:
            for command in pipe.commands:
                if not command.keyword:
                    yield command
                for each in command.scripts:
                    yield from commands_of(each)


def parse(text: str, depth: int = 0) -> Script:
    """The script that ``text`` is; what is not understood is taken for words."""
    return _Parser(tokens(text), depth).script()


class _Parser:
    def __init__(self, found: list[Token], depth: int) -> None:
        self._tokens = found
        self._at = 0
        self._depth = depth

    def script(self, *ends: str) -> Script:
        """The lines up to one of the words or operators ``ends``, which is taken."""
        found: Script = []
        self._depth += 1
        while self._is_more() and not self._takes(*ends):
            if self._depth > _MOST_NESTED:
                cut(f"a script is nested more than {_MOST_NESTED} deep; the inner commands were not read")
                self._at = len(self._tokens)
            elif self._tokens[self._at].is_word or self._is("("):
                found.append(self._line())
            else:
                self._at += 1  # a separator, or an operator out of place
        self._depth -= 1
        return found

    def _line(self) -> Line:
        pipes = [self._pipe("")]
        while self._takes("&&", "||"):
            pipes.append(self._pipe(self._last))
        return Line(pipes, self._is("&"))

    def _pipe(self, joint: str) -> Pipe:
        self._skip_lines()
        pipe = Pipe(joint, self._takes("!"), [self._command()])
        while self._takes("|", "|&"):
            self._skip_lines()
            pipe.commands.append(self._command())
        return pipe

    def _command(self) -> Command:
        if self._takes("("):
            return Command("(", scripts=[self.script(")")])
        if self._takes("{"):
            return Command("{", scripts=[self.script("}")])
        if self._takes("if"):
            return self._if()
        if self._takes(*_LOOPS):
            return self._loop(self._last)
        if self._takes("case"):
            return self._case()
        following = [token.text for token in self._tokens[self._at + 1 : self._at + 3] if not token.is_word]
        if self._takes("function") or following == ["(", ")"]:
            return self._function()
        return self._plain()

    def _if(self) -> Command:
        scripts = []
        while self._last in ("if", "elif"):
            scripts += [self.script("then"), self.script("elif", "else", "fi")]
        if self._last == "else":
            scripts += [[], self.script("fi")]
        return Command("if", scripts=scripts)

    def _loop(self, keyword: str) -> Command:
        if keyword in ("while", "until"):
            condition = self.script("do")
        else:
            condition = []
            self._skip_to("do")
        return Command(keyword, scripts=[condition, self.script("done")])

    def _case(self) -> Command:
        command = Command("case", words=[self._next()])
        self._skip_to("in")
        self._skip_lines()
        while self._is_more() and not self._takes("esac"):
            self._skip_to(")")
            command.scripts.append(self.script(";;", ";&", ";;&", "esac"))
            if self._last == "esac":
                break
            self._skip_lines()
        return command

    def _function(self) -> Command:
        name = self._next()
        while self._takes("(", ")", "\n"):
            pass
        self._depth += 1
        body = self._command() if self._depth <= _MOST_NESTED else Command()
        if self._depth > _MOST_NESTED:
            cut(f"a script is nested more than {_MOST_NESTED} deep; the body of `{name}` was not read")
        self._depth -= 1
        return Command("function", words=[name], scripts=[[Line([Pipe("", False, [body])], False)]])

    def _plain(self) -> Command:
        command = Command()
        while self._is_more() and (token := self._tokens[self._at]).is_word:
            self._at += 1
            is_set = not command.words and _ASSIGNMENT.match(token.text)
            (command.assigns if is_set else command.words).append(token.text)
            if token.inner and self._depth >= _MOST_NESTED:
                cut(f"scripts are nested too deep in scripts; `{shortened(token.inner[0])}` was not read")
            elif token.inner:
                command.scripts += [parse(text, self._depth + 1) for text in token.inner]
        if self._is("("):  # as in an array, which holds words alone
            self._skip_to(")")
        return command

    @property
    def _last(self) -> str:
        """The token that was taken last."""
        return self._tokens[self._at - 1].text

    def _next(self) -> str:
        self._at += 1
        return self._last if self._at <= len(self._tokens) else ""

    def _is_more(self) -> bool:
        return self._at < len(self._tokens)

    def _is(self, *texts: str) -> bool:
        return self._is_more() and not (token := self._tokens[self._at]).is_quoted and token.text in texts

    def _takes(self, *texts: str) -> bool:
        taken = self._is(*texts)
        self._at += taken
        return taken

    def _skip_to(self, end: str) -> None:
        while self._is_more() and not self._takes(end):
            self._at += 1

    def _skip_lines(self) -> None:
        while self._takes("\n"):
            pass
