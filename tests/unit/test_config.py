"""The configuration's values, and where each was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from phase12_lint.config import KEYS, Settings, amend, find_root, load
from phase12_lint.model import Confidence
from phase12_lint.policy import Origin, Policy

CFG = """\
[metadata]
name = a-project

[phase12-lint]
# what the plugins are called here
plugin-bases = Step, pipeline.base:Stage
choke-point =
    Executor

    # two of them
    engine.run:execute
plugin-names: step, *_step
min-confidence = Inferred
require-suppression-reason = yes
exclude = build/, docs/

[phase12-lint:payments]
choke-point = Gateway
plugin-names =
"""

TOML = """\
[project]
name = "a-project"  # [tool.phase12-lint]

[tool.phase12-lint]
"plugin-bases" = ["Step", 'pipeline.base:Stage']
choke-point = [
    "Executor",  # "Other"
    "engine.run:execute",
]
plugin-names = "step, *_step"
min-confidence = "inferred"
require-suppression-reason = true
exclude = \"\"\"
build/
docs/\"\"\"

[tool.phase12-lint.pipelines.payments]
choke-point = "Gateway"
plugin-names = []
"""


def project(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("files", [{"setup_cfg": CFG}, {"pyproject_toml": TOML}], ids=["cfg", "toml"])
def test_both_kinds_of_file_say_the_same(tmp_path: Path, files: dict[str, str]) -> None:
    settings = load(project(tmp_path, **files))
    first, payments = settings.policies
    assert first == Policy(
        plugin_bases=("Step", "pipeline.base:Stage"),
        choke_point=("Executor", "engine.run:execute"),
        plugin_names=("step", "*_step"),
        require_suppression_reason=True,
        origins=first.origins,
        section=first.section,
    )
    assert payments == Policy(
        name="payments",
        choke_point=("Gateway",),
        plugin_names=(),
        origins=payments.origins,
        section=payments.section,
    )
    assert settings.exclude == ("build/", "docs/")
    assert settings.min_confidence is Confidence.INFERRED


@pytest.mark.parametrize(
    ("name", "lines", "gateway"),
    [("setup_cfg", (6, 6, 8, 11, 12, 12), 18), ("pyproject_toml", (5, 5, 7, 8, 10, 10), 18)],
    ids=["cfg", "toml"],
)
def test_every_value_knows_its_line(tmp_path: Path, name: str, lines: tuple[int, ...], gateway: int) -> None:
    settings = load(project(tmp_path, **{name: CFG if name == "setup_cfg" else TOML}))
    first, payments = settings.policies
    written = ("plugin-bases", "choke-point", "plugin-names")
    assert tuple(origin.line for key, _, origin in first.origins if key in written) == lines
    file = name.replace("_", ".")
    assert payments.origins == (("choke-point", "Gateway", Origin(file, gateway)),)


def test_the_values_of_one_string_of_many_lines_have_their_own(tmp_path: Path) -> None:
    text = '[tool]\n[tool.phase12-lint]\nlayers = """\nOne,\nTwo\n"""\n'
    (policy,) = load(project(tmp_path, pyproject_toml=text)).policies
    assert [origin.line for _, _, origin in policy.origins] == [4, 5]


@pytest.mark.parametrize(
    "text",
    [
        'tool.phase12-lint.choke-point = "Executor"\n',
        '[tool]\nphase12-lint = {choke-point = ["Executor"], layers = []}\n',
        '[tool]\nphase12-lint.choke-point = "Executor"\n',
        '[ "tool" . \'phase12-lint\' ]\n"choke-point" = "Exec\\u0075tor"\n',
        '[[other]]\nk = "a # [b]"\n[other.x] # ]\n[tool.phase12-lint]\nchoke-point = """\\\n  Executor"""\n',
    ],
    ids=["dotted", "inline", "half dotted", "quoted", "after an array of tables"],
)
def test_every_way_that_toml_has_to_write_a_key(tmp_path: Path, text: str) -> None:
    (policy,) = load(project(tmp_path, pyproject_toml=text)).policies
    assert policy.choke_point == ("Executor",)
    ((_, _, origin),) = [written for written in policy.origins if written[0] == "choke-point"]
    assert "ec" in text.splitlines()[origin.line - 1]


def test_there_need_be_none(tmp_path: Path) -> None:
    assert load(tmp_path).policies == (Policy(),)
    assert load(project(tmp_path, setup_cfg="[flake8]\nselect = E\n")).policies == (Policy(),)


def test_another_tools_broken_file_is_none_of_ours(tmp_path: Path) -> None:
    assert load(project(tmp_path, setup_cfg="nothing\n", pyproject_toml="= broken")).policies == (Policy(),)


def test_isolated_reads_nothing(tmp_path: Path) -> None:
    assert load(project(tmp_path, setup_cfg="[phase12-lint]\nbroken"), isolated=True).policies == (Policy(),)


def test_setup_cfg_wins_and_says_so(tmp_path: Path) -> None:
    settings = load(project(tmp_path, setup_cfg=CFG, pyproject_toml=TOML))
    assert settings.notes == ("configuration: setup.cfg", "configuration: setup.cfg wins over pyproject.toml")
    assert settings.policies[0].origins[0][2].path == "setup.cfg"


def test_a_setup_cfg_without_our_section_leaves_pyproject_its_say(tmp_path: Path) -> None:
    settings = load(project(tmp_path, setup_cfg="[flake8]\n# phase12-lint\n", pyproject_toml=TOML))
    assert settings.notes == ("configuration: pyproject.toml",)


def test_the_defaults_of_another_tool_are_none_of_ours(tmp_path: Path) -> None:
    text = "[DEFAULT]\nname = x\n[phase12-lint]\nlayers = A, B\n"
    assert load(project(tmp_path, setup_cfg=text)).policies[0].layers == ("A", "B")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
def test_what_an_editor_does_to_a_file_changes_nothing(tmp_path: Path, newline: str, mark: str) -> None:
    for name, text in (("a.cfg", CFG), ("b.toml", TOML)):
        (tmp_path / name).write_bytes((mark + text.replace("\n", newline)).encode())
        plain = load(project(tmp_path, setup_cfg=CFG) if name == "a.cfg" else project(tmp_path))
        changed = load(tmp_path, tmp_path / name)
        lines = [[origin.line for _, _, origin in policy.origins] for policy in changed.policies]
        assert changed.policies[0].choke_point == plain.policies[0].choke_point
        assert lines[0][:4] == ([6, 6, 8, 11] if name == "a.cfg" else [5, 5, 7, 8])


def test_options_replace_keys(tmp_path: Path) -> None:
    settings = load(project(tmp_path, setup_cfg=CFG))
    amended = amend(settings, {"choke-point": "Other, Third", "min-confidence": "certain"})
    assert amended.policies[0].choke_point == ("Other", "Third")
    assert not [origin for origin in amended.policies[0].origins if origin[0] == "choke-point"]
    assert amended.policies[1:] == settings.policies[1:]
    assert amended.min_confidence is Confidence.CERTAIN
    assert amend(settings, {}) == settings


def test_every_field_has_its_key() -> None:
    fields = {key.field for key in KEYS.values()}
    others = {"name", "origins", "section", "foreign_envelopes", "policies", "notes", "file"}
    assert fields == {*Policy._fields, *Settings._fields} - others


def test_the_root_is_the_nearest_folder_with_a_mark(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    assert find_root(inner) == tmp_path
    (tmp_path / "a" / ".git").touch()  # as in a worktree
    assert find_root(inner) == tmp_path / "a"
