"""``init``: which policy it puts in force, what it leaves to be said, and what is made again from the policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from phase12_lint.config import KEYS, load
from phase12_lint.policy import Policy
from tests import forked


def command(folder: Path, *words: str) -> str:
    done = forked.command(folder, words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def policy_in(folder: Path) -> list[str]:
    """The lines of the policy that are in force, but that about the tests, of which these projects have none."""
    lines = (folder / "setup.cfg").read_text().splitlines()
    return [line.rstrip() for line in lines if not line.startswith(("#", "[", "phase-tests ="))]


DOCFLOW = {
    "docflow/__init__.py": "",
    "docflow/extractors.py": """\
from abc import ABC, abstractmethod


class Extractor(ABC):
    @abstractmethod
    def extract(self, page): ...


class Text(Extractor):
    def extract(self, page):
        return {"text": page}


class Tables(Extractor):
    def extract(self, page):
        return {"tables": page}
""",
    "docflow/runner.py": """\
from docflow.extractors import Extractor


class ExtractorRunner:
    def __init__(self, extractors: dict[str, Extractor]):
        self._extractors = extractors

    def execute(self, name, page):
        check_page(page)
        try:
            return self._extractors[name].extract(page), None
        except Exception as error:
            return None, make_error(error)
        finally:
            record_execution(name)


def check_page(page): return page
def make_error(error): return {"error": "failed"}
def record_execution(name): return name
""",
    "docflow/services.py": """\
from docflow.runner import ExtractorRunner


class ExtractorService:
    def __init__(self, runner: ExtractorRunner):
        self._runner = runner

    def start(self, name, page):
        return self._runner.execute(name, page)


def nightly(service: ExtractorService):
    return service.start("text", "page")
""",
}


def test_an_abstract_method_that_all_override_and_one_place_calls_is_likely(tmp_path: Path) -> None:
    said = command(written(tmp_path, DOCFLOW), "init")
    assert policy_in(tmp_path) == [
        "plugin-bases = Extractor",
        "plugin-methods = extract",
        "choke-point = ExtractorRunner",
        "layers =",
    ]
    text = (tmp_path / "setup.cfg").read_text()
    for guess in (
        "# input-validator = check_page",
        "# error-envelope = make_error",
        "# metrics-update = record_execution",
    ):
        assert f"\n{guess}\n" in text
    assert "# layers = ExtractorService" in text
    assert "written as a comment" in said
    assert "GOV5" not in forked.command(tmp_path, ["check"]).stdout
    page = (tmp_path / "docs/PHASE12_GOVERNANCE.md").read_text()
    assert "API → ExtractorRunner → plugin.extract()" in page
    assert not {"ToolRunner", "AnalysisService", "JobManagementService"} & set(page.replace("`", " ").split())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    @abstractmethod\n", ""),  # nothing demands that it is overridden
        (
            "class Tables(Extractor):\n    def extract",
            "class Tables(Extractor):\n    def other",
        ),  # not all do
    ],
)
def test_what_is_less_sure_is_a_comment(tmp_path: Path, old: str, new: str) -> None:
    files = {name: text.replace(old, new) for name, text in DOCFLOW.items()}
    command(written(tmp_path, files), "init")
    assert policy_in(tmp_path) == []


def test_a_second_place_that_calls_it_is_not_sure(tmp_path: Path) -> None:
    again = "from docflow.extractors import Extractor\n\n\ndef again(tool: Extractor):\n    return tool.extract(1)\n"
    command(written(tmp_path, {**DOCFLOW, "docflow/again.py": again}), "init")
    assert policy_in(tmp_path) == []


TEMPLATE = """\
class Check:
    def run(self, text):
        return self.scan(text)

    def scan(self, text):
        {}
"""
CHECKS = "from base import Check\n" + "".join(
    f"\n\nclass {name}(Check):\n    def scan(self, text):\n        return text.{name.lower()}()\n"
    for name in ("Upper", "Lower", "Title")
)
REGISTRY = """\
from base import Check


class Registry:
    def __init__(self, checks: list[Check]):
        self.checks = checks

    def run_all(self, text):
        return [check.run(text) for check in self.checks]
"""


def test_a_template_method_is_seen(tmp_path: Path) -> None:
    files = {
        "base.py": TEMPLATE.format("raise NotImplementedError"),
        "checks.py": CHECKS,
        "registry.py": REGISTRY,
    }
    command(written(tmp_path, files), "init")
    assert policy_in(tmp_path)[:3] == [
        "plugin-bases = Check",
        "plugin-methods = scan",
        "choke-point = Check.run",
    ]


PRIVATE = """\
from abc import ABC, abstractmethod


