"""The recipes of a Makefile: what ``make TARGET`` runs, line by line."""

from __future__ import annotations

import re
from typing import NamedTuple

from phase12_lint.enforcement.cuts import cut, shortened

_VARIABLE = re.compile(r"^(?:export\s+|override\s+)?([A-Za-z_]\w*)\s*(\?=|:?:?=|\+=)\s*(.*)$")
_RULE = re.compile(r"^([^\s:=#][^:=#]*?)\s*::?(?!=)\s*(.*)$")
_USE = re.compile(r"\$[({](\w+)[)}]")
_JUST_RECIPE = re.compile(r"^@?([a-zA-Z_][-\w]*)(?:\s[^:]*)?:(?!=)\s*([^#]*)")
_JUST_NEED = re.compile(r"[(]?([a-zA-Z_][-\w]*)[^()]*?[)]?(?:[ ]|$)")
_JUST_VALUE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MOST_VALUES = 20  # of variables within variables
_LONGEST = 10_000


class Line(NamedTuple):
    """A line of a recipe; make goes on after its failure if it is ``ignored``."""

    text: str
    ignored: bool


class Makefile:
    """The rules and variables of ``text``, without its conditions, functions and includes."""

    def __init__(self, text: str) -> None:
        self._variables: dict[str, str] = {"MAKE": "make"}
        self._recipes: dict[str, list[Line]] = {}
        self._needs: dict[str, list[str]] = {}
        self.first = ""
        self._read(text)

    def _read(self, text: str) -> None:
        targets: list[str] = []
        for line in text.replace("\\\n", " ").split("\n"):
            if line.startswith("\t"):
                for target in targets:
                    self._recipes.setdefault(target, []).append(_recipe_line(line))
            elif variable := _VARIABLE.match(line):
                name, sign, value = variable.groups()
                self._variables[name] = f"{self._variables.get(name, '')} {value}" if sign == "+=" else value
            elif rule := _RULE.match(line):
                targets = self.expanded(rule[1]).split()
                needs, _, recipe = rule[2].partition(";")
                for target in targets:
                    self._needs.setdefault(target, []).extend(self.expanded(needs.partition("#")[0]).split())
                    if recipe.strip():
                        self._recipes.setdefault(target, []).append(_recipe_line(recipe))
                if not self.first and targets and not targets[0].startswith("."):
                    self.first = targets[0]

    def lines(self, target: str) -> list[Line]:
        """The recipes of ``target`` and of all that it needs, in make's order."""
        return [line for name in self._order(target, set()) for line in self._recipes.get(name, ())]

    def _order(self, target: str, seen: set[str]) -> list[str]:
        if target in seen:
            return []
        seen.add(target)
        needed = [name for need in self._needs.get(target, ()) for name in self._order(need, seen)]
        return [*needed, target]

    def ignores(self, target: str) -> bool:
        """Whether ``.IGNORE`` covers ``target``."""
        return ".IGNORE" in self._needs and (not self._needs[".IGNORE"] or target in self._needs[".IGNORE"])

    def expanded(self, text: str) -> str:
        """``text`` with the values of its variables; those that are not known stay."""
        for _ in range(_MOST_VALUES):
            new = _USE.sub(lambda match: self._variables.get(match[1], match[0]), text)
            if new == text:
                break
            if len(new) > _LONGEST:
                cut(f"the variables of `{shortened(text)}` are more than {_LONGEST} characters, and stay")
                break
            text = new
        else:
            if _USE.sub(lambda match: self._variables.get(match[1], match[0]), text) != text:
                cut(f"`{shortened(text)}` has more than {_MOST_VALUES} variables within variables")
        return text.replace("$$", "$")


def _recipe_line(line: str) -> Line:
    text = line.strip()
    signs = text[: len(text) - len(text.lstrip("@-+ "))]
    return Line(text[len(signs) :], "-" in signs)


def of_just(text: str) -> str:
    """A justfile as a Makefile: parameters and attributes of recipes left out, their lines behind tabs."""
    lines = []
    for line in text.replace("\\\n", " ").split("\n"):
        if line.startswith((" ", "\t")):
            lines.append("\t" + _JUST_VALUE.sub(r"${\1}", line.strip()))
        elif match := _JUST_RECIPE.match(line):
            lines.append(f"{match[1]}: {' '.join(_JUST_NEED.findall(match[2]))}")
        elif not line.startswith("["):
            lines.append(line.replace('"', "") if _VARIABLE.match(line) else "")
    return "\n".join(lines)
