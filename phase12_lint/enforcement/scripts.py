"""The scripts that ``pyproject.toml`` gives to hatch, pdm, poe and the like."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from phase12_lint.enforcement.project import ProjectFiles

_ARGUMENTS = re.compile(r"\{args(?::([^{}]*))?\}")
_TABLES = (("pdm", "scripts"), ("poe", "tasks"), ("taskipy", "tasks"), ("rye", "scripts"), ("pixi", "tasks"))
_PARTS = ("cmd", "shell", "composite", "sequence", "chain", "depends-on", "depends_on")


def scripts_of(project: ProjectFiles) -> dict[str, str]:
    """The scripts of the project by their names, each as lines of a shell; one runs another through ``poe``."""
    values: dict[str, object] = {}
    for names in _TABLES:
        values.update(project.tool(*names))
    for environment in project.tool("hatch", "envs"):
        for name, value in project.tool("hatch", "envs", environment, "scripts").items():
            values[f"{environment}:{name}"] = value
            values.setdefault(name, value)
    return {name: "\n".join(_lines(value, values)) for name, value in values.items()}


def _lines(value: object, names: Mapping[str, object], is_one: bool = False) -> Iterator[str]:
    """The lines of a script; ``is_one`` if a list is one command, word by word."""
    if isinstance(value, list) and is_one:
        value = shlex.join(map(str, value))
    if isinstance(value, str):
        line = _ARGUMENTS.sub(lambda match: match[1] or "", value.strip())
        line = f"{line[1:].strip()} || true" if line.startswith("- ") else line
        yield f"poe {line}" if line.split(" ")[0] in names else line
    elif isinstance(value, list):
        for each in value:
            yield from _lines(each, names)
    elif isinstance(value, dict):
        for part in _PARTS:
            yield from _lines(value.get(part), names, part == "cmd")
