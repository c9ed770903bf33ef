"""The keys of the configuration: what each means and how its text becomes a value.

One table for ``setup.cfg``, ``pyproject.toml``, the command line and flake8's options alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from posixpath import normpath
from typing import NamedTuple

from phase12_lint.config.written import Problem, Text
from phase12_lint.model import Confidence
from phase12_lint.patterns import check_pattern
from phase12_lint.policy import Policy
from phase12_lint.presets import preset_names
from phase12_lint.rulebook import check_prefix

_NAME = r"[^\W\d]\w*(\.[^\W\d]\w*)*(:[^\W\d]\w*(\.[^\W\d]\w*)*)?"  # compiled where a name is written
_PATTERN = r"[\w*?]+([.:][\w*?]+)*(\[\])?"
_BOOLEANS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class Key(NamedTuple):
    """One key. ``parse`` reads one value and raises ``ValueError``, saying what it must be.

    ``many`` is a list, separated by commas or lines. ``needed`` may not be empty. ``shared`` is said once for
    the whole run, not for each pipeline.
    """

    name: str
    doc: str
    parse: Callable[[str], object]
    many: bool = True
    needed: bool = False
    shared: bool = False

    @property
    def field(self) -> str:
        """The name of the field that holds the value, in ``Policy`` or ``Settings``."""
        return self.name.replace("-", "_")

    @property
    def governs(self) -> bool:
        """Whether it is a field of a pipeline's ``Policy``."""
        return self.field in Policy._fields


def _preset(text: str) -> str:
    if text not in preset_names():
        raise ValueError(f"is no preset; the nearest is {nearest(text, preset_names())!r}")
    return text


def _name(text: str) -> str:
    if not re.fullmatch(_NAME, text):
        raise ValueError("must be a name, as Class, package.module.Class or package.module:function")
    return text


def _pattern(text: str) -> str:
    if not re.fullmatch(_PATTERN, text):
        raise ValueError("must be a name, in which * and ? match other letters")
    return text


def _glob(text: str) -> str:
    check_pattern(text)
    return text


def _folder(text: str) -> str:
    folder = normpath(text)
    if folder.startswith(("/", "..")) or folder == "." or set(folder) & set("*?\\"):
        raise ValueError("must be a folder of the project, as tests/phase_12")
    return folder


def _boolean(text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise ValueError("must be true or false")
    return _BOOLEANS[text.lower()]


def _confidence(text: str) -> Confidence:
    try:
        return Confidence.parse(text)
    except KeyError:
        words = ", ".join(word.label for word in reversed(Confidence))
        raise ValueError(f"must be one of {words}") from None


KEYS = {
    key.name: key
    for key in (
        Key("extends", "the preset whose keys hold where none are written", _preset, many=False, needed=True),
        Key("plugin-bases", "classes whose subclasses are plugins", _name),
        Key(
            "plugin-methods",
            "the methods of a plugin that are governed; `__call__` where plugins are called themselves",
            _name,
            needed=True,
        ),
        Key("plugin-names", "names of variables that are plugins where the type is not known", _pattern),
        Key("plugin-sources", "calls whose result is a plugin", _name),
        Key(
            "choke-point",
            "the classes, functions or modules through which every plugin must run",
            _name,
            needed=True,
        ),
        Key(
            "runner-names",
            "names of variables that are the choke point where the type is not known",
            _pattern,
        ),
        Key("layers", "the service classes between the API and the choke point, from the API down", _name),
        Key("input-validator", "the functions that check a plugin's input", _pattern),
        Key("output-validator", "the functions that check a plugin's output", _pattern),
        Key("error-envelope", "the functions that build the error envelope", _pattern),
        Key("metrics-update", "the functions that update the registry's metrics", _pattern),
        Key("metrics-fields", "the fields that contain the metrics", _pattern),
        Key("states", "the states that a plugin may have", _pattern),
        Key(
            "phase-tests",
            "folders of tests that must exist and that a workflow must run; empty for none",
            _folder,
            shared=True,
        ),
        Key("exempt", "files that are tests and not governed, as patterns of .gitignore", _glob),
        Key(
            "exclude", "files that are not part of the program, as patterns of .gitignore", _glob, shared=True
        ),
        Key(
            "select",
            "codes to report, as prefixes (default: all that are on by default)",
            check_prefix,
            shared=True,
        ),
        Key("extend-select", "codes to report in addition", check_prefix, shared=True),
        Key("ignore", "codes not to report; the longer prefix wins", check_prefix, shared=True),
        Key(
            "min-confidence",
            "report what is at least this sure: certain, inferred, named",
            _confidence,
            many=False,
            shared=True,
        ),
        Key(
            "require-suppression-reason",
            "report each noqa with a GOV code that gives no reason",
            _boolean,
            many=False,
            shared=True,
        ),
    )
}


def forms() -> dict[Callable[[str], object], dict[str, object]]:
    """What JSON Schema can say of one value, by how it is read."""
    return {
        _preset: {"enum": preset_names()},
        _name: {"pattern": _NAME},
        _pattern: {"pattern": _PATTERN},
        _glob: {"pattern": r"[^,\n]*[^,\s]"},
        _folder: {"pattern": r"[^,\n*?\\]*[^,\s*?\\]"},
        check_prefix: {"pattern": r"[A-Z]+[0-9]*"},
        _boolean: {"type": ["boolean", "string"], "enum": [True, False, *_BOOLEANS]},
        _confidence: {"enum": [word.label for word in Confidence]},
    }


def nearest_key(word: str, within_pipeline: bool = False, others: Sequence[str] = ()) -> str:
    """The key most like ``word``, of those that a named pipeline may set if ``within_pipeline``, and of ``others``."""
    keys = [key.name for key in KEYS.values() if not (within_pipeline and key.shared)]
    return nearest(word, [*keys, *others])


def nearest(word: str, names: Sequence[str], least: float = 0.0) -> str:
    """The one of ``names`` that is most like ``word``; empty if none is as like it as ``least``, which is at most 1."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, names, n=1, cutoff=least)), "")


def convert(
    key: Key, written: tuple[Text, ...] | bool | None
) -> tuple[object, tuple[Text, ...], list[Problem]]:
    """What was ``written`` as ``key``: the value, each part of it with its line, what is wrong with it."""
    if isinstance(written, bool) and key.parse is _boolean:
        return written, (), []
    if written is None or isinstance(written, bool):
        kinds = (
            "a string or an array of strings"
            if key.many
            else "a boolean"
            if key.parse is _boolean
            else "a string"
        )
        return None, (), [Problem(0, f"must be {kinds}")]
    if key.many:
        parts = [
            Text(part.strip(), text.line) for text in written for part in text.text.split(",") if part.strip()
        ]
    else:
        parts = [
            Text(" ".join(text.text for text in written if text.text), written[0].line if written else 0)
        ]
    if key.needed and not any(part.text for part in parts):
        return None, (), [Problem(0, "names nothing; write a name, or delete the key")]
    read = [_read(key, part) for part in parts]
    problems = [value for value in read if isinstance(value, Problem)]
    value = tuple(dict.fromkeys(read)) if key.many else read[0]
    return (None, (), problems) if problems else (value, tuple(parts), [])


def _read(key: Key, part: Text) -> object:
    """The value of one part, or the problem with it."""
    try:
        return key.parse(part.text)
    except ValueError as error:
        return Problem(part.line, f"{part.text!r} {error}")
