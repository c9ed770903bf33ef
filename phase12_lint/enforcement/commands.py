"""What a command or a script does of the duties, through make, scripts of the project, tox, nox and pre-commit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from posixpath import dirname, normpath

from phase12_lint.enforcement import environments, linter_calls, pytest_calls
from phase12_lint.enforcement.cuts import cut
from phase12_lint.enforcement.facts import Duties
from phase12_lint.enforcement.makefiles import Makefile, of_just
from phase12_lint.enforcement.precommit_calls import Call, called
from phase12_lint.enforcement.programs import SCRIPT, name_of, unwrapped
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.enforcement.scripts import scripts_of, tox_of
from phase12_lint.enforcement.shell import Modes, Script, Simple, is_excused, is_fatal, parse

_DEEPEST = 6
_SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "source", "."}
_PROGRAMS = {
    "phase12_lint": "phase12-lint",
    "pre_commit": "pre-commit",
    "py.test": "pytest",
    "gmake": "make",
    "scripts.scan_phase_12_violations": linter_calls.SCANNER,
}
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_JUSTFILES = ("justfile", "Justfile", ".justfile")
_KNOWN = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


class Reader:
    """Reads commands of one project. ``precommit`` says what its pre-commit configuration does."""

    def __init__(self, project: ProjectFiles, precommit: Callable[[Call], Duties]) -> None:
        self._project = project
        self._precommit = precommit
        self._scripts = scripts_of(project.tools)
        self._open: list[tuple[str, ...]] = []  # the files that are being read, against circles

    def script(
        self, text: str, modes: Modes, folder: str = "", variables: Mapping[str, str] | None = None
    ) -> Duties:
        """What the shell script ``text``, started with ``modes`` in ``folder``, does of the duties."""
        script = parse(text)
        known = dict(variables or {})
        given = {name: value for name, value in known.items() if "$" not in value}
        found: Duties = {}
        for command in script.commands():
            known.update(_constants(command))
            if command.words[:1] == ["cd"] and len(command.words) == 2 and "$" not in command.words[1]:
                folder = _at(folder, command.words[1])
            duties = self._command(command, folder, text, known)
            lost = _lost(script, command, modes, given) if duties else ""
            duties = {duty: why or lost for duty, why in duties.items()}
            for duty, why in duties.items():
                found[duty] = why and found.get(duty, why)
        return found

    def _command(self, command: Simple, folder: str, text: str, known: Mapping[str, str]) -> Duties:
        """What one command, started in ``folder`` by the script ``text``, does if it succeeds."""
        words = unwrapped(_expanded(command.words, known), self._scripts)
        if not words:
            return {}
        name = _PROGRAMS.get(name_of(words[0]), name_of(words[0]))
        arguments, here = words[1:], {**known, **dict(each.split("=", 1) for each in command.assigns)}
        if words[0].startswith(SCRIPT):
            name = words[0].removeprefix(SCRIPT)
            return self._within((SCRIPT, name), lambda: self.script(self._scripts[name], Modes(True), folder))
        if name == "pytest":
            return pytest_calls.duties(
                here.get("PYTEST_ADDOPTS", "").split() + arguments, self._project, folder
            )
        if name == "pre-commit":
            return self._precommit(called(arguments, here.get("SKIP", ""))) if "run" in arguments[:1] else {}
        if name == "eval":
            return self.script(" ".join(arguments), Modes(True), folder, known)
        return self._program(name, words, folder, text)

    def _program(self, name: str, words: list[str], folder: str, text: str) -> Duties:
        arguments = words[1:]
        if name == "phase12-lint":
            return linter_calls.linter(arguments)
        if name == linter_calls.SCANNER:
            return linter_calls.scanner(arguments)
        if name == "flake8":
            return linter_calls.flake8(arguments, self._project, text)
        if name == "unittest":
            return pytest_calls.of_unittest(arguments, self._project, folder)
        if name in ("make", "just"):
            return self._make(name, arguments, folder)
        if name in ("tox", "nox"):
            return self._environments(name, arguments, folder)
        if name in _SHELLS:
            return self._shell(arguments, folder)
        return self._file(words[0], folder, Modes())

    def _shell(self, arguments: list[str], folder: str) -> Duties:
        modes = Modes()
        for number, word in enumerate(arguments):
            if not word.startswith(("-", "+")):
                return self._file(word, folder, modes)
            if word.startswith("--"):
                continue
            modes.errexit = modes.errexit or "e" in word
            modes.pipefail = modes.pipefail or arguments[number + 1 : number + 2] == ["pipefail"]
            if "c" in word:
                return self.script(" ".join(arguments[number + 1 : number + 2]), modes, folder)
            if "o" in word and modes.pipefail:
                return self._shell(["-e"] * modes.errexit + arguments[number + 2 :], folder)
        return {}

    def _file(self, name: str, folder: str, modes: Modes) -> Duties:
        """A script of the project, as a file that is named."""
        path = _at(folder, name)
        if "/" not in name and not name.endswith((".sh", ".bash")):
            return {}
        text = self._project.read(path)
        return self.text_of_file(path, text, modes, folder) if text is not None else {}

    def text_of_file(self, path: str, text: str, modes: Modes, folder: str = "") -> Duties:
        """What the script ``text`` of the file ``path`` does."""
        first = text.partition("\n")[0]
        if first.startswith("#!") and not re.search(r"\b(ba|da|z|k)?sh\b", first):
            return {}
        if re.search(r"sh\s+-\w*e", first):
            modes = Modes(True, modes.pipefail)
        return self._within(("file", path), lambda: self.script(text, modes, _start_of(path, text, folder)))

    def _make(self, program: str, arguments: list[str], folder: str) -> Duties:
        targets, place, name = [], folder, ""
        pending = iter(arguments)
        for word in pending:
            if word in ("-C", "--directory"):
                place = _at(folder, next(pending, ""))
            elif word in ("-f", "--file", "--makefile"):
                name = next(pending, "")
            elif not (word.startswith("-") or word.isdecimal() or _ASSIGNMENT.match(word)):
                targets.append(word)
        ignores = bool({"-i", "--ignore-errors"}.intersection(arguments))
        names = [name] if name else _JUSTFILES if program == "just" else _MAKEFILES
        text = next(
            (text for each in names if (text := self._project.read(_at(place, each))) is not None), None
        )
        if text is None or {"-n", "--just-print", "--dry-run"}.intersection(arguments):
            return {}
        makefile = Makefile(of_just(text) if program == "just" else text)
        found: Duties = {}
        for target in targets or [makefile.first]:
            lost = ignores or makefile.ignores(target)
            done = self._within(("make", place, target), partial(self._recipe, makefile, target, place, lost))
            found = _joined(found, done)
        return found

    def _recipe(self, makefile: Makefile, target: str, folder: str, ignores: bool) -> Duties:
        found: Duties = {}
        for line in makefile.lines(target):
            done = self.script(makefile.expanded(line.text), Modes(), folder)
            if ignores or line.ignored:
                done = {
                    duty: why or f"make ignores the failure of `{line.text}`" for duty, why in done.items()
                }
            found = _joined(found, done)
        return found

    def _environments(self, name: str, arguments: list[str], folder: str) -> Duties:
        text = self._project.read(_at(folder, "tox.ini" if name == "tox" else "noxfile.py"))
        if text is None and name == "tox":
            text = tox_of(self._project.tools) or self._project.read(_at(folder, "setup.cfg"))
        if text is None:
            return {}
        read = environments.of_tox if name == "tox" else environments.of_nox
        found: Duties = {}
        for commands in read(text, arguments):
            done = self._within(
                (name, commands.script), partial(self.script, commands.script, Modes(errexit=True), folder)
            )
            if commands.ignored:
                done = {duty: why or "tox ignores the outcome" for duty, why in done.items()}
            found = _joined(found, done)
        return found

    def _within(self, key: tuple[str, ...], read: Callable[[], Duties]) -> Duties:
        """What ``read`` finds, unless it is being read already, or too deep."""
        if key in self._open:
            return {}
        if len(self._open) >= _DEEPEST:
            cut(
                f"`{' '.join(filter(None, key))}` is run through more than {_DEEPEST} scripts, and was not read there"
            )
            return {}
        self._open.append(key)
        try:
            return read()
        finally:
            self._open.pop()


def _joined(one: Duties, other: Duties) -> Duties:
    """What both do; what one of them does so that it can fail is done so."""
    return {
        duty: one.get(duty, other.get(duty, "")) and other.get(duty, one.get(duty, ""))
        for duty in one | other
    }


def _lost(script: Script, command: Simple, modes: Modes, given: Mapping[str, str]) -> str:
    """Why a failure of ``command`` is none of ``script``; empty if it is."""
    said = " ".join([*command.assigns, *command.words])
    if not is_fatal(script, command, modes, given):
        return f"the failure of `{said}` is lost"
    if is_excused(script, command, modes, given):
        return f"`exit 0` follows `{said}`, whose failure only the runner's own `-e` would keep"
    return ""


def _constants(command: Simple) -> dict[str, str]:
    """The variables that ``command`` sets for those after it, to what is known."""
    texts = command.words[1:] if command.words[:1] == ["export"] else () if command.words else command.assigns
    pairs = (text.partition("=") for text in texts if not command.inner)
    return {name: value for name, sign, value in pairs if sign and "$" not in value}


def _expanded(words: list[str], known: Mapping[str, str]) -> list[str]:
    """``words`` with the values of ``known`` variables; one that is a whole word may be several."""
    found: list[str] = []
    for word in words:
        whole = _KNOWN.fullmatch(word)
        name = (whole[1] or whole[2]) if whole else ""
        if name in known:
            found += known[name].split()
        else:
            found.append(_KNOWN.sub(lambda match: known.get(match[1] or match[2], match[0]), word))
    return found


def _at(folder: str, path: str) -> str:
    return normpath(f"{folder}/{path}" if folder and not path.startswith("/") else path)


def _start_of(path: str, text: str, folder: str) -> str:
    """Where a script starts: one that goes to its own folder's parent stands in the root for ``.ci/run``."""
    match = re.search(
        r"""^\s*cd\s+"?\$\(dirname\s+"?\$\{?(?:0|BASH_SOURCE(?:\[0\])?)\}?"?\)"?(/[./\w]*)?"?""", text, re.M
    )
    if match is None:
        return folder
    place = normpath(f"{dirname(path) or '.'}{match[1] or ''}")
    return "" if place == "." else place
