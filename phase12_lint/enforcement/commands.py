"""What a command or a script does of the duties, through whatever it hands on to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from phase12_lint.enforcement import environments, linter_calls, makefiles, pytest_calls
from phase12_lint.enforcement.cuts import cut, shortened
from phase12_lint.enforcement.facts import UNDECIDED, Duties, joined, under
from phase12_lint.enforcement.programs import SCRIPT, name_of, unwrapped
from phase12_lint.enforcement.project import ProjectFiles, at
from phase12_lint.enforcement.shell.outcome import DECLARES, Modes, Undecided, is_excused, is_fatal
from phase12_lint.enforcement.shell.parse import Command, Script, commands_of, parse
from phase12_lint.enforcement.shell.words import Quoted

_DEEPEST = 6
_SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "source", "."}
_SCRIPTS = {
    **dict.fromkeys(("make", "gmake", "just"), makefiles.script_of),
    **dict.fromkeys(("tox", "nox"), environments.script_of),
}
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


class Call(NamedTuple):
    """A program with its arguments, as it is called in the ``script``, in ``folder``, with ``variables``."""

    program: str
    arguments: list[str]
    script: str
    folder: str
    variables: Mapping[str, str]


class Reader:
    """Reads commands of one project. ``precommit`` says what its pre-commit configuration does."""

    def __init__(self, project: ProjectFiles, precommit: Callable[[list[str], str], Duties]) -> None:
        self._project = project
        self._precommit = precommit
        self._scripts = environments.scripts_of(project)
        self._open: list[str] = []  # the scripts that are being read, against circles

    def script(self, text: str, modes: Modes, folder: str = "", variables: Mapping[str, str] = {}) -> Duties:
        """What the shell script ``text``, started with ``modes`` in ``folder``, does of the duties."""
        script = parse(text)
        known = dict(variables)
        given = {name: value for name, value in known.items() if "$" not in value}
        found: Duties = {}
        for command in commands_of(script):
            known.update(_constants(command))
            words = unwrapped(_expanded(command.words, known), self._scripts)
            if words[:1] == ["cd"] and len(words) == 2 and "$" not in words[1]:
                folder = at(folder, words[1])
            elif words:
                own = dict(each.split("=", 1) for each in command.assigns)
                duties = self._duties(
                    Call(name_of(words[0]), words[1:], text, folder, {**known, **own}), words[0]
                )
                lost = _lost(script, command, modes, given) if duties else ""
                found = joined(found, under(duties, lost))
        return found

    def _duties(self, call: Call, path: str) -> Duties:
        """What a command does if it succeeds."""
        name, arguments = call.program, call.arguments
        if path.startswith(SCRIPT):
            return self._within(self._scripts[path.removeprefix(SCRIPT)], Modes(errexit=True), call.folder)
        if name in ("pytest", "py.test"):
            return pytest_calls.duties(arguments, self._project, call.folder)
        if name == "unittest":
            return pytest_calls.of_unittest(arguments, self._project, call.folder)
        if name in ("pre-commit", "pre_commit"):
            skipped = call.variables.get("SKIP", "")
            return self._precommit(arguments[1:], skipped) if arguments[:1] == ["run"] else {}
        if name == "eval":
            return self.script(" ".join(arguments), Modes(errexit=True), call.folder, call.variables)
        if name in linter_calls.PROGRAMS:
            return linter_calls.PROGRAMS[name](arguments, self._project, call.script)
        if name in _SCRIPTS:
            text = _SCRIPTS[name](name, arguments, self._project, call.folder)
            return self._within(text, Modes(errexit=True), call.folder)
        if name in _SHELLS:
            return self._shell(call)
        return self._file(path, call.folder, Modes())

    def _shell(self, call: Call) -> Duties:
        for number, word in enumerate(call.arguments):
            modes, rest = Modes().after(call.arguments[:number]), call.arguments[number:]
            if re.match(r"-\w*c", word):
                return self.script(
                    "".join(rest[1:2]), Modes().after(call.arguments[: number + 1]), call.folder
                )
            if word[0:1] not in ("-", "+") and word not in ("pipefail", "errexit"):
                return self._file(word, call.folder, modes)
        return {}

    def _file(self, name: str, folder: str, modes: Modes) -> Duties:
        """A script of the project, as a file that is named."""
        if "/" not in name and not name.endswith((".sh", ".bash")):
            return {}
        path = at(folder, name)
        text = self._project.read(path)
        return self.text_of_file(path, text, modes, folder) if text is not None else {}

    def text_of_file(self, path: str, text: str, modes: Modes, folder: str = "") -> Duties:
        """What the script ``text`` of the file ``path`` does."""
        first = text.partition("\n")[0]
        if first.startswith("#!") and not re.search(r"\b(ba|da|z|k)?sh\b", first):
            return {}
        if re.search(r"sh\s+-\w*e", first):
            modes = modes._replace(errexit=True)
        return self._within(text, modes, folder)

    def _within(self, text: str, modes: Modes, folder: str) -> Duties:
        """What the script ``text`` does, unless it is being read already, or too deep."""
        if text in self._open:
            return {}
        if len(self._open) >= _DEEPEST:
            cut(f"`{shortened(text)}` is run through more than {_DEEPEST} scripts, and was not read there")
            return {}
        self._open.append(text)
        try:
            return self.script(text, modes, folder)
        finally:
            self._open.pop()


def _lost(script: Script, command: Command, modes: Modes, given: Mapping[str, str]) -> str:
    """Why a failure of ``command`` is none of ``script``; empty if it is."""
    said = shortened(" ".join([*command.assigns, *command.words]))
    try:
        if not is_fatal(script, command, modes, given):
            return f"the failure of `{said}` is lost"
    except Undecided:
        return UNDECIDED
    if is_excused(script, command, modes, given):
        return f"`exit 0` follows `{said}`, whose failure only the runner's own `-e` would keep"
    return ""


def _constants(command: Command) -> dict[str, str]:
    """The variables that ``command`` sets for those after it, to what is known."""
    declares = command.words and command.words[0] in DECLARES
    texts = command.words[1:] if declares else [] if command.words else command.assigns
    pairs = (text.partition("=") for text in texts if not command.scripts)
    return {name: value for name, sign, value in pairs if sign and "$" not in value}


def _expanded(words: list[str], known: Mapping[str, str]) -> list[str]:
    """``words`` with the values of ``known`` variables; one that is a whole word without quotes may be several."""
    found: list[str] = []
    for word in words:
        whole = _VARIABLE.fullmatch(word) and not isinstance(word, Quoted)
        text = _VARIABLE.sub(lambda match: known.get(match[1] or match[2], match[0]), word)
        found += text.split() if whole and text != word else [text]
    return found
