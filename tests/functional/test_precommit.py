"""The pre-commit hook, installed from a real git repository and run by pre-commit on real commits."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
GOVERNED = "class Plugin:\n    def run(self, values):\n        return sum(values)\n"
UNGOVERNED = "def shortcut(plugin):\n    return plugin.run()\n"


def call(folder: Path, *command: str | Path, status: int = 0) -> str:
    """What a command prints, both streams; it must end with ``status``."""
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == status, done.stdout
    return done.stdout


def git(folder: Path, *arguments: str, status: int = 0) -> str:
    return call(folder, "git", *arguments, status=status)


@pytest.fixture(scope="module")
def wheels() -> Path:
    """All that an installation of the project needs, fetched once for each set of requirements."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    needs = ["setuptools >= 77", *setup["options"]["install_requires"].split("\n")[1:]]
    version = hashlib.sha256(repr([sys.version_info, needs]).encode()).hexdigest()[:16]
    folder = ROOT / ".bench" / f"wheels-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "complete").exists():
            call(ROOT, sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", folder, *needs)
            (folder / "complete").touch()
    return folder


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of the tests have."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture
def offline(wheels: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pre-commit install from these wheels alone, and keep its store apart."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(shared / "pre-commit"))


@pytest.fixture
def linter(shared: Path) -> Path:
    """The project as it stands here, committed to a repository of its own, which pre-commit installs once."""
    with FileLock(shared / "linter.lock"):
        return _committed(shared / "linter")


def _committed(folder: Path) -> Path:
    if folder.exists():
        return folder
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if name.startswith(
            ("phase12_lint/", "setup.", "pyproject.toml", ".pre-commit-hooks", "README", "LICENSE")
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "the linter")
    return folder


@pytest.fixture
def service(tmp_path: Path) -> Path:
    folder = tmp_path / "service"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "sums.py").write_text(GOVERNED)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "sums")
    return folder


@pytest.mark.thorough
@pytest.mark.usefixtures("offline")
def test_the_hook_refuses_what_it_finds(service: Path, linter: Path) -> None:
    (service / "worker.py").write_text(UNGOVERNED)
    git(service, "add", "-A")
    said = call(service, sys.executable, "-m", "pre_commit", "try-repo", linter, "phase12-lint", status=1)
    assert "worker.py:2:12" in said
    assert "GOV101" in said


@pytest.mark.usefixtures("offline")
def test_a_violating_commit_is_refused_and_a_clean_one_passes(service: Path, linter: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    (service / ".pre-commit-config.yaml").write_text(shown.replace("path/to/phase12-lint", str(linter)))
    call(service, sys.executable, "-m", "pre_commit", "autoupdate", "--bleeding-edge")
    call(service, sys.executable, "-m", "pre_commit", "install")
    git(service, "add", "-A")
    assert "Passed" in git(service, "commit", "-m", "check each commit")
    before = git(service, "rev-parse", "HEAD")

    (service / "worker.py").write_text(UNGOVERNED)
    git(service, "add", "-A")
    assert "worker.py:2:12" in git(service, "commit", "-m", "a short cut", status=1)
    assert git(service, "rev-parse", "HEAD") == before

    (service / "worker.py").write_text(GOVERNED)
    git(service, "add", "-A")
    assert "Passed" in git(service, "commit", "-m", "no short cut")
    assert git(service, "rev-parse", "HEAD") != before


@pytest.mark.usefixtures("offline")
def test_the_fixing_hook_changes_the_file_and_the_commit_is_made_again(service: Path, linter: Path) -> None:
    revision = git(linter, "rev-parse", "HEAD").strip()
    (service / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {linter}\n  rev: {revision}\n  hooks:\n  - id: phase12-lint-fix\n"
    )
    call(service, sys.executable, "-m", "pre_commit", "install")
    (service / "worker.py").write_text("LIMIT = 3  # noqa: GOV101 kept for the old runner\n")
    git(service, "add", "-A")
    said = git(service, "commit", "-m", "a limit", status=1)
    assert "files were modified by this hook" in said
    assert (service / "worker.py").read_text() == "LIMIT = 3\n"
    git(service, "add", "-A")
    assert "Passed" in git(service, "commit", "-m", "a limit")
