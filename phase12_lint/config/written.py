"""What the user wrote, and where: the values that the two readers hand on.

One exception leaves this package: :class:`ConfigError`, with every problem of the configuration.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Not compiled before a file has a section: that takes as long as all else a run does with its configuration.
_MEANT = r"(?i)(tool\W)?\W*phase[\W_]*12[\W_]*lint(?:[\W_]+(?:pipelines?\W+)?(?P<pipeline>.*))?"


class Text(NamedTuple):
    """One line of a value, and the line of the file it stands on."""

    text: str
    line: int


class Entry(NamedTuple):
    """One key of one pipeline. ``value`` is ``None`` where it is neither text nor a boolean."""

    pipeline: str
    key: str
    line: int
    value: tuple[Text, ...] | bool | None


class Problem(NamedTuple):
    """Something the user has to change; ``line`` 0 where no line can be named."""

    line: int
    message: str


class Written(NamedTuple):
    """What a file says to phase12-lint. ``found`` if it has a section of ours, were it empty.

    ``sections`` are the pipelines that have one, and the line of each.
    """

    found: bool
    sections: tuple[tuple[str, int], ...]
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()


class ConfigError(Exception):
    """The configuration cannot be used; ``problems`` are whole lines for a person, in the file's order."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def meant(name: str) -> str | None:
    """The pipeline that a section ``name`` can only mean, as ``phase12_lint`` and ``tool:phase12-lint.tools`` do.

    Empty for the first one; ``None`` if the section is not ours.
    """
    found = re.fullmatch(_MEANT, name)
    return None if found is None else (found["pipeline"] or "").strip()
