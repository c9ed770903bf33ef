"""What a file imports, read from its bytes: enough to tell which files may refer to which, and never too little.

An import that stands in a docstring counts as well, and so does a name that is handed to Python's import machinery, or
any dotted name in quotes in a file that speaks to it: a file that is taken to refer to another costs time, one that is
missed costs a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_STATEMENT = re.compile(
    rb"(?:^|[;:])[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n;#]*(?:\\\r?\n[^\n;#]*)*)"
    rb"|import[ \t]+([^\n;#]+(?:\\\r?\n[^\n;#]*)*))",
    re.MULTILINE,
)
_DYNAMIC = re.compile(rb"import_module|__import__|sys\.modules|find_spec|resolve_name|pydoc|import_string")
_SPELLED = re.compile(
    rb"(?:import_module|__import__|find_spec)\(\s*[\"']([\w.]+)[\"']|[\"'](\w+(?:\.\w+)+)(?:[\"']|:\w)"
)
_NAME = re.compile(rb"[\w.]+")


def imports_in(data: bytes) -> Iterator[tuple[str, bytes]]:
    """All that the file with the content ``data`` may import: a dotted module, with its dots in front if relative, and
    the names that are taken from it as written.
    """
    for source, names, modules in _STATEMENT.findall(data):
        if source:
            yield source.decode("utf-8", "replace"), names
        else:
            for part in modules.split(b","):
                found = _NAME.search(part)
                if found is not None:
                    yield found[0].decode("utf-8", "replace"), b""
    if _DYNAMIC.search(data) is not None:
        for handed, dotted in _SPELLED.findall(data):
            yield (handed or dotted).decode(), b""


def names_in(written: bytes) -> Iterator[str]:
    """The names of the list that ``from x import`` takes, as ``imports_in`` gives it."""
    for part in re.sub(rb"#[^\n]*", b"", written).split(b","):
        found = _NAME.search(part)
        if found is not None:
            yield found[0].decode("utf-8", "replace")
