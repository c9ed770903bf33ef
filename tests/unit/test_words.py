"""Which texts hold a word: the same by a search as by the index that is made after many searches."""

from __future__ import annotations

import pytest

from phase12_lint.index.words import Words, any_word

TEXTS = {
    "a.py": b"from plugins import run\nrun(1)\n",
    "b.py": b"rerun = 0x1f if run_all else runs\n",
    "c.py": "läuft = run\n".encode(),
    "d.py": b"",
    "e.py": b"rerun runs run",
}
HOLDING = {
    "run": ["a.py", "c.py", "e.py"],
    "rerun": ["b.py", "e.py"],
    "run_all": ["b.py"],
    "if": ["b.py"],
    "läuft": ["c.py"],
    "all": [],
}


@pytest.mark.parametrize("earlier", [0, 1_000])
@pytest.mark.parametrize("word", HOLDING)
def test_a_word_is_held_as_a_whole(word: str, earlier: int) -> None:
    words = Words(TEXTS)
    for number in range(earlier):
        assert list(words.holding(f"other_{number}")) == []
    assert list(words.holding(word)) == HOLDING[word]
    assert list(words.holding(word)) == HOLDING[word]


@pytest.mark.parametrize(
    ("names", "text", "is_found"),
    [
        (["Plugin"], "x: Plugin", True),
        (["Plugin"], "Plugin", True),
        (["Plugin"], "MyPlugin Plugins Plugin_ _Plugin 1Plugin", False),
        (["Plugin"], "MyPlugin.Plugin", True),
        (["plugin", "*_plugin"], "ocr_plugin", True),
        (["plugin", "*_plugin"], "ocr_plugins plugins", False),
        (["*_plugin"], "_plugin", True),
        (["*_plugin"], "plugin", False),
        (["validate_output*"], "validate_outputs()", True),
        (["validate_output*"], "revalidate_output()", False),
        (["get_*_plugin"], "get_my_plugin()", True),
        (["get_*_plugin"], "get__plugin get_plugin forget_my_plugin", True),
        (["get_*_plugin"], "get_plugin forget_my_plugin", False),
        (["?un"], "run", True),
        (["?un"], "rerun un", False),
        (["*"], "x", True),
        (["a.b"], "axb", False),
        ([], "anything", False),
    ],
)
def test_any_word(names: list[str], text: str, is_found: bool) -> None:
    assert (any_word(names).search(text.encode()) is not None) == is_found
