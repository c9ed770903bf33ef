"""Names that other files take out of a module, tests included: in imports, attributes, and the texts of ``patch``.

Read from the texts, as nothing is concluded but that a fix is not made.
"""

from __future__ import annotations

import ast
import re


def module_of(path: str) -> str:
    """The last part of the name that the module at ``path`` is imported by."""
    return path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]


def imported_at_the_top(text: str) -> set[str]:
    """The names that the module ``text`` imports in no block."""
    imports = [each for each in ast.parse(text).body if isinstance(each, (ast.Import, ast.ImportFrom))]
    return {alias.asname or alias.name.partition(".")[0] for each in imports for alias in each.names}


def is_taken_in(text: str, module: str, name: str) -> bool:
    """Whether ``text`` may take ``name`` out of a module whose name ends in ``module``."""
    module = re.escape(module)
    aliases = re.findall(rf"\b{module}\s+as\s+(\w+)", text)
    owners = "|".join([module, *map(re.escape, aliases)])
    if re.search(rf"\b(?:{owners})\s*\.\s*{name}\b|\b(?:{owners})\s*,\s*['\"]{name}['\"]", text):
        return True
    listed = re.findall(rf"\bfrom\s+[\w.]*\b{module}\s+import\s+(\([^)]*\)|[^\n]*)", text)
    return any(re.search(rf"\b{name}\b|\*", each) for each in listed)
