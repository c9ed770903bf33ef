"""What tools run for a project, as scripts: tox, nox, and those that run the scripts of ``pyproject.toml``."""

from __future__ import annotations

import ast
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
_CHOOSING = {"-e", "--env", "-s", "--session", "--sessions"}
_RUNS_NOTHING = {
    *("--notest", "-n", "-l", "--list", "--list-sessions", "--version", "-h", "--help", "-a", "--showconfig")
}
_ARGUMENTS = re.compile(r"\{args(?::([^{}]*))?\}")
_TABLES = (("pdm", "scripts"), ("poe", "tasks"), ("taskipy", "tasks"), ("rye", "scripts"), ("pixi", "tasks"))
_PARTS = ("cmd", "shell", "composite", "sequence", "chain", "depends-on", "depends_on")


def script_of(program: str, words: list[str], project: ProjectFiles, folder: str) -> str:
    """What ``tox`` or ``nox`` with ``words`` runs in ``folder``."""
    end = words.index("--") if "--" in words else len(words)
    told = list(options(words[:end], _CHOOSING))
    if _RUNS_NOTHING.intersection(name for name, _ in told):
        return ""
    if program == "nox":  # whose `-s` takes several
        chosen = [value for name, value in told if name in _CHOOSING or not name]
        return "\n".join(_of_nox(project.read(at(folder, "noxfile.py")) or "", chosen))
    sections = _sections(project, folder)
    own = sections.get("tox:tox", sections.get("tox", {}))
    listed = own.get("envlist", own.get("env_list", ""))
    chosen = [name for option, value in told if option in _CHOOSING for name in _names(value)]
    return "\n".join(_of_tox(sections, name, words[end + 1 :]) for name in chosen or _names(listed) or ["py"])


def _names(listed: str) -> list[str]:
    """The environments that ``envlist`` names, what stands in braces taken apart."""
    words = re.split(r"[,\s]+(?![^{}]*\})", re.sub(r"#.*", "", listed))
    return [name for word in words if word for name in spread(word)]


def _of_tox(sections: dict[str, dict[str, str]], environment: str, added: list[str]) -> str:
    base = sections.get("testenv", {})
    own = {**base, **sections.get(f"testenv:{environment}", {})}

    def referred(match: re.Match[str]) -> str:
        return sections.get(match[1], {}).get(match[2], base.get(match[2], ""))

    text = _REFERENCE.sub(referred, own.get("commands", ""))
    text = _POSARGS.sub(lambda match: shlex.join(added) or match[1] or "", text)
    for name, value in _PLACES.items():
        text = text.replace(name, value)
    lines = [_for(environment, line.strip()) for line in text.replace("\\\n", " ").split("\n")]
    lines = [f"{line[1:].strip()} || true" if line.startswith("-") else line for line in lines]
    ignored = own.get("ignore_outcome", "").lower() == "true"
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
    told = project.tool("tox")
    text = project.read(at(folder, "tox.ini")) or str(told.get("legacy_tox_ini", ""))
    if text or not told:
        return ini(text or project.read(at(folder, "setup.cfg")) or "")
    tables = {"testenv": project.tool("tox", "env_run_base")}
    tables |= {f"testenv:{name}": project.tool("tox", "env", name) for name in project.tool("tox", "env")}
    found = {
        name: {"commands": "\n".join(map(_line, table["commands"]))}
        for name, table in tables.items()
        if isinstance(table.get("commands"), list)
    }
    names = told.get("env_list")
    return {"tox": {"envlist": ",".join(map(str, names if isinstance(names, list) else ()))}, **found}


def _line(command: object) -> str:
    """A command that is a list of words; those that take what the caller adds are ``{posargs}``."""
    words = command if isinstance(command, list) else []
    return shlex.join(word if isinstance(word, str) else "{posargs}" for word in words)


def _of_nox(text: str, chosen: list[str]) -> Iterator[str]:
    """The commands of the sessions ``chosen`` of the ``noxfile.py`` ``text``, or of those that run by themselves."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    names = [re.split(r"-\d|\(", name)[0] for name in chosen or _by_default(tree)]
    for node in tree.body:
        name = _session_name(node) if isinstance(node, ast.FunctionDef) else ""
        if name and (not names or name in names):
            yield from _of_session(node)


def _by_default(tree: ast.Module) -> list[str]:
    """The sessions that ``nox.options.sessions`` names."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "nox.options.sessions":
            return [str(each.value) for each in ast.walk(node.value) if isinstance(each, ast.Constant)]
    return []


def _session_name(node: ast.FunctionDef) -> str:
    for each in node.decorator_list:
        if "session" in ast.unparse(each):
            told = [keyword.value for keyword in getattr(each, "keywords", ()) if keyword.arg == "name"]
            return next((str(value.value) for value in told if isinstance(value, ast.Constant)), node.name)
    return ""


def _of_session(node: ast.stmt) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "run":
            words = [str(each.value) for each in call.args if isinstance(each, ast.Constant)]
            succeeds = any(keyword.arg == "success_codes" for keyword in call.keywords)
            yield shlex.join(words) + (" || true" if succeeds else "")


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
