"""What the environments of tox and the sessions of nox run."""

from __future__ import annotations

import ast
import re
import shlex
from configparser import ConfigParser, Error
from typing import NamedTuple

from phase12_lint.enforcement.braces import spread
from phase12_lint.enforcement.cuts import cut

_FACTORS = re.compile(r"([!\w.,{}-]+):\s+(.*)")
_REFERENCE = re.compile(r"\{\[([^]]+)\](\w+)\}")
_RUNS_NOTHING = {
    "--notest",
    "-n",
    "-l",
    "--list",
    "--list-sessions",
    "--version",
    "-h",
    "--help",
    "-a",
    "--showconfig",
}
_MOST_NAMES = 200


class Commands(NamedTuple):
    """The commands of one environment as a script, and whether their failure is ignored."""

    script: str
    ignored: bool


def of_tox(text: str, words: list[str]) -> list[Commands]:
    """The commands of the environments of the ``tox.ini`` ``text`` that ``tox`` with ``words`` runs."""
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except Error:
        return []
    options, added = _parted(words)
    if _RUNS_NOTHING.intersection(options):
        return []
    own = "tox:tox" if parser.has_section("tox:tox") else "tox"
    listed = parser.get(own, "envlist", fallback=parser.get(own, "env_list", fallback=""))
    chosen = _chosen(options) or _names(listed) or ["py"]
    sections = [(each, section) for each in dict.fromkeys(chosen) if (section := _section(parser, each))]
    return [_commands(parser, section, name, added) for name, section in sections]


def _parted(words: list[str]) -> tuple[list[str], list[str]]:
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


def _names(listed: str) -> list[str]:
    """The environments that ``envlist`` names, what stands in braces taken apart."""
    words = re.split(r"[,\s]+(?![^{}]*\})", re.sub(r"#.*", "", listed))
    if len(words) > _MOST_NAMES:
        cut(f"envlist names more than {_MOST_NAMES} environments; the others were not read")
    return [name for word in words[:_MOST_NAMES] if word for name in spread(word)]


def _chosen(words: list[str]) -> list[str]:
    found = []
    pending = list(words)
    while pending:
        name, equals, value = pending.pop(0).partition("=")
        if name not in ("-e", "--env", "--session", "--sessions", "-s"):
            continue
        if equals:
            found += _names(value)
        while not equals and pending and not pending[0].startswith("-"):
            found += _names(pending.pop(0))
    return found


def _section(parser: ConfigParser, environment: str) -> str:
    name = f"testenv:{environment}"
    return name if parser.has_section(name) else "testenv" if parser.has_section("testenv") else ""


def _commands(parser: ConfigParser, section: str, environment: str, added: list[str]) -> Commands:
    def value(key: str, place: str = section) -> str:
        return parser.get(place, key, fallback=parser.get("testenv", key, fallback=""))

    text = _REFERENCE.sub(lambda match: value(match[2], match[1]), value("commands"))
    text = re.sub(r"\{posargs(?::([^{}]*))?\}", lambda match: shlex.join(added) or match[1] or "", text)
    script = []
    for line in text.replace("\\\n", " ").split("\n"):
        command = _for(environment, line.strip())
        script.append(f"{command[1:].strip()} || true" if command.startswith("-") else command)
    ignored = value("ignore_outcome").lower() == "true"
    return Commands("\n".join(script).replace("{envbindir}", "bin").replace("{envpython}", "python"), ignored)


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


def of_nox(text: str, words: list[str]) -> list[Commands]:
    """The commands of the sessions of the ``noxfile.py`` ``text`` that ``nox`` with ``words`` runs."""
    options, _ = _parted(words)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    if _RUNS_NOTHING.intersection(options):
        return []
    chosen = [re.split(r"-\d|\(", name)[0] for name in _chosen(options) or _by_default(tree)]
    sessions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and _is_session(node)]
    return [_of_session(node) for node in sessions if not chosen or _session_name(node) in chosen]


def _by_default(tree: ast.Module) -> list[str]:
    """The sessions that ``nox.options.sessions`` names."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "nox.options.sessions":
            return [str(each.value) for each in ast.walk(node.value) if isinstance(each, ast.Constant)]
    return []


def _is_session(node: ast.FunctionDef) -> bool:
    return any("session" in ast.unparse(decorator) for decorator in node.decorator_list)


def _session_name(node: ast.FunctionDef) -> str:
    calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
    named = (keyword.value for call in calls for keyword in call.keywords if keyword.arg == "name")
    return next((str(value.value) for value in named if isinstance(value, ast.Constant)), node.name)


def _of_session(node: ast.FunctionDef) -> Commands:
    lines = []
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "run":
            words = [str(each.value) for each in call.args if isinstance(each, ast.Constant)]
            succeeds = any(keyword.arg == "success_codes" for keyword in call.keywords)
            lines.append(shlex.join(words) + (" || true" if succeeds else ""))
    return Commands("\n".join(lines), False)
