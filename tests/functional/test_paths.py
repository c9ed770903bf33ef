"""``phase12-lint paths``, as a process on real projects: what it proves, what it does not, and how it says so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.forked import command

HERE = Path(__file__).parents[2]
LAYERS = {
    "app/base.py": "class Plugin:\n    def run(self, page):\n        return {}\n",
    "app/runner.py": (
        "from app.base import Plugin\n\n\nclass ToolRunner:\n    def __init__(self, plugins: dict[str, Plugin]):\n"
        "        self.plugins = plugins\n\n    def run(self, name, page):\n"
        "        return self.plugins[name].run(page)\n"
    ),
    "app/plugins.py": (
        "from app.runner import ToolRunner\n\n\nclass PluginManagementService:\n"
        "    def __init__(self, runner: ToolRunner):\n        self.runner = runner\n\n"
        "    def execute(self, name, page):\n        return self.runner.run(name, page)\n"
    ),
    "app/jobs.py": (
        "from app.plugins import PluginManagementService\n\n\nclass JobManagementService:\n"
        "    def __init__(self, plugins: PluginManagementService):\n        self.plugins = plugins\n\n"
        "    def submit(self, name, page):\n        return self.plugins.execute(name, page)\n"
    ),
    "app/analysis.py": (
        "from app.jobs import JobManagementService\n\n\nclass AnalysisService:\n"
        "    def __init__(self, jobs: JobManagementService):\n        self.jobs = jobs\n\n"
        "    def analyze(self, name, page):\n        return self.jobs.submit(name, page)\n"
    ),
    "app/api.py": (
        "from fastapi import APIRouter\n\nfrom app.wiring import service\n\nrouter = APIRouter()\n\n\n"
        '@router.post("/v1")\ndef analyze(name: str):\n    return {"pair": service.analyze(name, b"")}\n'
    ),
    "app/wiring.py": (
        "from app.analysis import AnalysisService\nfrom app.jobs import JobManagementService\n"
        "from app.plugins import PluginManagementService\nfrom app.runner import ToolRunner\n\n"
        "service = AnalysisService(JobManagementService(PluginManagementService(ToolRunner({}))))\n"
    ),
}
WAY = ["analyze", "AnalysisService.analyze", "JobManagementService.submit", "PluginManagementService.execute"]
WAY += ["ToolRunner.run", "self.plugins[name].run"]


def paths(*arguments: str, at: Path = HERE, status: int) -> str:
    """What the command prints."""
    done = command(at, ["paths", *arguments])
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + (done.stderr if status == 2 else "")


def found(root: Path, status: int) -> list[dict[str, Any]]:
    """The ways of the project ``root``."""
    document = json.loads(paths("--format", "json", at=root, status=status))
    assert document["version"] == 1
    ways: list[dict[str, Any]] = document["paths"]
    return ways


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in LAYERS.items():
        add(tmp_path, name, text)
    return tmp_path


def add(root: Path, name: str, text: str) -> None:
    """Write a file of a project."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_the_governed_example_is_proved_and_its_twin_is_not() -> None:
    governed = paths("--root", "examples/governed", status=0)
    assert "2 paths: 2 PROVED." in governed
    assert "plugin.run [ToolRunner]  examples/governed/documents/tool_runner.py:28" in governed
    ungoverned = paths("--root", "examples/ungoverned", status=1)
    assert "VIOLATED: `reader.run` runs a plugin outside `ToolRunner`" in ungoverned
    assert "UNRESOLVED: `ToolRunner.run` is replaced at documents/tracing.py:29" in ungoverned
    assert "8 paths: 1 PROVED, 5 VIOLATED, 2 UNRESOLVED." in ungoverned


def test_each_route_of_the_runtime_that_runs_a_plugin_is_proved() -> None:
    ways = json.loads(paths("--format", "json", status=0))["paths"]
    assert {way["verdict"] for way in ways} == {"PROVED"}
    routes = {way["hops"][0]["name"]: way for way in ways if way["hops"][0]["evidence"] == "route"}
    assert routes.keys() == {"routes.analyze"}
    (queue,) = [way for way in ways if way["hops"][0]["evidence"] == "script"]
    assert [hop["name"].rpartition(".")[2] for hop in queue["hops"]][-5:] == [
        "start",
        "_work_off",
        "run_plugin",
        "run",
        "run",
    ]


