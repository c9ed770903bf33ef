"""Several pipelines in one project: each with names of its own, and one report."""

from __future__ import annotations

from pathlib import Path

from tests import forked

POLICY = """\
[phase12-lint]
plugin-bases = Plugin
choke-point = engine:start
layers =
ignore = GOV2, GOV4
[phase12-lint:tools]
plugin-bases = Tool
plugin-methods = invoke
choke-point = engine:call
layers =
"""
ENGINE = """\
class Plugin:
    def run(self, image): ...


class Tool:
    def invoke(self, image): ...


def build_error_envelope(error):
    return {"error": {"type": "", "message": "", "details": {}, "plugin": "", "timestamp": 1}}


def start(plugin: Plugin, image):
    try:
        return plugin.run(image)
    except Exception as error:
        return build_error_envelope(error)


def call(tool: Tool, image):
    try:
        return tool.invoke(image)
    except Exception as error:
        return build_error_envelope(error)
"""


def findings(folder: Path, *arguments: str) -> list[str]:
    said = forked.command(folder, ["check", "--quiet", "--format=concise", *arguments])
    return [line.split(" `")[0] for line in said.stdout.splitlines()]


def test_what_two_pipelines_say_in_the_same_words_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text(POLICY)
    (tmp_path / "engine.py").write_text(ENGINE)
    assert findings(tmp_path) == ["engine.py:10:12: GOV305 the error envelope lacks"]
    created = forked.command(tmp_path, ["baseline", "create"]).stdout
    assert created.startswith(".phase12-lint-baseline.json: 1 finding in 1 file frozen.")
    assert findings(tmp_path) == []


def test_each_pipeline_is_told_of_by_its_own_names(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text(POLICY)
    (tmp_path / "engine.py").write_text(ENGINE)
    use = "from engine import Plugin, Tool\n\n\ndef use(plugin: Plugin, tool: Tool):\n"
    use += "    plugin.run(1)\n    tool.invoke(2)\n"
    (tmp_path / "use.py").write_text(use)
    said = forked.command(tmp_path, ["check", "--quiet", "--format=concise", "--select=GOV1"]).stdout
    assert [line.partition("(§1); ")[2] for line in said.splitlines()] == [
        "call `start` with the plugin's name instead",
        "call `call` with the plugin's name instead",
    ]
