"""The harness itself: what a case file says is demanded, and a file that is not clear is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import harness
from tests.harness import CaseError, Known, Mark, difference, read_document

EXAMPLE = """\
# GOV101 direct-plugin-run

## Bad: a first case

Why it is one, with `code` in it.
select: GOV101

`app/worker.py`
```python
x = 1
plugin.run()  # error: GOV101 [certain], GOV104
y = "# noqa"  # noqa: E501  # error: GOV002
```
`setup.cfg`

```ini
[phase12-lint]
choke-point = Nothing
```

```expect
setup.cfg:2: GOV004
app/worker.py:1:3-1:4: GOV105 [named]
```

## Clean: nothing at all

`a.py`
```python
pass
```
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "GOV101-direct-plugin-run.md"
    path.write_text(text)
    return path


def test_a_document_is_read_with_its_files_options_and_marks(tmp_path: Path) -> None:
    document = read_document(written(tmp_path, EXAMPLE))
    bad, clean = document.cases
    assert (document.code, document.name) == ("GOV101", "direct-plugin-run")
    assert bad.options == {"select": "GOV101"}
    assert bad.files == {
        "app/worker.py": 'x = 1\nplugin.run()\ny = "# noqa"  # noqa: E501\n',
        "setup.cfg": "[phase12-lint]\nchoke-point = Nothing\n",
    }
    assert bad.marks == (
        Mark("app/worker.py", 2, "GOV101", "certain"),
        Mark("app/worker.py", 2, "GOV104"),
        Mark("app/worker.py", 3, "GOV002"),
        Mark("setup.cfg", 2, "GOV004"),
        Mark("app/worker.py", 1, "GOV105", "named", "3-1:4"),
    )
    assert clean.marks == ()
    assert clean.id == "GOV101-direct-plugin-run: Clean: nothing at all"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# GOV101 direct-plugin-run\n", ""),
        ("GOV101 direct-plugin-run", "A rule"),
        ("## Clean: nothing at all", "## Bad: a first case"),
        ("`a.py`\n", ""),
        ("`a.py`\n```python\npass\n```\n", ""),
        ("`setup.cfg`", "`app/worker.py`"),
        ("setup.cfg:2: GOV004", "setup.cfg: GOV004"),
        ("setup.cfg:2: GOV004", "other.py:2: GOV004"),
        ("# error: GOV002", "# error: GOV2"),
        ("[certain]", "[sure]"),
        ("# error: GOV002", "# known: plugin, sure"),
        ("select: GOV101", "base: nowhere"),
    ],
)
def test_an_unclear_document_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(CaseError, match=r"GOV101-direct-plugin-run\.md"):
        read_document(written(tmp_path, EXAMPLE.replace(old, new)))


BASE = """\
# worker

`app/worker.py`
```python
plugin.run()  # error: GOV101
```

`app/other.py`
```python
x = 1
```
"""


def test_a_base_gives_what_the_case_does_not_write_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness, "BASES", tmp_path)
    (tmp_path / "worker.md").write_text(BASE)
    (tmp_path / "more.md").write_text("# more\n\nbase: worker\n\n`app/more.py`\n```python\ny = 2\n```\n")
    bad, clean = read_document(
        written(
            tmp_path,
            "# GOV101 direct-plugin-run\n\n## Bad: as it is\n\nbase: more\n\n"
            "## Clean: written anew\n\nWith another worker.\nbase: worker\n\n"
            "`app/worker.py`\n```python\npass\n```\n",
        )
    ).cases
    assert bad.files == {
        "app/worker.py": "plugin.run()\n",
        "app/other.py": "x = 1\n",
        "app/more.py": "y = 2\n",
    }
    assert bad.marks == (Mark("app/worker.py", 1, "GOV101"),)
    assert clean.files == {"app/worker.py": "pass\n", "app/other.py": "x = 1\n"}
    assert clean.marks == ()
    assert clean.options == {}


def test_what_is_known_is_marked_beside_what_is_found(tmp_path: Path) -> None:
    text = EXAMPLE.replace("x = 1", "x = 1  # known: nothing")
    text = text.replace("[certain], GOV104", "[certain], GOV104  # known: plugin, inferred")
    text = text.replace("  # error: GOV002", "  # known: runner class, certain  # error: GOV002")
    bad = read_document(written(tmp_path, text)).cases[0]
    plain = read_document(written(tmp_path, EXAMPLE)).cases[0]
    assert (bad.files, bad.marks) == (plain.files, plain.marks)
    assert bad.known == (
        Known("app/worker.py", 1, "nothing"),
        Known("app/worker.py", 2, "plugin, inferred"),
        Known("app/worker.py", 3, "runner class, certain"),
    )


FOUND = Mark("a.py", 1, "GOV101", "certain", "3-1:9")


@pytest.mark.parametrize(
    ("expected", "found", "lines"),
    [
        ((FOUND,), (FOUND,), []),
        ((Mark("a.py", 1, "GOV101"),), (FOUND,), []),
        ((Mark("a.py", 1, "GOV101", "certain", "3"),), (FOUND,), []),
        ((FOUND,), (), ["not found: a.py:1: GOV101 [certain] at 3-1:9"]),
        ((), (FOUND,), ["not expected: a.py:1: GOV101 [certain] at 3-1:9"]),
        ((FOUND,), (FOUND, FOUND), ["reported twice: a.py:1: GOV101 [certain] at 3-1:9"]),
        (
            (Mark("a.py", 1, "GOV101", "named"),),
            (FOUND,),
            ["differs: a.py:1: GOV101 [named], found [certain] at 3-1:9"],
        ),
    ],
)
def test_the_difference_says_what_is_wrong(
    expected: tuple[Mark, ...], found: tuple[Mark, ...], lines: list[str]
) -> None:
    assert difference(expected, found) == lines


def test_what_is_fixed_stands_below_the_file(tmp_path: Path) -> None:
    text = EXAMPLE.replace("`setup.cfg`", "`app/worker.py`\n```fixed\nx = 2\n```\n\n`setup.cfg`", 1)
    bad, clean = read_document(
        written(tmp_path, text.replace("nothing at all", "nothing at all\n\nfixed: nothing"))
    ).cases
    assert bad.fixed == {"app/worker.py": "x = 2\n"}
    assert clean.fixed == {}
    assert read_document(written(tmp_path, EXAMPLE)).cases[0].fixed is None


@pytest.mark.parametrize("path", ["other.py", "a.py"])
def test_what_is_fixed_has_to_change_a_file(tmp_path: Path, path: str) -> None:
    text = EXAMPLE.replace(
        "`a.py`\n```python\npass\n```", f"`a.py`\n```python\npass\n```\n`{path}`\n```fixed\npass\n```"
    )
    with pytest.raises(CaseError, match="a fixed block needs"):
        read_document(written(tmp_path, text))


def test_a_line_may_be_marked_twice() -> None:
    mark = Mark("ci.yml", 1, "GOV702")
    assert difference((mark, mark), (mark, mark)) == []
    assert difference((mark, mark), (mark,)) == ["found too few times: ci.yml:1: GOV702"]
    assert difference((mark,), (mark, mark)) == ["reported twice: ci.yml:1: GOV702"]