def test_a_hop_says_its_layer_its_place_and_its_evidence(project: Path) -> None:
    (way,) = found(project, status=0)
    assert way["verdict"] == "PROVED"
    assert way["reason"] == ""
    assert [hop["name"] for hop in way["hops"]] == WAY
    assert [hop["layer"] for hop in way["hops"]][:2] == ["API", "AnalysisService"]
    assert way["hops"][0] == {
        "name": "analyze",
        "layer": "API",
        "path": "app/api.py",
        "line": 9,
        "evidence": "route",
    }
    assert way["hops"][2]["path"] == "app/analysis.py"
    assert way["hops"][2]["line"] == 9
    assert way["hops"][2]["evidence"] == "annotation"


@pytest.mark.parametrize(
    ("text", "verdict", "reason"),
    [
        (
            "from app.runner import ToolRunner\n\n\ndef main(r: ToolRunner):\n    r.run('ocr', b'')\n",
            "VIOLATED",
            "`main` is of no layer and enters at `ToolRunner`, below `AnalysisService`",
        ),
        (
            "from app.base import Plugin\n\n\ndef main(p: Plugin):\n    p.run(b'')\n",
            "VIOLATED",
            "`p.run` runs a plugin outside `ToolRunner`",
        ),
        ("from app.wiring import service\n\nservice.analyze('ocr', b'')\n", "PROVED", ""),
        (
            "from app.jobs import JobManagementService\n\n\nclass Later(JobManagementService):\n"
            "    def submit(self, name, page):\n        return self.plugins.runner.run(name, page)\n\n\n"
            "def main(jobs: Later):\n    return jobs.submit('ocr', b'')\n",
            "VIOLATED",
            "`main` is of no layer and enters at `JobManagementService`, below `AnalysisService`",
        ),
        (
            "from app.base import Plugin\n\n\nclass Deep(Plugin):\n    def __init__(self, runner):\n"
            "        self.runner = runner\n\n\n"
            "def main(tool_runner):\n    return tool_runner.run('ocr', b'')\n",
            "VIOLATED",
            "`main` is of no layer and enters at `ToolRunner`, below `AnalysisService`",
        ),
        (
            "from app import wiring\nfrom elsewhere import registry\n\n\n"
            "def main():\n    return registry['jobs'].submit('ocr', b'')\n",
            "UNRESOLVED",
            "`JobManagementService.submit` is known by its name only: annotate `registry['jobs']`",
        ),
    ],
)
def test_the_verdict_on_one_more_way(project: Path, text: str, verdict: str, reason: str) -> None:
    add(project, "app/more.py", text)
    ways = found(project, status=0 if verdict == "PROVED" else 1)
    more = [way for way in ways if way["hops"][0]["path"] == "app/more.py"]
    assert more
    assert more[0]["verdict"] == verdict
    assert more[0]["reason"] == reason


def test_what_is_known_by_name_only_is_not_proved(project: Path) -> None:
    add(
        project,
        "app/plugins.py",
        "class PluginManagementService:\n    def __init__(self, tool_runner):\n"
        "        self.tool_runner = tool_runner\n\n    def execute(self, name, page):\n"
        "        return self.tool_runner.run(name, page)\n",
    )
    add(project, "app/wiring.py", "from elsewhere import service\n")
    ways = found(project, status=1)
    assert {way["verdict"] for way in ways} == {"UNRESOLVED"}
    reasons = {way["reason"] for way in ways}
    assert any(reason.startswith("`ToolRunner.run` is known by its name only") for reason in reasons)


