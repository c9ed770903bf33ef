"""The flake8 plugin ``GOV``: the findings of ``check``, told file by file; rules of a team's own included.

flake8 asks for one file at a time, in several processes. Each process analyses the whole program once, when
its first file comes up, and they share the result through the project's cache. flake8 itself applies
``noqa``, selection and per-file ignores.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from argparse import Namespace
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phase12_lint.faults import raised_at

if TYPE_CHECKING:
    from flake8.options.manager import OptionManager

    from phase12_lint.index.named import Home
    from phase12_lint.model import Finding

PREFIX = "--gov-"
FAILED = "GOV001"  # what failed is not proved either
ONLY_IN_CHECK = ("GOV001", "GOV004", "GOV005", "GOV7")
OWN_OF_FLAKE8 = ("select", "extend-select", "ignore")


_WHERE = "; 'phase12-lint check --debug' shows where"
_CODE = re.compile(r"[A-Z]+[0-9]{3}")


class Flake8Plugin:
    """What flake8 makes for each file; see https://flake8.pycqa.org/en/latest/plugin-development/."""

    _sessions: tuple[Session, ...] = ()
    _failed = ""

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        """flake8 passes a ``tree`` only for a file that parses; for the others it says E999 itself."""
        self._filename = filename
        self._lines = lines

    @classmethod
    def add_options(cls, manager: OptionManager) -> None:
        """Register each key of the policy as ``--gov-KEY``, for the command line and flake8's own files."""
        from phase12_lint.config import KEYS
        from phase12_lint.policy import Policy

        for name, key in KEYS.items():
            if name not in OWN_OF_FLAKE8:
                is_switch = isinstance(Policy._field_defaults.get(key.field), bool)
                kind = {"action": "store_true"} if is_switch else {"metavar": "TEXT"}
                manager.add_option(PREFIX + name, default=None, parse_from_config=True, help=key.doc, **kind)

    @classmethod
    def parse_options(cls, options: Namespace) -> None:
        """Read the configuration, once for all files; raises flake8's ``ExecutionError`` if it is wrong."""
        from flake8.exceptions import ExecutionError

        from phase12_lint.config import ConfigError
        from phase12_lint.faults import told

        cls._sessions, cls._failed = (), ""
        try:
            cls._sessions = _sessions_of(options) if _may_select_ours(options) else ()
        except ConfigError as error:
            raise ExecutionError(str(error)) from None
        except Exception as error:  # what the other plugins find is not lost
            cls._failed = told("the plugin", error).partition("\n")[0]

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """The findings in the file: line from 1, column from 0, code and message, this class."""
        if self._failed:
            yield 1, 0, f"{FAILED} {self._failed}{_WHERE}", type(self)
            type(self)._failed = ""
        holding = [session for session in self._sessions if session.path_of(self._filename) is not None]
        if holding:
            session = max(holding, key=lambda each: len(each.root.parts))
            for line, column, text in session.told(self._filename, self._lines):
                yield line, column, text, type(self)


class Letters:
    """Letters of a team's own, registered with flake8 so that it lets codes through that begin so.

    A package with rules of its own names it: ``ACM = phase12_lint.integrations.flake8:Letters`` under
    ``flake8.extension``. It finds nothing: the findings of those rules come with those of ``GOV``.
    """

    def __init__(self, tree: ast.AST) -> None:
        """flake8 tells by ``tree`` when to ask."""

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """Nothing."""
        yield from ()


