"""The presets: policies that come with the linter, a file each in ``config/presets``. They are data, and say nothing
of how a user's own policy is read; ``phase12`` is the default, and the one place of the defaults."""

from __future__ import annotations

from configparser import RawConfigParser
from functools import cache
from pathlib import Path
from typing import NamedTuple

DEFAULT = "phase12"
_FOLDER = Path(__file__).parent / "config" / "presets"


class Preset(NamedTuple):
    """One of them. ``governs`` says what, in one line, ``about`` how, in Markdown.

    ``modules`` are the packages whose import shows that a project may want it. ``keys`` are all keys of a pipeline,
    with their values: those that its file does not write are empty.
    """

    name: str
    title: str
    governs: str
    modules: tuple[str, ...]
    about: str
    keys: dict[str, tuple[str, ...]]


def preset_names() -> list[str]:
    """The names of the presets, the default first."""
    return sorted((path.stem for path in _FOLDER.glob("*.cfg")), key=lambda name: (name != DEFAULT, name))


@cache
def preset(name: str) -> Preset:
    """The preset called ``name``. Raises ``KeyError`` if there is none."""
    parser = RawConfigParser()
    if not parser.read(_FOLDER / f"{name}.cfg", encoding="utf-8"):
        raise KeyError(name)
    said = parser["preset"]
    keys = {key: _words(value) for key, value in parser.items("phase12-lint")}
    if name != DEFAULT:
        general = preset(DEFAULT).keys
        keys = {key: keys.get(key, general[key] if key in _GENERAL else ()) for key in general}
    about = said["about"].strip()
    return Preset(name, said["title"], said["governs"], _words(said["modules"]), about, keys)


_GENERAL = ("exempt",)  # it says where tests are, whatever is governed


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for line in text.split("\n") for part in line.split(",") if (word := part.strip()))
