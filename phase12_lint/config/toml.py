"""Reads ``[tool.phase12-lint]`` and its ``pipelines`` from a ``pyproject.toml``, with each value's line.

``tomllib`` says what the file means, and no lines; so a scan of the text (which is known to be right by then)
finds where each key and each string stands.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from phase12_lint.config.keys import KEYS
from phase12_lint.config.written import Entry, Problem, Text, Written, meant

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

Path = tuple[str, ...]  # the parts of a dotted key
OURS: Path = ("tool", "phase12-lint")

_TOKEN = re.compile(
    r'''(?P<string>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*')'''
    r"""|(?P<comment>\#[^\n]*)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<end>\n)|=|[^\s"'\#\[\]{}=]+|[^\S\n]+""",
    re.DOTALL,
)


class _Statement(NamedTuple):
    """A table's header, or a key with its value: full name, line, the strings of the value as written."""

    path: Path
    line: int
    strings: tuple[tuple[str, int], ...]


class _Places:
    """Where the keys and strings of a document stand; lines count from 1, and are 0 for what is nowhere."""

    def __init__(self, text: str) -> None:
        self.statements = list(_statements(text))

    def line(self, path: Path) -> int:
        """The line of the first statement about ``path``, or about as much of its beginning as there is."""
        for length in range(len(path), 0, -1):
            for statement in self.statements:
                if statement.path[:length] == path[:length]:
                    return statement.line
        return 0

    def string(self, path: Path, text: str) -> int:
        """The line of the first string with ``text`` in the value of ``path``."""
        for statement in self.statements:
            if path[: len(statement.path)] == statement.path:
                for raw, line in statement.strings:
                    if text in tomllib.loads(f"_ = {raw}")["_"]:
                        return line + raw[: max(raw.find(text), 0)].count("\n")
        return self.line(path)


def read(text: str) -> Written:
    """What ``text`` says to us; a broken file is told as its problems."""
    text = text.replace("\r\n", "\n")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Written(True, (), (), (_broken(str(error), text),))
    except RecursionError:
        return Written(True, (), (), (Problem(0, "this file is nested too deeply to be read"),))
    places = _Places(text)
    tool = document.get("tool")
    tool = tool if isinstance(tool, dict) else {}
    problems = [
        Problem(places.line(path), f"unknown table [{'.'.join(path)}]; did you mean [{'.'.join(right)}]?")
        for path in [(name,) for name in document] + [("tool", name) for name in tool]
        if path != OURS and (pipeline := meant(path[-1])) is not None
        for right in [(*OURS, "pipelines", pipeline) if pipeline else OURS]
    ]
    if OURS[1] not in tool:
        return Written(False, (), (), tuple(problems))
    entries, sections = [], []
    for name, path, table in _tables(tool[OURS[1]]):
        if not isinstance(table, dict):
            problems.append(Problem(places.line(path), f"[{'.'.join(path)}] must be a table"))
            continue
        entries += [_entry(places, (*path, key), name, value) for key, value in table.items()]
        sections.append((name, places.line(path)))
    return Written(True, tuple(sections), tuple(entries), tuple(problems))


def _tables(section: Any) -> Iterator[tuple[str, Path, Any]]:
    """The first pipeline and the named ones: name, path, table."""
    if not isinstance(section, dict) or "pipelines" not in section:
        yield "", OURS, section
        return
    yield "", OURS, {key: value for key, value in section.items() if key != "pipelines"}
    path = (*OURS, "pipelines")
    if isinstance(section["pipelines"], dict) and "" not in section["pipelines"]:
        yield from ((name, (*path, name), table) for name, table in section["pipelines"].items())
    else:
        yield "", (*path, "NAME"), None


def _entry(places: _Places, path: Path, pipeline: str, value: object) -> Entry:
    key, line = path[-1], places.line(path)
    if isinstance(value, bool):
        return Entry(pipeline, key, line, value)
    is_one = path[-1] in KEYS and not KEYS[path[-1]].many
    if isinstance(value, list) and is_one:
        return Entry(pipeline, key, line, None)
    written = value if isinstance(value, list) else [value]
    strings = [string for string in written if isinstance(string, str)]
    if len(strings) < len(written):
        return Entry(pipeline, key, line, None)
    parts = [part.strip() for string in strings for part in string.split("\n")]
    return Entry(pipeline, key, line, tuple(Text(part, places.string(path, part)) for part in parts))


def _statements(text: str) -> Iterator[_Statement]:
    """The statements of a document that is known to be right, in its order."""
    table: Path = ()
    name, strings, valued, depth, line, first = "", list[tuple[str, int]](), False, 0, 1, 1
    for token in [*_TOKEN.finditer(text), None]:
        kind, piece = (token.lastgroup, token.group()) if token else ("end", "\n")
        if kind == "end" and depth == 0:
            if name.startswith("["):
                table = _path(name.strip("[] \t"))
                yield _Statement(table, first, ())
            elif valued:
                yield _Statement(table + _path(name), first, tuple(strings))
            name, strings, valued, first = "", [], False, line + 1
        elif not valued and kind != "comment":
            valued = piece == "="
            name += "" if valued else piece.lstrip() if not name else piece
        elif kind == "string":
            strings.append((piece, line))
        elif kind in ("open", "close"):
            depth += 1 if kind == "open" else -1
        line += piece.count("\n")


def _path(name: str) -> Path:
    """The parts of a dotted key, as TOML reads it."""
    parts: list[str] = []
    value: Any = tomllib.loads(f"{name} = 0")
    while isinstance(value, dict):
        ((part, value),) = value.items()
        parts.append(part)
    return tuple(parts)


def _broken(message: str, text: str) -> Problem:
    found: re.Match[str] | None = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$", message)
    if not found:
        return Problem(0, message)
    line = int(found[1]) if found[1] else text.count("\n") + 1
    return Problem(line, f"not TOML: {message[: found.start()]}")