class Session:
    """One project in one run of flake8, in one process: what it was told, and what was found once a file came up."""

    def __init__(self, home: Home, named: Sequence[Path], options: Namespace) -> None:
        """``named`` are the files and folders of the project that flake8 was given. Raises ``ConfigError``."""
        from phase12_lint.config import amend, load

        self.root = home.root
        self._home = home
        self._folder = Path.cwd()
        self._settings = amend(load(home.root, isolated=_is_isolated()), _texts(options), PREFIX)
        self._chosen = tuple(filter(_CODE.fullmatch, _chosen(options)))
        self._standard_input = options.stdin_display_name if "-" in options.filenames else None
        self._named = [path for each in named if not each.is_dir() and (path := self.path_of(str(each)))]
        self._found: Mapping[str, Sequence[Finding]] | None = None
        self._unread: set[str] = set()
        self._errors: tuple[str, ...] = ()
        self._incomplete: tuple[str, ...] = ()

    def told(self, filename: str, lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
        """Line, column and text of all that is to be said of the file; what is raised is one of them."""
        from phase12_lint.faults import told
        from phase12_lint.index.named import NO_PYTHON

        try:
            for finding in self._findings(filename, lines):
                yield finding.span.line, finding.span.column - 1, f"{finding.code} {finding.message}"
        except Exception as error:
            self._found = self._found or {}
            self._errors += (told("the plugin", error, self.path_of(filename) or "").partition("\n")[0],)
        if self.path_of(filename) in self._unread:
            yield 1, 0, f"{FAILED} was not read, so nothing is proved about it (§1): {NO_PYTHON}"
        for each in self.errors(filename):
            yield 1, 0, f"{FAILED} {each}{_WHERE}"
        for each in self.incomplete():
            yield 1, 0, f"{FAILED} incomplete: {each}"

    def _findings(self, filename: str, lines: Sequence[str]) -> Sequence[Finding]:
        """What is found in the file, suppressed or not; nothing if it is no part of the project."""
        from phase12_lint.sources import without_excluded

        path = self.path_of(filename)
        if path is None:
            return ()
        unsaved = self._unsaved(path, lines) if filename == self._standard_input else {}
        if unsaved and not without_excluded([path], self._settings.exclude):
            return ()
        if self._found is None or unsaved:
            self._found = self._analyse(unsaved)
        return self._found.get(path, ())

    def errors(self, filename: str) -> list[str]:
        """What a rule raised at the file; at the first that is asked about, what it raised nobody knows where."""
        path = self.path_of(filename)
        here = [error for error in self._errors if raised_at(error) in ("", path)]
        self._errors = tuple(each for each in self._errors if each not in here)
        return here

    def incomplete(self) -> tuple[str, ...]:
        """What could not be decided: told at the first file that is asked about, as it may concern any."""
        told, self._incomplete = self._incomplete, ()
        return told

    def path_of(self, filename: str) -> str | None:
        """The file relative to the root, with ``/``; None if it is outside."""
        root, path = self.root, Path(normpath(self._folder / filename))
        if not path.is_relative_to(root):
            root, path = root.resolve(), path.resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else None

    def _unsaved(self, path: str, lines: Sequence[str]) -> dict[str, str]:
        """The text from standard input under the path it stands for, if it is not what the file holds."""
        from phase12_lint.sources import SourceError, decode, read_bytes

        text = "".join(lines)
        try:
            saved = io.StringIO(decode(read_bytes(self.root, path)), newline=None).read()
        except (OSError, SourceError):
            saved = None
        return {} if text == saved else {path: text}

    def _analyse(self, unsaved: Mapping[str, str]) -> Mapping[str, Sequence[Finding]]:
        from phase12_lint.adopt.chosen import wanted
        from phase12_lint.engine import Request, run
        from phase12_lint.index.named import files_with

        settings = self._settings
        files = files_with(self._home, self._named, settings.exclude, unsaved) if self._named else None
        outcome = run(Request(self.root, settings.policies, settings.exclude, overlay=unsaved, files=files))
        self._unread = self._taken_for_others({*(files or ()), *unsaved})
        self._errors = tuple(error.partition("\n")[0] for error in outcome.errors)
        self._incomplete = outcome.incomplete
        raised = [*outcome.findings, *(suppressed.finding for suppressed in outcome.suppressed)]
        found = defaultdict(list)
        is_wanted = wanted(settings, self._chosen)
        for finding in raised:
            if is_wanted(finding) and not finding.code.startswith(ONLY_IN_CHECK):
                found[finding.path].append(finding)
        return found

    def _taken_for_others(self, read: Collection[str]) -> set[str]:
        """Named files that are not read, as nothing tells that they are Python, though flake8 takes them for it.

        What git or the policy leaves out is left alone, as flake8 leaves out its own, and so are stubs.
        """
        from phase12_lint.index.named import NO_PYTHON, why_unread

        exclude = self._settings.exclude
        return {path for path in self._named if why_unread(self.root, path, exclude, read) == NO_PYTHON}


def _sessions_of(options: Namespace) -> tuple[Session, ...]:
    """A session for each project that flake8 was given files of; standard input is the file that it stands for."""
    from phase12_lint.index.named import homes_of

    folder = Path.cwd()
    names = [options.stdin_display_name if name == "-" else name for name in options.filenames]
    homes = homes_of(folder, [Path(normpath(folder / name)) for name in names])
    return tuple(Session(home, named, options) for home, named in homes.items())


def _chosen(options: Namespace) -> list[str]:
    """The beginnings of codes that the user of flake8 selected."""
    return [*(options.select or ()), *(options.extend_select or ())]


def _may_select_ours(options: Namespace) -> bool:
    from phase12_lint.registered import registered
    from phase12_lint.rulebook import OURS

    pairs = [(chosen, code) for chosen in _chosen(options) for code in (OURS, *registered())]
    return options.select is None or any(
        one.startswith(other) or other.startswith(one) for one, other in pairs
    )


def _is_isolated() -> bool:
    """Whether flake8 runs with ``--isolated``, in full or cut short; it tells this to no plugin."""
    options = sys.argv[1 : sys.argv.index("--") if "--" in sys.argv else None]
    return any("--isolated".startswith(option) for option in options if len(option) > len("--"))


def _texts(options: Namespace) -> dict[str, str]:
    """The keys that flake8's options set, each with its text as in our own configuration."""
    from phase12_lint.config import KEYS

    given: dict[str, Any] = {name: getattr(options, f"gov_{key.field}", None) for name, key in KEYS.items()}
    return {name: str(value).replace("\n", ",") for name, value in given.items() if value is not None}