def test_a_private_method_of_the_choke_point_is_no_way_in(project: Path) -> None:
    add(
        project,
        "app/runner.py",
        LAYERS["app/runner.py"].replace("return self.plugins[name].run(page)", "return self._do(name, page)")
        + "\n    def _do(self, name, page):\n        return self.plugins[name].run(page)\n",
    )
    add(project, "app/plugins.py", LAYERS["app/plugins.py"].replace("runner.run(", "runner._do("))
    ways = found(project, status=1)
    violated = [way for way in ways if way["verdict"] == "VIOLATED"]
    assert [way["reason"].partition(",")[0] for way in violated] == [
        "`ToolRunner._do` is not an entry of `ToolRunner`"
    ]


def test_a_circle_and_many_ways_come_to_an_end(project: Path) -> None:
    steps = "".join(
        f"    def s{n}(self, d):\n        self.s{n + 1}(d)\n        return self.s{n + 1}(d)\n\n"
        for n in range(12)
    )
    add(
        project,
        "app/maze.py",
        f"from app.wiring import service\n\n\nclass Maze:\n{steps}    def s12(self, d):\n"
        "        self.s0(d)\n        return service.analyze('ocr', d)\n",
    )
    ways = found(project, status=1)
    assert len(ways) <= 500
    assert {way["verdict"] for way in ways} == {"UNRESOLVED"}
    assert all("more than 500 paths" in way["reason"] for way in ways)


def test_a_file_that_does_not_parse_may_hide_a_way(project: Path) -> None:
    add(project, "app/broken.py", "def main(tool_runner:\n    tool_runner.run('ocr', b'')\n")
    (way,) = found(project, status=1)
    assert way["verdict"] == "UNRESOLVED"
    assert way["reason"] == "app/broken.py cannot be parsed"


def test_every_form_is_the_same_twice(project: Path) -> None:
    add(project, "app/more.py", "def main(plugin):\n    return plugin.run(b'')\n")
    for name in ("text", "json", "mermaid", "html"):
        once = paths("--format", name, at=project, status=1)
        assert once == paths("--format", name, at=project, status=1) != ""


def test_reports_go_to_files(project: Path) -> None:
    assert paths("--format", "html=ways.html", "--format", "mermaid=ways.mmd", at=project, status=0) == ""
    assert (project / "ways.mmd").read_text().startswith("flowchart TD\n")
    page = (project / "ways.html").read_text()
    assert page.startswith("<!doctype html>")
    assert page.count("<svg") == 1
    assert "self.plugins[name].run(page)" in page
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)|url\(|@import|<script""", page)


def test_hostile_names_stay_text(project: Path) -> None:
    name = 'app/x"]--><script>alert(1)</script>.py'.replace("/script", "script")
    add(project, name, "def main(plugin):\n    return plugin.run('<script>')\n")
    page = paths("--format", "html", at=project, status=1)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    chart = paths("--format", "mermaid", at=project, status=1)
    assert "<" not in chart
    assert chart.count('"') == 2 * chart.count('["') + 2 * chart.count('|"')


def test_wrong_usage(project: Path) -> None:
    assert "unknown format 'pdf'" in paths("--format", "pdf", at=project, status=2)
    assert "no such folder" in paths("--root", "nowhere", at=project, status=2)


def test_a_project_without_plugins_has_no_way(tmp_path: Path) -> None:
    add(tmp_path, "app/x.py", "print('hello')\n")
    assert paths("--root", ".", at=tmp_path, status=1) == "No path leads to a plugin run.\n"
    add(tmp_path, "app/plugin.py", "class Plugin:\n    def run(self): ...\n")
    assert paths("--root", ".", at=tmp_path, status=0) == "No path leads to a plugin run.\n"
    done = command(tmp_path, ["paths"])
    assert done.stderr.startswith("phase12-lint: looked for: plugin class (`Plugin`, `BasePlugin`")
    add(tmp_path, "setup.cfg", "[phase12-lint]\nextends = celery\n")
    told = command(tmp_path, ["paths"]).stderr
    assert (
        "plugin run (`task.delay`, `*_task.delay`, `tasks[].delay`, `task.apply_async`, `*_task.apply_async`"
        in told
    )
    assert "`*_task.apply_async`, and 16 more), choke point (`TaskDispatcher`)" in told
