"""What is recorded of a plugin run: the call stack above it, as text for another process too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

FOREIGN, TASK, PROCESS, THREAD = "foreign", "task", "process", "thread"
"""Between two frames: code outside the project; the start of a task, or of what a thread or a pool was given to call,
and then the frames that gave it; the start of a process, and then the frames that started it; a thread that calls
something else, and then the frames that started it.
"""


class Place(NamedTuple):
    """A frame: a file relative to the root, the first line and the name of the code, the line that runs.

    ``is_lazy`` if it is the code of a coroutine or a generator.
    """

    path: str
    first_line: int
    name: str
    line: int
    is_lazy: bool


Stack = tuple[Place | str, ...]
"""Frames and what lies between them, innermost first. It ends at ``THREAD``, ``TASK`` or ``PROCESS``, or it was cut
short."""


class Run(NamedTuple):
    """A governed method that ran: where (None outside the project), the classes of ``self``, what stands above it."""

    name: str
    place: Place | None
    classes: tuple[str, ...]
    above: Stack


def packed(runs: Mapping[Run, str]) -> str:
    """``runs`` as text, for another process."""
    return json.dumps([[run, test] for run, test in runs.items()])


def unpacked(text: str) -> dict[Run, str]:
    """The runs that ``packed`` has made ``text`` of. Raises ``ValueError`` if it is cut off."""
    found = {}
    for (name, place, classes, above), test in json.loads(text):
        stack = tuple(item if isinstance(item, str) else Place(*item) for item in above)
        found[Run(name, Place(*place) if place else None, tuple(classes), stack)] = test
    return found


def names_one_of(classes: Sequence[str], entries: Sequence[str]) -> bool:
    """Whether one of ``entries``, names as in the policy, is a tail of the dotted name of one of ``classes``."""
    return any(f".{name}".endswith(f".{entry.replace(':', '.')}") for name in classes for entry in entries)
