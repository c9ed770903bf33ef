"""Small governed programs with tests of their own, and pytest with the cross-check in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tests import forked

HERE = Path(__file__).parents[1]
PLUGIN = "phase12_lint.integrations.pytest"
BASE = "class Plugin:\n    def run(self, page):\n        return {}\n"
PLUGINS = """
from app.base import Plugin

class Ocr(Plugin):
    def run(self, page):
        return {'page': page}
"""
RUNNER = """
from app.base import Plugin

class ToolRunner:
    def __init__(self, plugins: dict[str, Plugin]):
        self.plugins = plugins

    def run(self, name, page):
        plugin = self.plugins[name]
        return plugin.run(page)
"""
SERVICES = """
from app.base import Plugin
from app.plugins import Ocr
from app.runner import ToolRunner

class PluginManagementService:
    def __init__(self, runner: ToolRunner):
        self.runner = runner

    def execute(self, name, page):
        return self.runner.run(name, page)

class JobManagementService:
    def __init__(self, plugins: PluginManagementService):
        self.plugins = plugins

    def submit(self, name, page):
        return self.plugins.execute(name, page)

class AnalysisService:
    def __init__(self, jobs: JobManagementService):
        self.jobs = jobs

    def analyze(self, name, page):
        return self.jobs.submit(name, page)

runner = ToolRunner({'ocr': Ocr()})
service = AnalysisService(JobManagementService(PluginManagementService(runner)))
"""
API = """
from fastapi import APIRouter

from app.services import service

router = APIRouter()

@router.post('/v1')
def analyze(name: str):
    return {'pair': service.analyze(name, b'')}
"""
TEST = "from app.api import analyze\n\n\ndef test_analyze():\n    assert analyze('ocr')\n"


def program(root: Path, changed: Mapping[str, str], test: str = TEST) -> Path:
    """A program at ``root`` with its tests; ``changed`` are files that are others."""
    files = {
        "setup.cfg": "",
        "conftest.py": "",
        "app/base.py": BASE,
        "app/plugins.py": PLUGINS,
        "app/runner.py": RUNNER,
        "app/services.py": SERVICES,
        "app/api.py": API,
        "tests/test_app.py": test,
    }
    for name, text in (files | dict(changed)).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def checked(root: Path, *options: str, status: int, plugin: bool = True) -> str:
    """What pytest prints at ``root``."""
    plugins = [*([PLUGIN] if plugin else ()), *(["xdist"] if "-n" in options else ())]
    loaded = [each for name in plugins for each in ("-p", name)]
    variables = {"PYTHONPATH": str(HERE), "COLUMNS": "200", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = forked.pytest(root, [*loaded, *options], os.environ | variables)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr
