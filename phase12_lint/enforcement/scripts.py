"""What ``pyproject.toml`` says of a project's commands: scripts of hatch, pdm, poe and the like, and tox's settings."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

_ARGUMENTS = re.compile(r"\{args(?::([^{}]*))?\}")
_TABLES = (("pdm", "scripts"), ("poe", "tasks"), ("taskipy", "tasks"), ("rye", "scripts"), ("pixi", "tasks"))
_PARTS = ("cmd", "shell", "composite", "sequence", "chain", "depends-on", "depends_on")


def tools(text: str) -> Mapping[str, Any]:
    """The table ``tool`` of a ``pyproject.toml``; empty if it cannot be read."""
    try:
        found = tomllib.loads(text).get("tool", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def table(found: object, *names: str) -> Mapping[str, Any]:
    """The table under ``names``; empty if there is none."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def scripts_of(tool: Mapping[str, Any]) -> dict[str, str]:
    """The scripts of the project by their names, each as lines of a shell; one runs another through ``poe``."""
    values: dict[str, object] = {}
    for names in _TABLES:
        values.update(table(tool, *names))
    for environment in table(tool, "hatch", "envs"):
        for name, value in table(tool, "hatch", "envs", environment, "scripts").items():
            values[f"{environment}:{name}"] = value
            values.setdefault(name, value)
    return {name: "\n".join(_lines(value, values, False)) for name, value in values.items()}


def _lines(value: object, names: Mapping[str, object], is_one: bool) -> Iterator[str]:
    """The lines of a script; ``is_one`` if a list is one command, word by word."""
    if isinstance(value, str):
        line = _ARGUMENTS.sub(lambda match: match[1] or "", value.strip())
        line = f"{line[1:].strip()} || true" if line.startswith("- ") else line
        yield f"poe {line}" if line.split(" ")[0] in names else line
    elif isinstance(value, list) and is_one:
        yield shlex.join(map(str, value))
    elif isinstance(value, list):
        for each in value:
            yield from _lines(each, names, False)
    elif isinstance(value, dict):
        for part in _PARTS:
            yield from _lines(value.get(part), names, part == "cmd")


def tox_of(tool: Mapping[str, Any]) -> str:
    """The settings of tox as its ``tox.ini`` would have them; empty if there are none."""
    settings = table(tool, "tox")
    if "legacy_tox_ini" in settings:
        return str(settings["legacy_tox_ini"])
    if not settings:
        return ""
    names = settings.get("env_list", [])
    lines = ["[tox]", f"envlist = {', '.join(map(str, names if isinstance(names, list) else []))}"]
    lines += _section("testenv", table(settings, "env_run_base"))
    for name in table(settings, "env"):
        lines += _section(f"testenv:{name}", table(settings, "env", name))
    return "\n".join(lines)


def _section(name: str, settings: Mapping[str, Any]) -> list[str]:
    commands = settings.get("commands")
    if not isinstance(commands, list):
        return [f"[{name}]"]
    return [f"[{name}]", "commands =", *(f"    {shlex.join(_words(each))}" for each in commands)]


def _words(command: object) -> list[str]:
    """The words of a command; those that take what the caller adds are ``{posargs}``."""
    return [
        word if isinstance(word, str) else "{posargs}"
        for word in (command if isinstance(command, list) else [])
    ]
