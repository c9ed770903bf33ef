"""What the environments of tox and the sessions of nox run."""

from __future__ import annotations

import ast
import re
import shlex
from configparser import ConfigParser, Error
from typing import NamedTuple


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
    chosen = _chosen(words) or re.findall(r"[\w.{},-]+", parser.get("tox", "envlist", fallback="")) or ["py"]
    sections = {name for each in chosen for name in (_section(parser, each),) if name}
    return [_commands(parser, name) for name in sorted(sections)]


def _chosen(words: list[str]) -> list[str]:
    found = []
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in ("-e", "--env", "--session", "--sessions", "-s"):
            found += re.split(r"[,\s]+", value if equals else "".join(words[number + 1 : number + 2]))
    return [name for name in found if name]


def _section(parser: ConfigParser, environment: str) -> str:
    name = f"testenv:{environment}"
    return name if parser.has_section(name) else "testenv" if parser.has_section("testenv") else ""


def _commands(parser: ConfigParser, section: str) -> Commands:
    def value(key: str) -> str:
        return parser.get(section, key, fallback=parser.get("testenv", key, fallback=""))

    lines = value("commands").replace("\\\n", " ").replace("{posargs}", "").split("\n")
    script = [
        f"{line.strip()[1:]} || true" if line.strip().startswith("-") else line.strip() for line in lines
    ]
    ignored = value("ignore_outcome").lower() == "true"
    return Commands("\n".join(script), ignored)


def of_nox(text: str, words: list[str]) -> list[Commands]:
    """The commands of the sessions of the ``noxfile.py`` ``text`` that ``nox`` with ``words`` runs."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    chosen = [name.partition("-3")[0] for name in _chosen(words)]
    sessions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and _is_session(node)]
    return [_of_session(node) for node in sessions if not chosen or node.name in chosen]


def _is_session(node: ast.FunctionDef) -> bool:
    return any("session" in ast.unparse(decorator) for decorator in node.decorator_list)


def _of_session(node: ast.FunctionDef) -> Commands:
    lines = []
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "run":
            words = [str(each.value) for each in call.args if isinstance(each, ast.Constant)]
            succeeds = any(keyword.arg == "success_codes" for keyword in call.keywords)
            lines.append(shlex.join(words) + (" || true" if succeeds else ""))
    return Commands("\n".join(lines), False)
