"""A package with rules of a team's own, as an installation leaves it: the package and its metadata on ``sys.path``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from configparser import ConfigParser
from pathlib import Path

from tests import forked

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "own_rule"
GROUP = "phase12_lint.rules"


def entry_points(setup_cfg: Path) -> dict[str, str]:
    """The entry points that a ``setup.cfg`` registers, by group."""
    parser = ConfigParser(interpolation=None)
    parser.read(setup_cfg, encoding="utf-8")
    return dict(parser["options.entry_points"])


class Site:
    """A folder of installed packages, and the commands as they run where it is on ``sys.path``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def install(self, name: str, points: Mapping[str, str], modules: Mapping[str, str] = {}) -> None:
        """Lay out a distribution: its entry points, each group with its lines, and its modules."""
        metadata = self.folder / f"{name}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        texts = (f"[{group}]\n{lines.strip()}\n" for group, lines in points.items())
        (metadata / "entry_points.txt").write_text("\n".join(texts))
        for path, text in modules.items():
            (self.folder / path).write_text(text)

    def install_example(self) -> None:
        """The package of ``examples/own_rule``."""
        self.install("acme_rules", entry_points(EXAMPLE / "setup.cfg"))
        shutil.copytree(EXAMPLE / "acme_rules", self.folder / "acme_rules")

    def run(self, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
        """What ``command``, a module and its arguments, says in ``folder``."""
        variables = os.environ | {"PYTHONPATH": os.pathsep.join([str(self.folder), str(ROOT)])}
        if command[0] == "phase12_lint":
            return forked.command(folder, command[1:], variables)
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
