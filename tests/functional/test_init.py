"""``init``: what it infers and how sure it is, what it writes, and that it touches nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phase12_lint.adopt.init.guesses import Guess
from phase12_lint.adopt.init.infer import infer
from tests import forked

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WRITTEN = {
    ".github/workflows/phase12-ci.yml",
    ".github/workflows/phase12-full.yml",
    ".pre-commit-config.yaml",
    "docs/PHASE12_GOVERNANCE.md",
    "scripts/scan_phase_12_violations.py",
    "setup.cfg",
}
TASKS = """\
import abc


class BaseTask(abc.ABC):
    @abc.abstractmethod
    def execute(self, job): ...


class Copy(BaseTask):
    def execute(self, job): return job


class Move(BaseTask):
    def execute(self, job): return job


class Delete(BaseTask):
    def execute(self, job): return job
"""
WORKER = """\
from app.tasks import BaseTask


class Executor:
    def __init__(self, tasks: dict[str, BaseTask]):
        self._tasks = tasks

    def start(self, name, job):
        check_job(job)
        try:
            result = self._tasks[name].execute(job)
        except Exception as error:
            return make_failure(error)
        record_run(name)
        return verify_result(result)


class Scheduler:
    def __init__(self, executor: Executor):
        self._executor = executor

    def submit(self, name, job):
        return self._executor.start(name, job)


def check_job(job): return job
def verify_result(result): return result
def make_failure(error): return {"failure": str(error)}
def record_run(name): return name
"""
API = """\
from fastapi import FastAPI
from app.worker import Scheduler

app = FastAPI()
scheduler: Scheduler


@app.post("/jobs")
def post(name: str):
    return scheduler.submit(name, {})
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "service"
    ignored = shutil.ignore_patterns("__pycache__", ".phase12_lint_cache", "setup.cfg")
    shutil.copytree(ROOT / "examples" / "ungoverned", folder, ignore=ignored)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


def command(folder: Path, *words: str, status: int = 0) -> str:
    done = forked.command(folder, words)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {".git", ".phase12_lint_cache"}.intersection(path.relative_to(folder).parts)
    }


def inferred(**files: str) -> dict[str, Guess]:
    named = {f"app/{name}.py": text.encode() for name, text in files.items()}
    return {guess.key: guess for guess in infer(named).guesses}


def test_all_is_inferred_with_the_evidence_and_how_sure_it_is() -> None:
    found = inferred(tasks=TASKS, worker=WORKER, api=API)
    assert {key: (guess.names, guess.sure) for key, guess in found.items()} == {
        "plugin-bases": (("BaseTask",), "likely"),
        "plugin-methods": (("execute",), "likely"),
        "choke-point": (("Executor",), "likely"),
        "layers": (("Scheduler",), "likely"),
        "input-validator": (("check_job",), "guess"),
        "output-validator": (("verify_result",), "guess"),
        "error-envelope": (("make_failure",), "guess"),
        "metrics-update": (("record_run",), "guess"),
    }
    assert found["plugin-bases"].evidence.startswith("3 of the 3 classes below it have their own `execute`")
    assert "app/worker.py:11" in found["plugin-bases"].evidence


def test_a_receiver_that_only_its_name_speaks_for_is_named() -> None:
    worker = "class Loop:\n    def turn(self, task):\n        return task.execute({})\n"
    found = inferred(tasks=TASKS, worker=worker)
    assert found["plugin-names"].names == ("task", "*_task")
    assert found["choke-point"].names == ("Loop",)


def test_several_places_that_run_plugins_are_left_to_choose() -> None:
    other = "from app.tasks import BaseTask\n\n\ndef again(task: BaseTask):\n    return task.execute({})\n"
    found = inferred(tasks=TASKS, worker=WORKER, other=other)
    choke = found["choke-point"]
    assert (choke.names, choke.sure) == (("Executor",), "guess"), "the one that takes more care"
    assert "Executor (1), app.other:again (1); choose one" in choke.evidence


def test_a_class_below_the_choke_point_is_no_layer() -> None:
    below = """\
from app.worker import Executor


class Loud(Executor):
    def begin(self, name):
        return self.start(name, {})
"""
    api = API.replace("app.worker import Scheduler", "app.loud import Loud").replace("Scheduler", "Loud")
    found = inferred(
        tasks=TASKS, worker=WORKER, loud=below, api=api.replace("submit(name, {})", "begin(name)")
    )
    assert found["choke-point"].names == ("Executor",)
    assert "Loud" not in found["layers"].names


