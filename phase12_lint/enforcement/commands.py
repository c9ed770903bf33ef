"""What a command or a script does of the duties, through make, scripts of the project, tox, nox and pre-commit."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from posixpath import basename, dirname, normpath

from phase12_lint.enforcement import environments, linter_calls, pytest_calls
from phase12_lint.enforcement.facts import Duties
from phase12_lint.enforcement.makefiles import Makefile
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.enforcement.shell import Modes, Simple, is_fatal, parse

_DEEPEST = 6
_SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "source", "."}
_WRAPPERS = {
    "sudo",
    "env",
    "time",
    "nice",
    "exec",
    "command",
    "nohup",
    "xvfb-run",
    "uvx",
    "stdbuf",
    "caffeinate",
}
_RUNNERS = {"poetry", "uv", "pipenv", "hatch", "pdm", "rye", "pixi", "pipx"}
_PYTHON = re.compile(r"(?:py|pypy|python)[\d.]*|\$[({]?(?:\w*python\w*)[)}]?", re.IGNORECASE)
_PROGRAMS = {"phase12_lint": "phase12-lint", "pre_commit": "pre-commit", "py.test": "pytest", "gmake": "make"}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


class Reader:
    """Reads commands of one project. ``precommit`` says what its pre-commit configuration does."""

    def __init__(self, project: ProjectFiles, precommit: Callable[[list[str]], Duties]) -> None:
        self._project = project
        self._precommit = precommit
        self._open: list[tuple[str, ...]] = []  # the files that are being read, against circles

    def script(self, text: str, modes: Modes, folder: str = "") -> Duties:
        """What the shell script ``text``, started with ``modes`` in ``folder``, does of the duties."""
        script = parse(text)
        found: Duties = {}
        for command in script.commands():
            if command.words[:1] == ["cd"] and len(command.words) == 2 and "$" not in command.words[1]:
                folder = _at(folder, command.words[1])
            duties = self.command(command, folder, text)
            if duties and not is_fatal(script, command, modes):
                said = " ".join([*command.assigns, *command.words])
                duties = {duty: why or f"the failure of `{said}` is lost" for duty, why in duties.items()}
            for duty, why in duties.items():
                found[duty] = why and found.get(duty, why)
        return found

    def command(self, command: Simple, folder: str, text: str = "") -> Duties:
        """What one command, started in ``folder`` by the script ``text``, does if it succeeds."""
        words = _unwrapped(command.words)
        if not words:
            return {}
        name = _PROGRAMS.get(_name(words[0]), _name(words[0]))
        skipped = [each for each in command.assigns if each.startswith("SKIP=")]
        return self._program(name, words, folder, text, skipped)

    def _program(self, name: str, words: list[str], folder: str, text: str, skipped: list[str]) -> Duties:
        arguments = words[1:]
        if name == "phase12-lint":
            return linter_calls.linter(arguments)
        if name == linter_calls.SCANNER:
            return linter_calls.scanner(arguments)
        if name == "flake8":
            return linter_calls.flake8(arguments, self._project, text)
        if name == "pytest":
            return pytest_calls.duties(arguments, self._project, folder)
        if name == "pre-commit":
            return self._hooks(arguments, skipped)
        if name == "make":
            return self._make(arguments, folder)
        if name in ("tox", "nox"):
            return self._environments(name, arguments, folder)
        if name in _SHELLS:
            return self._shell(arguments, folder)
        return self._file(words[0], folder, Modes())

    def _hooks(self, arguments: list[str], skipped: list[str]) -> Duties:
        if arguments[:1] != ["run"]:
            return {}
        named = [word for word in arguments[1:] if not word.startswith("-")]
        left_out = {name for each in skipped for name in each.partition("=")[2].split(",")}
        return {} if left_out.intersection({"phase12-lint", "flake8"}) else self._precommit(named)

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

    def _make(self, arguments: list[str], folder: str) -> Duties:
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
        names = [name] if name else ["GNUmakefile", "makefile", "Makefile"]
        text = next(
            (text for each in names if (text := self._project.read(_at(place, each))) is not None), None
        )
        if text is None or {"-n", "--just-print", "--dry-run"}.intersection(arguments):
            return {}
        makefile = Makefile(text)
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
        file = "tox.ini" if name == "tox" else "noxfile.py"
        text = self._project.read(_at(folder, file))
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
        if key in self._open or len(self._open) >= _DEEPEST:
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


def _unwrapped(words: list[str]) -> list[str]:
    """``words`` from the program on that is run in the end; ``python -m x`` is ``x``."""
    words = list(words)
    while words:
        name = _name(words[0])
        if _ASSIGNMENT.match(words[0]) or name in _WRAPPERS:
            words = words[1:]
            while words and words[0].startswith("-"):
                words = words[1:]
        elif name == "timeout":
            words = [word for word in words[1:] if not word.startswith("-")][1:]
        elif name in _RUNNERS and "run" in words[1:3]:
            words = words[words.index("run") + 1 :]
            while words and words[0].startswith("-"):
                words = words[1:]
        elif name == "coverage" and words[1:2] == ["run"]:
            words = ["python", *words[2:]]
        elif _PYTHON.fullmatch(name) or _PYTHON.fullmatch(words[0]):
            words = _of_python(words[1:])
        else:
            return words
    return words


def _of_python(words: list[str]) -> list[str]:
    """The module or script that Python is started with, and its arguments."""
    pending = list(words)
    while pending:
        word = pending.pop(0)
        if word == "-m":
            return pending
        if word == "-c" or not word.startswith("-"):
            return [basename(word), *pending] if word != "-c" else []
        if word in ("-W", "-X"):
            pending = pending[1:]
    return []


def _name(word: str) -> str:
    return basename(word.replace("\\", "/")).removesuffix(".exe")


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