class BaseTool(ABC):
    def invoke(self, text):
        return self._run(text)

    @abstractmethod
    def _run(self, text): ...
"""
TOOLS = "from base import BaseTool\n" + "".join(
    f"\n\nclass {name}(BaseTool):\n    def _run(self, text):\n        return text.{name.lower()}()\n"
    for name in ("Upper", "Lower")
)
BYPASS = """\
from tools import Lower, Upper


def main():
    return Upper().invoke("a") + Lower()._run("b")
"""


def test_a_template_method_stays_one_beside_a_call_that_bypasses_it(tmp_path: Path) -> None:
    said = command(written(tmp_path, {"base.py": PRIVATE, "tools.py": TOOLS, "app.py": BYPASS}), "init")
    assert policy_in(tmp_path) == [
        "plugin-bases = BaseTool",
        "plugin-methods = _run",
        "choke-point = BaseTool.invoke",
        "layers =",
    ]
    assert "1 of the 2 places from which `_run` is called; the other will be a finding" in said
    assert "API → BaseTool.invoke → plugin._run()" in (tmp_path / "docs/PHASE12_GOVERNANCE.md").read_text()
    found = forked.command(tmp_path, ["check", "--select=GOV1,GOV5", "--format=concise"]).stdout
    assert [line[:18] for line in found.splitlines() if "GOV" in line] == ["app.py:5:34: GOV10"]


def test_a_public_method_that_is_called_elsewhere_too_has_a_template_if_that_takes_more_care(
    tmp_path: Path,
) -> None:
    careful = "        check_text(text)\n        return self.scan(text)"
    base = TEMPLATE.format("raise NotImplementedError").replace("        return self.scan(text)", careful)
    base += "\n\ndef check_text(text): ...\n"
    direct = "from checks import Title\n\n\ndef main():\n    return Title().scan('a')\n"
    files = {"base.py": base, "checks.py": CHECKS, "registry.py": REGISTRY, "direct.py": direct}
    command(written(tmp_path / "careful", files), "init")
    assert "choke-point = Check.run" in policy_in(tmp_path / "careful")
    careless = written(tmp_path / "not", files | {"base.py": base.replace("check_text", "note")})
    assert "the only place from which `scan` is called outside `Check`" in command(careless, "init")
    assert "choke-point = direct:main" in policy_in(careless)


def test_classes_that_implement_a_protocol_are_seen(tmp_path: Path) -> None:
    protocol = (
        "from typing import Protocol\n\n\nclass Tool(Protocol):\n    def invoke(self, text) -> dict: ...\n"
    )
    tools = "".join(
        f"\n\nclass {name}:\n    def invoke(self, text):\n        return {{}}\n" for name in ("A", "B", "C")
    )
    use = """\
from protocol import Tool
from tools import A, B, C

TOOLS: dict[str, Tool] = {"a": A(), "b": B(), "c": C()}


class Agent:
    def call(self, name, text):
        return TOOLS[name].invoke(text)
"""
    said = command(written(tmp_path, {"protocol.py": protocol, "tools.py": tools, "use.py": use}), "init")
    assert policy_in(tmp_path)[:3] == [
        "plugin-bases = Tool",
        "plugin-methods = invoke",
        "choke-point = Agent",
    ]
    assert "3 of the 3 classes that implement it have their own `invoke`, first called at use.py:9" in said


def test_each_place_that_runs_what_a_preset_governs_is_counted_once(tmp_path: Path) -> None:
    app = """\
from langchain_core.tools import tool


@tool
def add(a: int) -> int:
    return a


class ToolExecutor:
    def run(self, arguments):
        return add.invoke(arguments)


def direct():
    return add.invoke({"a": 1})
"""
    said = command(written(tmp_path, {"app.py": app}), "init")
    assert "what it governs is run in 2 places, first at app.py:11" in said
    assert "1 of the 2 places from which what `langchain` governs is run; the other will be a finding" in said


def test_a_function_that_another_one_makes_and_returns_is_the_choke_point(tmp_path: Path) -> None:
    maker = """\
from base import BaseTool


def make(tools: dict[str, BaseTool]):
    def start(name, text):
        return tools[name].run(text)

    return start


def hand_over(tool: BaseTool, pool):
    def start():
        return tool.run("")

    return pool.submit(start)
"""
    files = {
        "base.py": PRIVATE.replace("_run", "run").replace(
            "    def invoke(self, text):\n        return self.run(text)\n\n", ""
        ),
        "tools.py": TOOLS.replace("_run", "run"),
        "maker.py": maker,
    }
    said = command(written(tmp_path, files), "init")
    assert (
        "`run` is called from several places: maker:make.start (1), maker:hand_over (1); choose one" in said
    )
    (tmp_path / "setup.cfg").unlink()
    command(written(tmp_path, {"maker.py": maker.partition("\n\n\ndef hand_over")[0]}), "init")
    assert "choke-point = maker:make.start" in policy_in(tmp_path)


def test_a_stub_with_one_class_below_it_is_a_guess(tmp_path: Path) -> None:
    one = """\