def test_plugins_that_nothing_is_seen_to_call_are_named_and_nothing_else_is_guessed() -> None:
    events = """\
class BasePlugin:
    def on_start(self): ...


class Search(BasePlugin):
    def on_start(self): return 1
"""
    shapes = "class Shape:\n    def area(self): ...\n" + "".join(
        f"class {name}(Shape):\n    def area(self): return 1\n" for name in ("Disc", "Box")
    )
    total = "from app.shapes import Shape\ndef total(shape: Shape):\n    return shape.area()\n"
    found = inferred(events=events, shapes=shapes, total=total)
    assert found["plugin-bases"].names == ()
    assert "BasePlugin (app/events.py) looks like one" in found["plugin-bases"].evidence


@pytest.mark.parametrize("text", ["", "LIMIT = 3\n", "class Error(Exception):\n    pass\n", "def broken(:\n"])
def test_where_there_are_no_plugins_none_are_found(text: str) -> None:
    found = inferred(module=text)
    assert all(not guess.names for guess in found.values())


def test_everything_is_written_and_runs(project: Path) -> None:
    before = contents(project)
    said = command(project, "init")
    after = contents(project)
    assert after.keys() - before.keys() == WRITTEN
    assert {name: after[name] for name in before} == before
    assert "choke-point       likely   ToolRunner" in said
    scanner = subprocess.run(
        [sys.executable, "scripts/scan_phase_12_violations.py"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert scanner.returncode == 1, scanner.stderr
    assert "GOV101" in scanner.stdout
    left = command(project, "check", "--select", "GOV7", "--format", "concise", "--quiet")
    assert not left
    assert "phase-tests       -        not found" in said
    assert "AnalysisService → JobManagementService" in after["docs/PHASE12_GOVERNANCE.md"].decode()


def test_the_hook_that_was_written_refuses_a_commit_and_lets_a_clean_one_pass(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(project.parent / "pre-commit"))
    command(project, "init")
    command(project, "baseline", "create")
    run(BIN / "pre-commit", "install", cwd=project)
    run("git", "add", "-A", cwd=project)
    run("git", "commit", "-qm", "take it up", cwd=project)
    (project / "late.py").write_text("def work(plugin):\n    return plugin.run()\n")
    run("git", "add", "-A", cwd=project)
    said = run("git", "commit", "-qm", "a short cut", cwd=project, status=1)
    assert "late.py:2:12" in said


def test_a_second_run_changes_nothing(project: Path) -> None:
    command(project, "init")
    once = contents(project)
    said = command(project, "init")
    assert contents(project) == once
    assert "wrote" not in said


def test_a_dry_run_writes_nothing_and_shows_all(project: Path) -> None:
    before = contents(project)
    said = command(project, "init", "--dry-run")
    assert contents(project) == before
    assert said.count("would write") == len(WRITTEN)
    assert "    | choke-point = ToolRunner" in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup.cfg", "[metadata]\nname = x\n"),
        ("setup.cfg", "[metadata]\nname = x"),
        ("setup.cfg", "[metadata]\r\nname = x\r\n"),
        ("pyproject.toml", '[project]\nname = "x"\n\n[tool.other]\nx = 1\n'),
        ("pyproject.toml", ""),
    ],
)
def test_a_section_is_put_at_the_end_and_no_other_line_is_touched(
    project: Path, name: str, text: str
) -> None:
    (project / name).write_bytes(text.encode())
    command(project, "init")
    written = (project / name).read_bytes().decode()
    assert written.startswith(text)
    assert written.replace("\r\n", "").count("\n") == (0 if "\r\n" in text else written.count("\n"))
    assert "ToolRunner" in written
    command(project, "check", status=1)


def test_setup_cfg_goes_before_pyproject_and_a_policy_that_is_there_is_kept(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project]\n")
    (project / "setup.cfg").write_text("[metadata]\n")
    command(project, "init")
    assert (project / "pyproject.toml").read_text() == "[project]\n"
    (project / "setup.cfg").write_text("[phase12-lint]\nchoke-point = ToolRunner\n")
    assert "kept   the policy: one is written already" in command(project, "init")
    assert (project / "setup.cfg").read_text() == "[phase12-lint]\nchoke-point = ToolRunner\n"


