"""The flake8 plugin ``GOV``: the findings of ``check``, told file by file.

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
from collections.abc import Iterator, Mapping, Sequence
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flake8.options.manager import OptionManager

    from phase12_lint.model import Finding

PREFIX = "--gov-"
FAILED = "GOV001"  # what failed is not proved either
ONLY_IN_CHECK = ("GOV001", "GOV004", "GOV7")
OWN_OF_FLAKE8 = ("select", "extend-select", "ignore")


_PLACE = re.compile(r"internal error: \w+ at (.+?\.py): ")


class Flake8Plugin:
    """What flake8 makes for each file; see https://flake8.pycqa.org/en/latest/plugin-development/."""

    _session: Session | None = None

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

        try:
            cls._session = Session(options) if _may_select_ours(options) else None
        except ConfigError as error:
            raise ExecutionError(str(error)) from None

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """The findings in the file: line from 1, column from 0, code and message, this class."""
        if self._session is not None:
            for finding in self._session.findings(self._filename, self._lines):
                text = f"{finding.code} {finding.message}"
                yield finding.span.line, finding.span.column - 1, text, type(self)
            for error in self._session.errors(self._filename):
                yield 1, 0, f"{FAILED} {error}; 'phase12-lint check --debug' shows where", type(self)
            for each in self._session.incomplete():
                yield 1, 0, f"{FAILED} incomplete: {each}", type(self)


class Session:
    """One run of flake8 in one process: what it was told, and what was found once a file came up."""

    def __init__(self, options: Namespace) -> None:
        """Raises ``ConfigError``."""
        from phase12_lint.config import amend, find_root, load

        self._folder = Path.cwd()
        named = [Path(normpath(self._folder / name)) for name in options.filenames if name != "-"]
        self._root = find_root(self._folder, named)
        self._settings = amend(load(self._root, isolated=_is_isolated()), _texts(options), PREFIX)
        self._chosen = tuple(code for code in _chosen(options) if len(code) == len("GOV003"))
        self._standard_input = options.stdin_display_name if "-" in options.filenames else None
        self._found: Mapping[str, Sequence[Finding]] | None = None
        self._errors: tuple[str, ...] = ()
        self._incomplete: tuple[str, ...] = ()

    def findings(self, filename: str, lines: Sequence[str]) -> Sequence[Finding]:
        """What is found in the file, suppressed or not; nothing if it is no part of the project."""
        from phase12_lint.sources import without_excluded

        path = self._relative(filename)
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
        path, here = self._relative(filename), []
        for error in self._errors:
            place = _PLACE.match(error)
            if place is None or place[1] == path:
                here.append(error)
        self._errors = tuple(each for each in self._errors if each not in here)
        return here

    def incomplete(self) -> tuple[str, ...]:
        """What could not be decided: told at the first file that is asked about, as it may concern any."""
        told, self._incomplete = self._incomplete, ()
        return told

    def _relative(self, filename: str) -> str | None:
        root, path = self._root, Path(normpath(self._folder / filename))
        if not path.is_relative_to(root):
            root, path = root.resolve(), path.resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else None

    def _unsaved(self, path: str, lines: Sequence[str]) -> dict[str, str]:
        """The text from standard input under the path it stands for, if it is not what the file holds."""
        from phase12_lint.sources import SourceError, decode, read_bytes

        text = "".join(lines)
        try:
            saved = io.StringIO(decode(read_bytes(self._root, path)), newline=None).read()
        except (OSError, SourceError):
            saved = None
        return {} if text == saved else {path: text}

    def _analyse(self, unsaved: Mapping[str, str]) -> Mapping[str, Sequence[Finding]]:
        from phase12_lint.adopt.chosen import wanted
        from phase12_lint.engine import Request, run

        settings = self._settings
        outcome = run(Request(self._root, settings.policies, settings.exclude, overlay=unsaved))
        self._errors = tuple(error.partition("\n")[0] for error in outcome.errors)
        self._incomplete = outcome.incomplete
        raised = [*outcome.findings, *(suppressed.finding for suppressed in outcome.suppressed)]
        found = defaultdict(list)
        is_wanted = wanted(settings, self._chosen)
        for finding in raised:
            if is_wanted(finding) and not finding.code.startswith(ONLY_IN_CHECK):
                found[finding.path].append(finding)
        return found


def _chosen(options: Namespace) -> list[str]:
    """The beginnings of codes that the user of flake8 selected."""
    return [*(options.select or ()), *(options.extend_select or ())]


def _may_select_ours(options: Namespace) -> bool:
    chosen = _chosen(options)
    return options.select is None or any(code.startswith("GOV") or "GOV".startswith(code) for code in chosen)


def _is_isolated() -> bool:
    """Whether flake8 runs with ``--isolated``, in full or cut short; it tells this to no plugin."""
    options = sys.argv[1 : sys.argv.index("--") if "--" in sys.argv else None]
    return any("--isolated".startswith(option) for option in options if len(option) > len("--"))


def _texts(options: Namespace) -> dict[str, str]:
    """The keys that flake8's options set, each with its text as in our own configuration."""
    from phase12_lint.config import KEYS

    given: dict[str, Any] = {name: getattr(options, f"gov_{key.field}", None) for name, key in KEYS.items()}
    return {name: str(value).replace("\n", ",") for name, value in given.items() if value is not None}
