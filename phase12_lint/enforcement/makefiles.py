"""The recipes of a Makefile or a justfile, as scripts: what ``make TARGET`` runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote

from phase12_lint.enforcement.cuts import cut, shortened
from phase12_lint.enforcement.options import options
from phase12_lint.enforcement.project import ProjectFiles, at

_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_JUSTFILES = ("justfile", "Justfile", ".justfile")
_VALUED = {"-C", "--directory", "-f", "--file", "--makefile"}
_RUNS_NOTHING = {"-n", "--just-print", "--dry-run"}
_VARIABLE = re.compile(r"^(?:export\s+|override\s+)?(\.?[A-Za-z_]\w*)\s*(\?=|:?:?=|\+=)\s*(.*)$")
_RULE = re.compile(r"^([^\s:=#][^:=#]*?)\s*::?(?!=)\s*([^;]*);?(.*)$")
_USE = re.compile(r"\$[({](\w+)[)}]")
_AUTOMATIC = re.compile(r"(?<!\$)\$(?:([@*<^])|[({]([@*<^])[)}])")
_INCLUDE = re.compile(r"^\s*(?:-|s)?include\s+([^#]*)")
_JUST_RECIPE = re.compile(r"^@?([a-zA-Z_][-\w]*)(?:\s[^:]*)?:(?!=)\s*([^#]*)")
_JUST_NEED = re.compile(r"[(]?([a-zA-Z_][-\w]*)[^()]*?[)]?(?:[ ]|$)")
_JUST_VALUE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_SHEBANG = re.compile(r"#![ \t]*(?:\S*/env[ \t]+(?:-S[ \t]+)?)?(.*)")
_LONGEST = 10_000
_DEEPEST = 10


def script_of(program: str, words: list[str], project: ProjectFiles, folder: str) -> str:
    """What ``make`` or ``just`` with ``words`` runs in ``folder``, as a script that ends where they do."""
    told = list(options(words, _VALUED))
    names = {name for name, _ in told}
    place = next((value for name, value in told if name in ("-C", "--directory")), "")
    named = [value for name, value in told if name in ("-f", "--file", "--makefile")]
    folder = at(folder, place)
    texts = (
        project.read(at(folder, name)) for name in named or (_JUSTFILES if program == "just" else _MAKEFILES)
    )
    text = next((text for text in texts if text is not None), None)
    if text is None or _RUNS_NOTHING & names:
        return ""
    makefile = _Makefile(_of_just(text) if program == "just" else _included(text, project, folder))
    targets = [value for name, value in told if not name and "=" not in value and not value.isdecimal()]
    lines = [line for target in targets or makefile.first for line in makefile.lines(target)]
    ignored = " || true" if {"-i", "--ignore-errors"} & names else ""
    return "\n".join([f"cd {place}" if place else "", *(line + ignored for line in lines)])


class _Makefile:
    """The rules and variables of ``text``, without its conditions and functions."""

    def __init__(self, text: str) -> None:
        self._variables: dict[str, str] = {"MAKE": "make", ".SHELLFLAGS": "-c"}
        self._values: dict[str, str] = {}
        self._recipes: dict[str, list[str]] = {}
        self._needs: dict[str, list[str]] = {}
        self._stems: dict[str, str] = {}
        rules: list[tuple[str, str, list[str]]] = []
        for line in text.replace("\\\n", " ").split("\n"):
            if line.startswith("\t"):
                for _, _, recipe in rules[-1:]:
                    recipe.append(line)
            elif variable := _VARIABLE.match(line):
                name, sign, value = variable.groups()
                self._variables[name] = f"{self._variables.get(name, '')} {value}" if sign == "+=" else value
            elif rule := _RULE.match(line):
                rules.append((rule[1], rule[2].partition("#")[0], [rule[3]] if rule[3].strip() else []))
        for names, needs, recipe in rules:
            for target in self._expanded(names).split():
                self._needs.setdefault(target, []).extend(self._expanded(needs).split())
                self._recipes.setdefault(target, []).extend(recipe)
        told = self._variables.get(".DEFAULT_GOAL", "")
        self.first = [told] if told else [target for target in self._needs if not target.startswith(".")][:1]

    def lines(self, target: str) -> list[str]:
        """The recipes of ``target`` and of all that it needs, in make's order, each line in a shell of its own."""
        return [line for name in self._order(self._rule_of(target), set()) for line in self._in_shells(name)]

    def _rule_of(self, target: str) -> str:
        """``target``, to which the first rule with a ``%`` that fits has given its recipe if it has none."""
        if target not in self._needs:
            for pattern in filter(lambda name: name.count("%") == 1, list(self._needs)):
                before, after = pattern.split("%")
                stem = target[len(before) : len(target) - len(after)]
                if stem and target == before + stem + after:
                    self._needs[target] = [need.replace("%", stem) for need in self._needs[pattern]]
                    self._recipes[target] = self._recipes[pattern]
                    self._stems[target] = stem
                    break
        return target

    def _in_shells(self, target: str) -> list[str]:
        needs = self._needs.get(target, [])
        automatic = {
            "@": target,
            "*": self._stems.get(target, ""),
            "<": "".join(needs[:1]),
            "^": " ".join(needs),
        }

        def filled(line: str) -> str:
            text = _AUTOMATIC.sub(lambda match: automatic[match[1] or match[2]], line.strip().lstrip("@-+ "))
            return self._expanded(text).replace("$$", "$")

        recipe = self._recipes.get(target, [])
        whole = "\n".join(map(filled, recipe))
        if shebang := _SHEBANG.match(whole):  # a recipe of just
            return [f"{shebang[1]} -c {quote(whole)}"]
        if recipe and ".ONESHELL" in self._needs:
            return [self._in_a_shell(whole, target, recipe[0])]
        return [self._in_a_shell(filled(line), target, line) for line in recipe]

    def _in_a_shell(self, text: str, target: str, line: str) -> str:
        """``text``, which ``line`` begins, in a shell of its own."""
        ignored = self._ignores(target) or "-" in line[: len(line) - len(line.lstrip("@-+ \t"))]
        return f"sh {self._expanded(self._variables['.SHELLFLAGS'])} {quote(text)}{' || true' if ignored else ''}"

    def _ignores(self, target: str) -> bool:
        """Whether ``.IGNORE`` covers ``target``."""
        return ".IGNORE" in self._needs and (not self._needs[".IGNORE"] or target in self._needs[".IGNORE"])

    def _order(self, target: str, seen: set[str]) -> list[str]:
        if target in seen:
            return []
        seen.add(target)
        needs = map(self._rule_of, self._needs.get(target, ()))
        needed = [name for need in needs for name in self._order(need, seen)]
        return [*needed, target]

    def _expanded(self, text: str) -> str:
        """``text`` with the values of its variables; those that are not known stay."""
        new = _USE.sub(lambda match: self._value(match[1]) if match[1] in self._variables else match[0], text)
        if len(new) <= _LONGEST:
            return new
        cut(f"the variables of `{shortened(text)}` are more than {_LONGEST} characters, and stay")
        return text

    def _value(self, name: str) -> str:
        if name not in self._values:
            self._values[name] = ""  # to itself
            self._values[name] = self._expanded(self._variables[name])
        return self._values[name]


def _included(text: str, project: ProjectFiles, folder: str, depth: int = 0) -> str:
    """``text`` with the Makefiles that it includes in their places."""
    if depth > _DEEPEST:
        cut(f"a Makefile includes others more than {_DEEPEST} deep; those were not read")
        return ""

    def read() -> Iterator[str]:
        for line in text.split("\n"):
            told = _INCLUDE.match(line)
            for name in told[1].split() if told else ():
                for path in project.fitting(at(folder, name)):
                    yield _included(project.read(path) or "", project, folder, depth + 1)
            if not told:
                yield line

    return "\n".join(read())


def _of_just(text: str) -> str:
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
