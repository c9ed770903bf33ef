"""Read a baseline that people edit, merge and mistreat: all that is wrong is told, with its line.

``BaselineError``: the file cannot be taken for a baseline.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from phase12_lint.adopt.baseline import FIELDS, NEEDED, VERSION, Entry

_CONFLICT = re.compile(r"^(<{7}|\|{7}|>{7})( |$)", re.MULTILINE)
_ENTRIES = re.compile(r'"entries"\s*:\s*\[\s*')
# What a merge leaves between entries that stand on lines of their own; no string of JSON holds a line feed.
_MISSING_COMMA, _SURPLUS_COMMA = re.compile(r"\}(\s*\n\s*)\{"), re.compile(r",(\s*\n\s*\])")
_BETWEEN = re.compile(r"\s*,?\s*")
_ADVICE = "; correct the file by hand, or restore an earlier version of it"


class BaselineError(Exception):
    """Each argument is a line that says where the file is wrong and what to change."""


def load(path: Path, name: str) -> dict[Entry, int]:
    """The entries of the file, which is called ``name`` in errors, sorted, each with its line.

    An entry that stands twice, as after a merge, counts once. Raises ``BaselineError``.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BaselineError(f"{name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BaselineError(f"{name}:{line}: not UTF-8{_ADVICE}") from None
    return parse(text, name)


def parse(text: str, name: str) -> dict[Entry, int]:
    """As ``load``, from the text of the file."""
    conflict = _CONFLICT.search(text)
    if conflict:
        raise BaselineError(
            f"{name}:{_line(text, conflict.start())}: a merge conflict; delete the marker lines and keep the"
            " entries of both sides, then run 'phase12-lint baseline prune'"
        )
    text = _SURPLUS_COMMA.sub(r"\1", _MISSING_COMMA.sub(r"},\1{", text))
    _check_document(text, name)
    entries: dict[tuple[str, str], tuple[Entry, int]] = {}
    problems = []
    for line, value in _values(text):
        problem = _problem(value)
        if problem:
            problems.append(f"{name}:{line}: {problem}{_ADVICE}")
            continue
        entry = Entry(*({"reason": "", **value}[field] for field in FIELDS))
        key = (entry.path, entry.fingerprint)
        if key not in entries or entry.number > entries[key][0].number:
            entries[key] = entry, line
    if problems:
        raise BaselineError(*problems)
    return dict(sorted(entries.values()))


def _check_document(text: str, name: str) -> None:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BaselineError(f"{name}:{error.lineno}: not JSON: {error.msg}{_ADVICE}") from None
    except (ValueError, RecursionError):
        raise BaselineError(f"{name}:1: not a baseline{_ADVICE}") from None
    if not isinstance(document, dict) or "version" not in document:
        raise BaselineError(f"{name}:1: not a baseline: it has no 'version'{_ADVICE}")
    if document["version"] != VERSION:
        told = f"the version is {json.dumps(document['version'])}, and this phase12-lint reads {VERSION}"
        raise BaselineError(f"{name}:{_line_of(text, 'version')}: {told}; use the phase12-lint that wrote it")
    if not isinstance(document.get("entries"), list):
        raise BaselineError(f"{name}:{_line_of(text, 'entries')}: 'entries' must be a list{_ADVICE}")


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """The entries of a document that is JSON, each with its line."""
    begin = _ENTRIES.search(text)
    at = begin.end() if begin else len(text)
    decoder = json.JSONDecoder()
    while at < len(text) and text[at] != "]":
        value, end = decoder.raw_decode(text, at)
        yield _line(text, at), value
        separator = _BETWEEN.match(text, end)
        at = separator.end() if separator else end


def _problem(value: object) -> str:
    """What is wrong with an entry; empty if nothing is."""
    if not isinstance(value, dict):
        return "an entry must be an object"
    missing = [field for field in NEEDED if field not in value]
    if missing:
        return f"the entry has no '{missing[0]}'"
    unknown = sorted(value.keys() - set(FIELDS))
    if unknown:
        return f"the entry has an unknown key {unknown[0]!r}"
    for field in FIELDS:
        if field != "count" and not isinstance(value.get(field, ""), str):
            return f"'{field}' must be a string"
    if type(value["count"]) is not int or value["count"] < 1:
        return "'count' must be a whole number from 1"
    return ""


def _line_of(text: str, key: str) -> int:
    return _line(text, max(text.find(f'"{key}"'), 0))


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
