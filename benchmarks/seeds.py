"""Three governed files for a corpus that holds none, with one violation of each of three kinds."""

from __future__ import annotations

from pathlib import Path

FINDINGS = 3

_FILES = {
    "base.py": """\
class Plugin:
    def run(self, page):
        raise NotImplementedError
""",
    "registry.py": """\
from seeded.base import Plugin


class Tool(Plugin):
    def run(self, page):
        return page


def find(name) -> Plugin:
    return Tool()
""",
    "worker.py": """\
import functools

from seeded.registry import find


def work(name, page):
    tool = find(name)
    later = functools.partial(tool.run, page)
    getattr(tool, "r" + "un")(page)
    plugin = find(name)
    return plugin.run(page), later
""",
}


def plant(folder: Path) -> None:
    """Write the files into ``folder``, which is made."""
    folder.mkdir()
    for name, text in _FILES.items():
        (folder / name).write_text(text)
