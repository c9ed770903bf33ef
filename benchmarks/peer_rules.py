"""The rules and settings of the other tools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.wheels import CACHE

RIPGREP = r"(?i)plugin\w*\.run\("
_AST_GREP = """\
id: direct-plugin-run
language: python
rule:
  any:
    - pattern: $P.run($$$)
    - pattern: getattr($P, "run")
constraints:
  P: {regex: "(?i)plugin"}
"""
_SEMGREP = """\
rules:
  - id: direct-plugin-run
    languages: [python]
    severity: ERROR
    message: direct plugin run
    patterns:
      - pattern-either: [{pattern: $P.run(...)}, {pattern: 'getattr($P, "run")'}]
      - metavariable-regex: {metavariable: $P, regex: "(?i).*plugin.*"}
"""
_FLAKE8 = """\
[flake8]
select = NAM
disable-noqa = true

[flake8:local-plugins]
extension =
    NAM = name_rule:NameRule
paths = .
"""
_FLAKE8_RULE = '''\
"""The rule for flake8."""

import ast


class NameRule:
    name = "name-rule"
    version = "1"

    def __init__(self, tree):
        self._tree = tree

    def run(self):
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run":
                if "plugin" in ast.unparse(node.func.value).lower():
                    yield node.lineno, node.col_offset, "NAM101 direct plugin run", type(self)
'''
FIXIT = """\
[tool.fixit]
root = true
enable = [".bench_rule"]
disable = ["fixit.rules"]
"""
FIXIT_ALL = """\
[tool.fixit]
root = true
"""
FIXIT_RULE = '''\
"""The rule for fixit."""

import libcst
from fixit import LintRule


class DirectPluginRun(LintRule):
    MESSAGE = "direct plugin run"

    def visit_Call(self, node: libcst.Call) -> None:
        called = node.func
        if isinstance(called, libcst.Attribute) and called.attr.value == "run":
            receiver = called.value
            while isinstance(receiver, libcst.Attribute):
                receiver = receiver.attr
            if isinstance(receiver, libcst.Name) and "plugin" in receiver.value.lower():
                self.report(node)
'''
_IMPORTS = """\
[importlinter]
root_packages =
    {roots}
[importlinter:contract:1]
name = One does not know another
type = forbidden
source_modules =
    {source}
forbidden_modules =
    {forbidden}
"""


def written() -> Path:
    """The folder with the rules of all."""
    rules = CACHE / "rules"
    rules.mkdir(parents=True, exist_ok=True)
    for name, text in {
        "ast-grep.yml": _AST_GREP,
        "semgrep.yml": _SEMGREP,
        "flake8.ini": _FLAKE8,
        "name_rule.py": _FLAKE8_RULE,
    }.items():
        (rules / name).write_text(text, encoding="utf-8")
    return rules


def imports(roots: Sequence[str]) -> str:
    """The settings of import-linter for these packages, of which the first may not import the second."""
    return _IMPORTS.format(roots="\n    ".join(roots), source=roots[0], forbidden=roots[1])