def test_a_file_that_cannot_take_a_section_is_left_alone(project: Path) -> None:
    (project / "pyproject.toml").write_text("tool = {other = 1}\n")
    said = command(project, "init")
    assert "kept   pyproject.toml: a section appended to it would not be read as one" in said
    assert (project / "pyproject.toml").read_text() == "tool = {other = 1}\n"


def test_a_file_that_is_not_utf_8_is_left_alone_and_the_section_is_shown(project: Path) -> None:
    (project / "setup.cfg").write_bytes(b"[metadata]\nauthor = Ren\xe9\n")
    said = command(project, "init")
    assert "kept   setup.cfg: it is not UTF-8 (" in said
    assert "1. Write the section shown above into setup.cfg and correct what is wrong." in said
    assert (project / "setup.cfg").read_bytes() == b"[metadata]\nauthor = Ren\xe9\n"


def test_a_pre_commit_configuration_that_is_there_is_told_what_to_add(project: Path) -> None:
    (project / ".pre-commit-config.yaml").write_text("repos: []\n")
    said = command(project, "init")
    assert (project / ".pre-commit-config.yaml").read_text() == "repos: []\n"
    assert "kept   .pre-commit-config.yaml: it exists and is not changed; add this hook to it:" in said
    assert "entry: phase12-lint check" in said


def test_a_guess_about_the_plugins_is_written_as_a_comment(tmp_path: Path) -> None:
    kinds = "class Shape:\n    def area(self): ...\n\n\n" + "\n\n".join(
        f"class {name}(Shape):\n    def area(self): return 1\n" for name in ("Disc", "Box")
    )
    (tmp_path / "shapes.py").write_text(kinds)
    (tmp_path / "total.py").write_text(
        "from shapes import Shape\n\n\ndef total(shape: Shape):\n    return shape.area()\n"
    )
    said = command(tmp_path, "init")
    assert "written as a comment: it is too uncertain to be active" in said
    lines = (tmp_path / "setup.cfg").read_text().splitlines()
    assert "# plugin-bases = Shape" in lines
    assert [line for line in lines if not line.startswith("#")] == ["[phase12-lint]", "phase-tests ="]


@pytest.mark.parametrize("needs", ["", "requirements.txt", "pyproject.toml"])
def test_the_workflows_are_what_github_reads_and_have_no_known_weakness(project: Path, needs: str) -> None:
    if needs:
        (project / needs).write_text('[project]\nname = "x"\n' if needs.endswith("toml") else "fastapi\n")
    command(project, "init")
    check_workflows(project)


def test_the_workflows_run_the_tests_that_exist(project: Path) -> None:
    test = project / "server" / "tests" / "phase_12" / "test_it.py"
    test.parent.mkdir(parents=True)
    test.write_text("def test_it():\n    assert True\n")
    command(project, "init")
    assert "phase-tests = server/tests/phase_12" in (project / "setup.cfg").read_text().splitlines()
    for name in ("ci", "full"):
        workflow = (project / f".github/workflows/phase12-{name}.yml").read_text()
        assert "pytest server/tests/phase_12 " in workflow
        assert "phase_11" not in workflow
    check_workflows(project)
    assert "GOV7" not in command(project, "check", "--select", "GOV7")


def test_a_folder_that_the_policy_names_and_that_holds_no_test_is_not_run_yet(project: Path) -> None:
    (project / "setup.cfg").write_text("[phase12-lint]\nphase-tests = tests/governance\n")
    said = command(project, "init")
    assert "Write tests into tests/governance" in said
    assert "governance" not in (project / ".github/workflows/phase12-ci.yml").read_text()


def test_so_is_our_own() -> None:
    check_workflows(ROOT)


def check_workflows(folder: Path) -> None:
    files = sorted((folder / ".github" / "workflows").glob("*.yml"))
    assert files
    run(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    run(BIN / "zizmor", "--offline", "--no-progress", "--no-config", *files)


def run(*words: str | Path, cwd: Path | None = None, status: int = 0) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr
