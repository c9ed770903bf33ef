"""What a file imports, read from its bytes: enough to tell which files may refer to which, and never too little.

An import that stands in a docstring counts as well, and so does a name that is handed to Python's import machinery, or
any dotted name in quotes in a file that speaks to it: a file that is taken to refer to another costs time, one that is
missed costs a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_IMPORT = re.compile(rb"import(?!\w)")
_GAP = rb"(?:[ \t\f]|\\\r?\n)*"
_LETTER = rb"\w\x80-\xff"
_BEFORE = re.compile(
    rb"(?:^|[;:])%b(?:from(?!\w)%b(\.[.%b \t]*|[%b][.%b \t]*)%b)?(?<![%b])\Z"
    % (_GAP, _GAP, _LETTER, _LETTER, _LETTER, _GAP, _LETTER)
)
_TAKEN = re.compile(rb"%b(\((?:[^)#]|#[^\n]*)*\)|[^\n;#\\]*(?:\\\r?\n?[^\n;#\\]*)*)" % _GAP)
_DYNAMIC = (
    *(b"import_module", b"__import__", b"sys.modules", b"find_spec"),
    *(b"resolve_name", b"pydoc", b"import_string"),
)
_SPELLED = re.compile(
    rb"(?:import_module|__import__|find_spec)\(\s*[\"']([.%b]+)[\"']|[\"']([%b]+(?:\.[%b]+)+)(?:[\"']|:[%b])"
    % ((_LETTER,) * 4)
)
_NAME = re.compile(rb"[.%b]+" % _LETTER)


def imports_in(data: bytes) -> Iterator[tuple[str, bytes]]:
    """All that the file with the content ``data`` may import: a dotted module, with its dots in front if relative, and
    the names that are taken from it as written.
    """
    for found in _IMPORT.finditer(data):
        start = data.rfind(b"\n", 0, found.start()) + 1
        while data.endswith((b"\\\n", b"\\\r\n"), 0, start):
            start = data.rfind(b"\n", 0, start - 1) + 1
        before = _BEFORE.search(data[start : found.start()])
        taken = _TAKEN.match(data, found.end())
        if before is None or taken is None:
            continue
        if before[1]:
            yield b"".join(before[1].split()).decode("utf-8", "replace"), taken[1]
        else:
            for part in taken[1].split(b","):
                name = _NAME.search(part)
                if name is not None:
                    yield name[0].decode("utf-8", "replace"), b""
    if any(word in data for word in _DYNAMIC):
        for handed, dotted in _SPELLED.findall(data):
            yield (handed or dotted).decode("utf-8", "replace"), b""


def names_in(written: bytes) -> Iterator[str]:
    """The names of the list that ``from x import`` takes, as ``imports_in`` gives it."""
    for part in re.sub(rb"#[^\n]*", b"", written).split(b","):
        found = _NAME.search(part)
        if found is not None:
            yield found[0].decode("utf-8", "replace")
