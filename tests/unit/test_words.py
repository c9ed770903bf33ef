"""Which texts hold a word: the same by a search as by the index that is made after many searches."""

from __future__ import annotations

import pytest

from phase12_lint.index.words import Words

TEXTS = {
    "a.py": b"from plugins import run\nrun(1)\n",
    "b.py": b"rerun = 0x1f if run_all else runs\n",
    "c.py": "läuft = run\n".encode(),
    "d.py": b"",
}
HOLDING = {
    "run": ["a.py", "c.py"],
    "rerun": ["b.py"],
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