class Extension:
    def run(self, text): ...


class Ocr(Extension):
    def run(self, text):
        return {}


class Dispatcher:
    def go(self, extension: Extension, text):
        return extension.run(text)
"""
    said = command(written(tmp_path, {"one.py": one}), "init")
    assert "the one class below it has its own `run`, first called at one.py:12" in said
    assert "# plugin-bases = Extension" in (tmp_path / "setup.cfg").read_text()
    assert policy_in(tmp_path) == []


def test_a_method_with_a_default_is_no_template(tmp_path: Path) -> None:
    files = {"base.py": TEMPLATE.format("return text"), "checks.py": CHECKS, "registry.py": REGISTRY}
    command(written(tmp_path, files), "init")
    assert policy_in(tmp_path) == []


def test_what_prepares_a_plugin_does_not_run_it(tmp_path: Path) -> None:
    base = "from abc import ABC, abstractmethod\n\n\nclass BasePlugin(ABC):\n" + "".join(
        f"    @abstractmethod\n    def {method}: ...\n" for method in ("load(self)", "infer(self, text)")
    )
    methods = "    def load(self):\n        return 1\n\n    def infer(self, text):\n        return text\n"
    plugins = "from base import BasePlugin\n" + "".join(
        f"\n\nclass {name}(BasePlugin):\n{methods}" for name in ("Upper", "Lower", "Title")
    )
    use = "from base import BasePlugin\n\n\ndef prepared(plugin: BasePlugin):\n    plugin.load()\n    return plugin\n"
    command(written(tmp_path, {"base.py": base, "plugins.py": plugins, "use.py": use}), "init")
    assert policy_in(tmp_path) == []
    use += "\n\ndef answer(plugin: BasePlugin, text):\n    return plugin.infer(text)\n"
    (tmp_path / "setup.cfg").unlink()
    command(written(tmp_path, {"use.py": use}), "init")
    assert "plugin-methods = infer" in policy_in(tmp_path)


@pytest.mark.parametrize("name", ["setup.cfg", "pyproject.toml"])
def test_every_key_stands_there_with_its_default(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    command(tmp_path, "init")
    text = (tmp_path / name).read_text()
    for key in KEYS:
        assert f"\n# {key} =" in text or f"\n{key} =" in text
    before = load(tmp_path)
    lines = (
        line.removeprefix("# ") if re.match(r"# [a-z-]+ = ?", line) else line for line in text.splitlines()
    )
    kept = [line for line in lines if not line.startswith(("plugin-bases", "choke-point"))]
    (tmp_path / name).write_text("\n".join(kept) + "\n")
    after = load(tmp_path)
    assert after._replace(policies=(), notes=()) == before._replace(policies=(), notes=())
    assert after.policies[0]._replace(origins=(), section=None) == Policy(phase_tests=())


def test_refresh_writes_again_what_was_made_from_the_policy(tmp_path: Path) -> None:
    command(written(tmp_path, DOCFLOW), "init")
    page = tmp_path / "docs/PHASE12_GOVERNANCE.md"
    (tmp_path / "setup.cfg").write_text("[phase12-lint]\nchoke-point = OtherRunner\nlayers = FrontDoor\n")
    assert "OtherRunner" not in page.read_text()
    assert "kept   docs/PHASE12_GOVERNANCE.md: it exists" in command(tmp_path, "init")
    assert "OtherRunner" not in page.read_text()
    said = command(tmp_path, "init", "--refresh")
    assert "wrote  docs/PHASE12_GOVERNANCE.md (written again from the policy)" in said
    assert "API → FrontDoor → OtherRunner → plugin.run()" in page.read_text()
    assert "`FrontDoor` MUST call `OtherRunner`" in page.read_text()
    assert "it already matches the policy" in command(tmp_path, "init", "--refresh")


def test_refresh_leaves_alone_what_init_did_not_write(tmp_path: Path) -> None:
    command(written(tmp_path, DOCFLOW), "init")
    mine = {"docs/PHASE12_GOVERNANCE.md": "# Ours\n", ".github/workflows/phase12-ci.yml": "name: ours\n"}
    written(tmp_path, mine)
    said = command(tmp_path, "init", "--refresh")
    for name, text in mine.items():
        assert (tmp_path / name).read_text() == text
        assert f"kept   {name}: it does not begin with" in said
