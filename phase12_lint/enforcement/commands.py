"""What a command or a script does of the duties, through whatever it hands on to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from posixpath import dirname, normpath

from phase12_lint.enforcement import environments, linter_calls, makefiles, noxfiles, pytest_calls
from phase12_lint.enforcement.cuts import cut, shortened
from phase12_lint.enforcement.facts import UNDECIDED, Duties, joined, under
from phase12_lint.enforcement.programs import SCRIPT, name_of, unwrapped
from phase12_lint.enforcement.project import ProjectFiles, at
from phase12_lint.enforcement.shell.outcome import DECLARES, Modes, Undecided, is_excused, is_fatal
from phase12_lint.enforcement.shell.parse import Command, Script, commands_of, parse
from phase12_lint.enforcement.shell.words import expanded

_DEEPEST = 6
_SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "source", "."}
_SCRIPTS = {
    **dict.fromkeys(("make", "gmake", "just"), makefiles.script_of),
    "tox": environments.of_tox,
    "nox": noxfiles.of_nox,
}
_OWN_FOLDER = re.compile(
    r"""^\s*cd\s+"?\$\(dirname\s+"?\$\{?(?:0|BASH_SOURCE(?:\[0\])?)\}?"?\)"?(/[./\w]*)?"?""", re.MULTILINE
)


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
        left: list[str] = []  # the folders to come back to
        for command in commands_of(script):
            known.update(_constants(command))
            words = unwrapped(expanded(command.words, known), self._scripts)
            if words[:1] in (["cd"], ["pushd"]) and len(words) == 2 and "$" not in words[1]:
                left += [folder] if words[0] == "pushd" else []
                folder = at(folder, words[1])
            elif words == ["popd"] and left:
                folder = left.pop()
            elif words:
                known_to_it = known | dict(each.split("=", 1) for each in command.assigns)
                duties = self._duties(words, text, folder, known_to_it)
                lost = _lost(script, command, modes, given) if duties else ""
                found = joined(found, under(duties, lost))
        return found

    def _duties(self, words: list[str], text: str, folder: str, known: Mapping[str, str]) -> Duties:
        """What a command of the script ``text`` does if it succeeds."""
        name, arguments = name_of(words[0]), words[1:]
        if words[0].startswith(SCRIPT):
            return self._within(self._scripts[words[0].removeprefix(SCRIPT)], Modes(errexit=True), folder)
        if name in ("pytest", "py.test"):
            added = known.get("PYTEST_ADDOPTS", "").split()
            return pytest_calls.duties([*added, *arguments], self._project, folder)
        if name == "unittest":
            return pytest_calls.of_unittest(arguments, self._project, folder)
        if name in ("pre-commit", "pre_commit"):
            return self._precommit(arguments[1:], known.get("SKIP", "")) if arguments[:1] == ["run"] else {}
        if name == "eval":
            return self.script(" ".join(arguments), Modes(errexit=True), folder, known)
        if name in linter_calls.PROGRAMS:
            return linter_calls.PROGRAMS[name](arguments, self._project, text)
        if name in _SCRIPTS:
            return self._within(
                _SCRIPTS[name](name, arguments, self._project, folder), Modes(errexit=True), folder
            )
        if name in _SHELLS:
            return self._shell(arguments, folder)
        return self._file(words[0], folder, Modes())

    def _shell(self, words: list[str], folder: str) -> Duties:
        behind = [word for before, word in zip(["", *words], words) if not re.search(r"^[-+]\w*o$", before)]
        told = next((word for word in behind if word[:1] not in ("-", "+")), "")
        options = words[: words.index(told)] if told else words
        if any(re.match(r"-\w*c", word) for word in options):
            return self.script(told, Modes().after(options), folder)
        return self._file(told, folder, Modes().after(options))

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
        own = _OWN_FOLDER.search(text)  # where one starts that goes to its own folder's parent
        return self._within(text, modes, normpath(f"{dirname(path) or '.'}{own[1] or ''}") if own else folder)

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
