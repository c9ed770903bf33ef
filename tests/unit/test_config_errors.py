"""What is wrong with a configuration is told at once: key, file, line, and what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from phase12_lint.config import ConfigError, Settings, amend, load


def problems(folder: Path, name: str, text: str | bytes) -> tuple[str, ...]:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load(folder)
    assert str(caught.value).splitlines() == list(caught.value.problems)
    return caught.value.problems


def test_all_of_a_setup_cfg_at_once(tmp_path: Path) -> None:
    text = (
        "[phase12-lint]\nchoke-piont = ToolRunner\nmin-confidence = high\n"
        "plugin-bases = Plugin,\n    Two Words\nplugin-methods =\n"
        "require-suppression-reason = perhaps\n"
        "[phase12-lint:tools]\nselect = GOV1\nchoke_point = Other\n"
    )
    assert problems(tmp_path, "setup.cfg", text) == (
        "setup.cfg:2: unknown key 'choke-piont' in [phase12-lint]; the nearest right key is 'choke-point'",
        "setup.cfg:3: min-confidence: 'high' must be one of certain, inferred, named",
        "setup.cfg:5: plugin-bases: 'Two Words' must be a name, as Class, package.module.Class or "
        "package.module:function",
        "setup.cfg:6: plugin-methods: names nothing; write a name, or delete the key",
        "setup.cfg:7: require-suppression-reason: 'perhaps' must be true or false",
        "setup.cfg:9: 'select' is in [phase12-lint:tools] but belongs in [phase12-lint]",
        "setup.cfg:10: unknown key 'choke_point' in [phase12-lint:tools]; "
        "the nearest right key is 'choke-point'",
    )


def test_all_of_a_pyproject_at_once(tmp_path: Path) -> None:
    text = (
        '[tool.phase12-lint]\nchoke-piont = "ToolRunner"\nplugin-bases = [\n  "Plugin",\n  "Two Words",\n]\n'
        "layers = [1, 2]\nstates = true\nrequire-suppression-reason = 1\n"
        "[tool.phase12-lint.choke-point]\nname = 1\n"
        "[tool.phase12-lint.pipelines]\ntools = 3\n"
        '[tool.phase12-lint.pipelines.other]\nselect = "GOV1"\n'
    )
    assert problems(tmp_path, "pyproject.toml", text) == (
        "pyproject.toml:2: unknown key 'choke-piont' in [tool.phase12-lint]; "
        "the nearest right key is 'choke-point'",
        "pyproject.toml:5: plugin-bases: 'Two Words' must be a name, as Class, package.module.Class or "
        "package.module:function",
        "pyproject.toml:7: layers: must be a string or an array of strings",
        "pyproject.toml:8: states: must be a string or an array of strings",
        "pyproject.toml:9: require-suppression-reason: must be a boolean",
        "pyproject.toml:10: choke-point: must be a string or an array of strings",
        "pyproject.toml:13: [tool.phase12-lint.pipelines.tools] must be a table",
        "pyproject.toml:15: 'select' is in [tool.phase12-lint.pipelines.other] "
        "but belongs in [tool.phase12-lint]",
    )


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("setup.cfg", "[phase12-lint]\na\nb\n", "2: this line is neither 'key = value' nor a [section]"),
        ("setup.cfg", "phase12-lint = 1\n", "1: this line is before any [section]"),
        (
            "setup.cfg",
            "[phase12-lint]\nselect =\n[phase12-lint]\n",
            "3: the section [phase12-lint] is written twice",
        ),
        (
            "setup.cfg",
            "[phase12-lint]\nlayers = A\n\nlayers = B\n",
            "4: the key 'layers' is written twice in [phase12-lint]",
        ),
        (
            "setup.cfg",
            "[phase12-lint:]\n",
            "1: [phase12-lint:] has no name after the colon; write [phase12-lint:NAME]",
        ),
        (
            "setup.cfg",
            "\n[phase12_lint]\n",
            "2: unknown section [phase12_lint]; did you mean [phase12-lint]?",
        ),
        (
            "setup.cfg",
            "[tool:phase12-lint]\n",
            "1: unknown section [tool:phase12-lint]; did you mean [phase12-lint]?",
        ),
        (
            "setup.cfg",
            "[phase12-lint-tools]\n",
            "1: unknown section [phase12-lint-tools]; did you mean [phase12-lint:tools]?",
        ),
        (
            "setup.cfg",
            "[phase12-lint.pipelines.tools]\n",
            "1: unknown section [phase12-lint.pipelines.tools]; did you mean [phase12-lint:tools]?",
        ),
        (
            "pyproject.toml",
            '[tool."phase12-lint:tools"]\n',
            "1: unknown table [tool.phase12-lint:tools]; did you mean [tool.phase12-lint.pipelines.tools]?",
        ),
        (
            "pyproject.toml",
            "[tool.phase12-lint.pipeline.tools]\n",
            "1: unknown key 'pipeline' in [tool.phase12-lint]; the nearest right key is 'pipelines'",
        ),
        (
            "setup.cfg",
            "[phase12-lint]\nextends =\n",
            "2: extends: names nothing; write a name, or delete the key",
        ),
        (
            "setup.cfg",
            "[phase12-lint]\nrunner-names = runner.\n",
            "2: runner-names: 'runner.' must be a name, in which * and ? match other letters",
        ),
        ("setup.cfg", "[phase12-lint]\nlayers = A\0\n", "2: there is a null byte here"),
        ("setup.cfg", b"[phase12-lint]\nlayers = \xe9\n", "2: not UTF-8: byte 0xe9"),
        ("setup.cfg", "[phase12-lint]\n".encode("utf-16"), "1: not UTF-8: byte 0xff"),
        ("pyproject.toml", "[tool.phase12-lint]\nlayers = [\n", "3: not TOML: Invalid value"),
        ("pyproject.toml", "[tool.phase12-lint]\nextends = ['celery']\n", "2: extends: must be a string"),
        (
            "pyproject.toml",
            "[tool.phase12-lint]\nrequire-suppression-reason = ['true']\n",
            "2: require-suppression-reason: must be a boolean",
        ),
        (
            "pyproject.toml",
            "[tool.phase12-lint]\nstates = 'A'\nstates = 'B'\n",
            "3: not TOML: Cannot overwrite a value",
        ),
        (
            "pyproject.toml",
            "[phase12-lint]\n",
            "1: unknown table [phase12-lint]; did you mean [tool.phase12-lint]?",
        ),
        (
            "pyproject.toml",
            "[tool.x]\n[tool.phase12_lint]\n",
            "2: unknown table [tool.phase12_lint]; did you mean [tool.phase12-lint]?",
        ),
        ("pyproject.toml", "[tool]\nphase12-lint = 3\n", "2: [tool.phase12-lint] must be a table"),
        (
            "pyproject.toml",
            f"[tool.phase12-lint]\nx = {'[' * 100_000}",
            " this file is nested too deeply to be read",
        ),
    ],
)
def test_a_broken_file_is_one_clear_error(
    tmp_path: Path, name: str, text: str | bytes, told: str | None
) -> None:
    if told is None:  # no word of ours can be read in it
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        assert load(tmp_path).policies
    else:
        assert problems(tmp_path, name, text)[0] == f"{name}:{told}"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.cfg", "[flake8]\n", "has no section [phase12-lint]; write one, or use --isolated"),
        ("a.toml", "", "has no section [tool.phase12-lint]; write one, or use --isolated"),
        ("a.cfg", None, "cannot be read: No such file or directory"),
    ],
)
def test_a_named_file_must_speak_of_us(tmp_path: Path, name: str, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, tmp_path / name)
    assert caught.value.problems == (f"{tmp_path / name}: {told}",)


def test_options_are_held_to_the_same(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        amend(Settings(), {"min-confidence": "very", "choke-point": ""}, prefix="--gov-")
    assert caught.value.problems == (
        "--gov-min-confidence: 'very' must be one of certain, inferred, named",
        "--gov-choke-point: names nothing; write a name, or delete the key",
    )


@pytest.mark.parametrize("name", ["tox.ini", ".flake8"])
def test_a_policy_in_a_file_that_flake8_alone_reads_is_told(tmp_path: Path, name: str) -> None:
    assert problems(tmp_path, name, "[flake8]\nmax-line-length = 99\n[phase12-lint]\nlayers =\n") == (
        f"{name}:3: [phase12-lint] does not count here; move it to setup.cfg, or use --config {name}",
    )
    assert load(tmp_path, tmp_path / name).policies[0].layers == ()
    (tmp_path / name).write_text("[flake8]\n# [phase12-lint]\ngov-layers = A\n")
    assert load(tmp_path) == Settings(notes=load(tmp_path).notes)
