"""What a file imports, read from its bytes: every form that Python reads is seen."""

from __future__ import annotations

import pytest

from phase12_lint.index.imports import imports_in, names_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a.b as c, d\n", [("a.b", []), ("d", [])]),
        ("from a.b import c as d, e\n", [("a.b", ["c", "e"])]),
        ("from .a import b", [(".a", ["b"])]),
        ("from . import a, b\n", [(".", ["a", "b"])]),
        ("from.a import b\n", [(".a", ["b"])]),
        ("from .import a\n", [(".", ["a"])]),
        ("from . a import b\n", [(".a", ["b"])]),
        ("from ... import a\n", [("...", ["a"])]),
        ("from a import*\n", [("a", [])]),
        ("from a import(b, c)\n", [("a", ["b", "c"])]),
        ("from a import (  # b)\n    c,\n    d,  # e)\n)\n", [("a", ["c", "d"])]),
        ("from a \\\n    import b, \\\n    c\n", [("a", ["b", "c"])]),
        ("from \\\r\n    a import b\r\n", [("a", ["b"])]),
        ("import \\\n    a\n", [("a", [])]),
        ("try: import a\nexcept ImportError: from b import c\n", [("a", []), ("b", ["c"])]),
        ("x = 1; import a; from b import c\n", [("a", []), ("b", ["c"])]),
        ("\tif x:\n\t\timport a # b, c\n", [("a", [])]),
        ("import_module('a.b')\n", [("a.b", [])]),
        ("__import__( \"a\")\n", [("a", [])]),
        ("important = 1\nreimport = 2\nx.import_ = lazy_import\n", []),
        ("from a import b; c = 1\n", [("a", ["b"])]),
        ("fromage = 1\n", []),
        ("x = 'we import a'\n", []),
        ("from absolute_import import a\n", [("absolute_import", ["a"])]),
        ("from a.import_ import b\n", [("a.import_", ["b"])]),
        ("from äpfel.öl import ü as x\n", [("äpfel.öl", ["ü"])]),
        ("import äpfel, b\n", [("äpfel", []), ("b", [])]),
    ],
)  # fmt: skip
def test_imports(text: str, expected: list[tuple[str, list[str]]]) -> None:
    found = [(module, list(names_in(names))) for module, names in imports_in(text.encode())]
    assert found == expected
