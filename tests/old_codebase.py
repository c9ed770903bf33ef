"""An old codebase in a git repository of its own: two hundred findings, and ways to change it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.forked import command

BASELINE = ".phase12-lint-baseline.json"
FILES, FUNCTIONS = 20, 10


def function(name: str) -> str:
    """A function that holds one finding."""
    return f"def {name}(plugin, page):\n    return plugin.run(page)\n"


class Codebase:
    """A project at ``folder``, and the command and git run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def make(cls, folder: Path) -> Codebase:
        """The old codebase, committed."""
        folder.mkdir()
        self = cls(folder)
        for number in range(FILES):
            names = [f"work_{number}_{each}" for each in range(FUNCTIONS)]
            self.write(f"app/old_{number:02}.py", "\n\n".join(map(function, names)))
        self.git("init", "-q", "-b", "main")
        self.commit()
        return self

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def run_git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["git", "-c", "protocol.file.allow=always", *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def git(self, *arguments: str, status: int = 0) -> str:
        """What git prints; it must end with ``status``."""
        done = self.run_git(*arguments)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def commit(self, message: str = "a change") -> str:
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD").strip()

    def run(
        self, *arguments: str, status: int | None = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command; its exit status must be ``status`` if that is given."""
        variables = {name: text for name, text in os.environ.items() if name != "CI"} | environment
        done = command(self.folder, arguments, variables)
        assert done.returncode == status or status is None, done.stdout + done.stderr
        return done

    def found(self, *options: str, **environment: str) -> list[str]:
        """``path:line`` of all that ``check`` reports; its exit status must fit."""
        done = self.run("check", "--format", "json", *options, status=None, **environment)
        findings = json.loads(done.stdout)["findings"]
        assert done.returncode == bool(findings), done.stderr
        return [f"{finding['path']}:{finding['line']}" for finding in findings]

    def frozen(self, name: str = BASELINE) -> int:
        """How many findings the baseline holds."""
        document = json.loads((self.folder / name).read_text())
        return sum(entry["count"] for entry in document["entries"])
