"""The demo: what `make demo` shows on the example projects, and that once run it needs no network."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.forked import command

ROOT = Path(__file__).parents[2]
UNGOVERNED = {
    "assistant/agent.py": ["GOV101"],
    "documents/services/jobs.py": ["GOV101"],
    "documents/batch.py": ["GOV102"],
    "documents/console.py": ["GOV103"],
    "documents/selftest.py": ["GOV104"],
    "documents/tracing.py": ["GOV105"],
}


def check(project: str) -> tuple[int, dict[str, list[str]]]:
    """The exit status, and the codes found in each file, of ``check`` within the example ``project``."""
    done = command(ROOT / "examples" / project, ["check", "--format", "json"])
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, list[str]] = {}
    for finding in json.loads(done.stdout)["findings"]:
        found.setdefault(finding["path"], []).append(finding["code"])
    return done.returncode, found


def test_the_governed_example_is_clean() -> None:
    assert check("governed") == (0, {})


def test_the_ungoverned_example_has_one_finding_of_each_kind() -> None:
    assert check("ungoverned") == (1, UNGOVERNED)


def test_the_ungoverned_example_never_spells_what_it_does() -> None:
    sources = [path.read_text() for path in (ROOT / "examples" / "ungoverned").rglob("*.py")]
    outside = [text for text in sources if "class ToolRunner" not in text and "class Sweep" not in text]
    assert outside
    assert not any("plugin.run(" in text for text in outside)


def copied(folder: Path) -> Path:
    """What the demo needs, in ``folder``, with an environment that is ready and whose parts are the real one's.

    In the repository itself a requirement that changed would have ``make`` make the developer's environment anew,
    with the Python that this test lets it find.
    """
    for name in ("Makefile", "setup.cfg", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    for name in ("examples", "phase12_lint", "reference_runtime"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    (folder / ".venv").mkdir()
    for path in Path(sys.prefix).iterdir():
        if path.name != ".ready":
            (folder / ".venv" / path.name).symlink_to(path)
    (folder / ".venv" / ".ready").touch()
    return folder


def test_the_demo_shows_both_and_needs_no_network(tmp_path: Path) -> None:
    ready = copied(tmp_path) / ".venv" / ".ready"
    before = ready.stat().st_mtime_ns
    done = subprocess.run(
        ["make", "demo"],
        cwd=tmp_path,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    clean, _, rest = done.stdout.partition("$ phase12-lint paths\n")
    proof, _, ungoverned = rest.partition("$ phase12-lint check --root examples/ungoverned\n")
    assert "No findings in " in clean
    assert re.search(r"^  .*analyze \[API\]  reference_runtime/api.py:", proof, re.MULTILINE)
    assert "PROVED" in proof
    assert "VIOLATED" not in proof
    for codes in UNGOVERNED.values():
        assert codes[0] in ungoverned
    assert ready.stat().st_mtime_ns == before


def test_a_python_that_is_too_old_is_refused_with_what_to_do(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["make", f"VENV={tmp_path}/venv", f"PYTHON={old}", "test"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Python 3.10 or newer" in done.stderr
    assert not (tmp_path / "venv").exists()
