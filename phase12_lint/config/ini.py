"""Reads ``[phase12-lint]`` and ``[phase12-lint:NAME]`` from a ``setup.cfg``, with the line of every value.

``configparser`` tells no lines, so each line carries its own number through it, behind a null character.
"""

from __future__ import annotations

import configparser
from io import StringIO

from phase12_lint.config.written import Entry, Problem, Text, Written, meant

SECTION = "phase12-lint"
_MARK = "\0"


def read(text: str) -> Written:
    """What ``text`` says to us; a broken file is told as its problems."""
    lines = StringIO(text, newline=None).read().split("\n")
    for number, line in enumerate(lines, 1):
        if _MARK in line:
            return Written(True, (), (), (Problem(number, "there is a null byte here"),))
    # No default section: a [DEFAULT] of another tool is not ours. No interpolation: a % is a %.
    parser = configparser.RawConfigParser(default_section=_MARK)
    try:
        parser.read_file(
            f"{line}{_MARK}{number}" if line.strip() else "" for number, line in enumerate(lines, 1)
        )
    except configparser.Error as error:
        return Written(True, (), (), _broken(error))
    ours = [name for name in parser.sections() if name == SECTION or name.startswith(SECTION + ":")]
    return Written(
        bool(ours),
        tuple((_pipeline(name), _line_of(name, lines)) for name in ours),
        tuple(_entry(_pipeline(name), key, value) for name in ours for key, value in parser.items(name)),
        tuple(_misnamed(parser, lines)),
    )


def _pipeline(section: str) -> str:
    return section.partition(":")[2].strip()


def _entry(pipeline: str, key: str, value: str) -> Entry:
    marked = [line.partition(_MARK) for line in value.split("\n")]
    texts = tuple(Text(text.strip(), int(number)) for text, _, number in marked if number)
    return Entry(pipeline, key.partition(_MARK)[0], texts[0].line, texts)


def _line_of(section: str, lines: list[str]) -> int:
    """Where the header of ``section`` stands: at the margin, if there is one, for a value may look like it."""
    found = [number for number, line in enumerate(lines, 1) if line.strip().startswith(f"[{section}]")]
    return min(found, key=lambda number: (not lines[number - 1].startswith("["), number), default=0)


def _misnamed(parser: configparser.RawConfigParser, lines: list[str]) -> list[Problem]:
    problems = []
    for name in parser.sections():
        line = _line_of(name, lines)
        if name.startswith(SECTION + ":"):
            if not _pipeline(name):
                problems.append(
                    Problem(line, f"[{name}] has no name after the colon; write [{SECTION}:NAME]")
                )
        elif name != SECTION and (pipeline := meant(name)) is not None:
            right = f"{SECTION}:{pipeline}" if pipeline else SECTION
            problems.append(Problem(line, f"unknown section [{name}]; did you mean [{right}]?"))
    return problems


def _broken(error: configparser.Error) -> tuple[Problem, ...]:
    if isinstance(error, configparser.DuplicateOptionError):
        where, key = error.section, error.option.partition(_MARK)[0]
        return (Problem(error.lineno or 0, f"the key '{key}' is written twice in [{where}]"),)
    if isinstance(error, configparser.DuplicateSectionError):
        return (Problem(error.lineno or 0, f"the section [{error.section}] is written twice"),)
    if isinstance(error, configparser.MissingSectionHeaderError):
        return (Problem(error.lineno, "this line is before any [section]"),)
    if isinstance(error, configparser.ParsingError):
        return tuple(
            Problem(line, "this line is neither 'key = value' nor a [section]") for line, _ in error.errors
        )
    return (Problem(0, error.message.partition(_MARK)[0]),)
