"""The project of the golden reports: findings of many kinds, and names that would be more than text.

Written out by the tests, since not every file system can hold such names in a checkout.
"""

from __future__ import annotations

from pathlib import Path

HOSTILE = "<script>alert(1)"
FILES = {
    "setup.cfg": "[phase12-lint]\nplugin-bases = Plugin\n",
    "app/base.py": (
        "class Plugin:\n    def run(self, page: bytes) -> dict:\n        return {}\n\n\n"
        'def find(name: str) -> Plugin:\n    return TOOLS[name]\n\n\nTOOLS = {"ocr": Plugin()}\n'
    ),
    "app/runner.py": (
        "from time import time\n\nfrom app.base import Plugin\n\n\nclass ToolRunner:\n"
        "    def __init__(self, registry) -> None:\n        self.registry = registry\n\n"
        "    def run(self, plugin: Plugin, page: bytes):\n        started = time()\n        try:\n"
        "            result = plugin.run(page)\n        except ValueError as error:\n"
        "            return {}, str(error)\n"
        "        self.registry.update_execution_metrics('ocr', 'DONE', time() - started, False)\n"
        "        return result, {}\n"
    ),
    "app/services.py": (
        "from app.runner import ToolRunner\n\n\nclass AnalysisService:\n"
        "    def __init__(self, runner: ToolRunner) -> None:\n        self.runner = runner\n\n"
        "    def analyze(self, plugin, page: bytes):\n        try:\n"
        "            return self.runner.run(plugin, page)\n        except Exception:\n            return None\n"
    ),
    "app/a b.py": (
        "from app.base import find\n\n\ndef work(page: bytes) -> dict:\n"
        '    tool = find("`]\\"--><img src=x onerror=alert(2)>")\n    return tool.run(page)\n'
    ),
    f"app/{HOSTILE}.py": (
        "from app.base import Plugin\n\n\ndef work(tools: dict[str, Plugin], page: bytes) -> dict:\n"
        "    return tools['</script><script>alert(3)</script>'].run(page)\n"
    ),
    'app/::error::"100%".py': (
        "def start(plugin, pool, page):\n\tname, job = '日本, ##[error]', pool.submit(\n\t\tplugin.run,\n"
        "\t\tpage,\n\t)\n\treturn name, '😀é', plugin.run(page)\n"
    ),
    "app/日本.py": (
        "from app.base import Plugin\n\n\ndef 実行(道具: Plugin, page: bytes) -> dict:\n"
        "    return {'é': 道具.run(page), '`@team` |': getattr(道具, 'r' + 'un')(page)}\n"
    ),
    "app/old.py": "def start(plugin):\n    plugin.run()  # noqa: GOV101 until <b>ticket</b> 12 is done\n",
    "app/broken.py": "def half(:\n",
}


def write(root: Path) -> Path:
    """Lay the project out under ``root``; returns it."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root
