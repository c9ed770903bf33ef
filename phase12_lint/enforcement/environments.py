"""What tools run for a project, as scripts: tox, and those that run the scripts of ``pyproject.toml``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from phase12_lint.enforcement.braces import spread
from phase12_lint.enforcement.options import options
from phase12_lint.enforcement.project import ProjectFiles, at, ini

_FACTORS = re.compile(r"([!\w.,{}-]+):\s+(.*)")
_REFERENCE = re.compile(r"\{\[([^]]+)\](\w+)\}")
_POSARGS = re.compile(r"\{posargs(?::([^{}]*))?\}")
_PLACES = {"{envbindir}": "bin", "{envpython}": "python", "{toxinidir}": ".", "{tox_root}": ".", "{/}": "/"}
_CHOOSING = {"-e", "--env"}
_LABELLING = {"-m"}
_RUNS_NOTHING = {"--notest", "-n", "-l", "--list", "--version", "-h", "--help", "-a", "--showconfig"}
_ARGUMENTS = re.compile(r"\{args(?::([^{}]*))?\}")
_TABLES = (("pdm", "scripts"), ("poe", "tasks"), ("taskipy", "tasks"), ("rye", "scripts"), ("pixi", "tasks"))
_PARTS = ("cmd", "shell", "composite", "sequence", "chain", "depends-on", "depends_on")


def of_tox(program: str, words: list[str], project: ProjectFiles, folder: str) -> str:
    """What ``tox`` with ``words`` runs in ``folder``."""
    end = words.index("--") if "--" in words else len(words)
    told = list(options(words[:end], _CHOOSING | _LABELLING))
    if _RUNS_NOTHING.intersection(name for name, _ in told):
        return ""
    sections = _sections(project, folder)
    own = sections.get("tox:tox", sections.get("tox", {}))
    listed = _names(own.get("envlist", own.get("env_list", "")))
    chosen = [name for option, value in told if option in _CHOOSING for name in _names(value)]
    for label in (value for option, value in told if option in _LABELLING):
        chosen += [name for name in listed if label in _of_environment(sections, name, "labels").split()]
        chosen += [name for each, names in _labels(own) if each == label for name in _names(names)]
    return "\n".join(_of_tox(sections, name, words[end + 1 :]) for name in chosen or listed or ["py"])


def _labels(own: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The labels of tox's own section, each with the environments under it."""
    for line in own.get("labels", "").splitlines():
        name, _, names = line.partition("=")
        yield name.strip(), names


def _of_environment(sections: Mapping[str, Mapping[str, str]], environment: str, key: str) -> str:
    own = sections.get(f"testenv:{environment}", {})
    return own.get(key, sections.get("testenv", {}).get(key, ""))


def _names(listed: str) -> list[str]:
    """The environments that ``envlist`` names, what stands in braces taken apart."""
    words = re.split(r"[,\s]+(?![^{}]*\})", re.sub(r"#.*", "", listed))
    return [name for word in words if word for name in spread(word)]


def _of_tox(sections: dict[str, dict[str, str]], environment: str, added: list[str]) -> str:
    def referred(match: re.Match[str]) -> str:
        found = sections.get(match[1], {}).get(match[2])
        return _of_environment(sections, "", match[2]) if found is None else found

    text = _REFERENCE.sub(referred, _of_environment(sections, environment, "commands"))
    text = _POSARGS.sub(lambda match: shlex.join(added) or match[1] or "", text)
    for name, value in _PLACES.items():
        text = text.replace(name, value)
    lines = [_for(environment, line.strip()) for line in text.replace("\\\n", " ").split("\n")]
    lines = [f"{line[1:].strip()} || true" if line.startswith("-") else line for line in lines]
    ignored = _of_environment(sections, environment, "ignore_outcome").lower() == "true"
    return "\n".join(["(", *lines, ") || true" if ignored else ")"])


def _for(environment: str, line: str) -> str:
    """The command of ``line``, if its factors are those of ``environment``."""
    match = _FACTORS.fullmatch(line)
    if match is None:
        return line
    own = set(environment.split("-"))
    holds = any(
        all((part[1:] not in own) if part.startswith("!") else (part in own) for part in each.split("-"))
        for expression in spread(match[1])
        for each in expression.split(",")
    )
    return match[2] if holds else ""


def _sections(project: ProjectFiles, folder: str) -> dict[str, dict[str, str]]:
    """The settings of tox by their sections in ``tox.ini``, whatever file they stand in."""
    told = project.tool("tox") or project.toml(at(folder, "tox.toml"))
    text = project.read(at(folder, "tox.ini")) or str(told.get("legacy_tox_ini", ""))
    if text or not told:
        return ini(text or project.read(at(folder, "setup.cfg")) or "")
    tables = {"testenv": _table(told, "env_run_base")}
    tables |= {f"testenv:{name}": _table(_table(told, "env"), name) for name in _table(told, "env")}
    found = {
        name: {
            "commands": "\n".join(map(_line, _listed(table, "commands"))),
            "labels": " ".join(map(str, _listed(table, "labels"))),
        }
        for name, table in tables.items()
    }
    labels = _table(told, "labels")
    own = {
        "envlist": ",".join(map(str, _listed(told, "env_list"))),
        "labels": "\n".join(f"{name} = {','.join(map(str, _listed(labels, name)))}" for name in labels),
    }
    return {
        "tox": own,
        **{name: {key: text for key, text in each.items() if text} for name, each in found.items()},
    }


def _table(table: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = table.get(name)
    return found if isinstance(found, dict) else {}


def _listed(table: Mapping[str, object], name: str) -> list[object]:
    found = table.get(name)
    return found if isinstance(found, list) else []


def _line(command: object) -> str:
    """A command that is a list of words; those that take what the caller adds are ``{posargs}``."""
    words = command if isinstance(command, list) else []
    return shlex.join(word if isinstance(word, str) else "{posargs}" for word in words)


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
