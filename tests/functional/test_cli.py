"""The command, as a process on a real project: what it says, where it says it, and how it exits."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests import forked

RUNNER = """\
from time import perf_counter

from governance import build_error_envelope, validate_input, validate_plugin_output


class ToolRunner:
    def run(self, plugin, payload, registry):
        started, state, had_error = perf_counter(), "FAILED", True
        try:
            validate_input(payload)
            result = plugin.run(payload)
            validate_plugin_output(result)
            state, had_error = "INITIALIZED", False
            return result, {}
        except Exception as exc:
            return {}, build_error_envelope(exc, "")
        finally:
            registry.update_execution_metrics("", state, perf_counter() - started, had_error)
"""
FILES = {
    "app/plugins.py": "class Plugin:\n    def run(self) -> dict:\n        return {}\n",
    "app/runner.py": RUNNER,
    "app/worker.py": "from app.plugins import Plugin\n\n\ndef work(p: Plugin):\n    return p.run()\n",
    "app/batch.py": "def start(plugin, pool):\n    pool.submit(plugin.run)\n",
    "app/old.py": "def start(plugin):\n    plugin.run()  # noqa: GOV101 until it is gone\n",
    "setup.cfg": "[phase12-lint]\nplugin-bases = Plugin\n",
}
WORKER = "app/worker.py:5:12: GOV101 "
BATCH = "app/batch.py:2:17: GOV102 "
GOVERNED = "Governed: 1 plugin class, 1 choke point, 0 routes, 0 calls, "


class Command:
    """Runs the command in the folder of a project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *arguments: str, at: Path | None = None, status: int = 1, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        done = forked.command(at or self.folder, arguments, os.environ | environment)
        assert done.returncode == status, done.stdout + done.stderr
        return done

    def concise(self, *arguments: str, at: Path | None = None, status: int = 1) -> list[str]:
        """The findings, as far as code and place."""
        done = self("check", "--format", "concise", "--quiet", *arguments, at=at, status=status)
        return [line[: line.index("GOV") + 7] for line in done.stdout.splitlines()]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return Command(tmp_path)


def test_check_tells_findings_and_fails(command: Command) -> None:
    done = command("check")
    assert f" --> {WORKER[:18]}" in done.stdout
    assert "5 |     return p.run()\n  |            ^^^^^\n" in done.stdout
    assert done.stdout.endswith(f"\n2 findings in 5 files (1 suppressed).\n{GOVERNED}4 plugin runs.\n")
    assert done.stderr == ""


def test_a_clean_project_passes(command: Command) -> None:
    for name in ("worker", "batch"):
        (command.folder / "app" / f"{name}.py").unlink()
    governed = f"{GOVERNED}2 plugin runs.\n"
    assert command("check", status=0).stdout == f"No findings in 3 files (1 suppressed).\n{governed}"
    assert command("check", "--quiet", status=0).stdout == ""


def test_paths_choose_what_is_told_and_the_program_stays_whole(command: Command) -> None:
    app = command.folder / "app"
    assert command.concise() == [BATCH, WORKER]
    assert command.concise("app/worker.py") == [WORKER]
    assert command.concise(".", at=app) == [BATCH[4:], WORKER[4:]]
    assert command.concise("worker.py", str(app / "plugins.py"), at=app) == [WORKER[4:]]
    assert command.concise("app/plugins.py", status=0) == []
    assert command.concise("app/worker.py", "app", "setup.cfg") == [BATCH, WORKER]


def test_the_project_is_found_from_afar(command: Command, tmp_path_factory: pytest.TempPathFactory) -> None:
    afar = tmp_path_factory.mktemp("afar")
    prefix = f"../{command.folder.name}/"
    assert command.concise(str(command.folder / "app" / "worker.py"), at=afar) == [prefix + WORKER]
    assert command.concise("--root", str(command.folder), at=afar) == [prefix + BATCH, prefix + WORKER]
    told = command("check", "--root", str(command.folder / "app"), str(afar), status=2).stderr
    assert told == f"phase12-lint: {afar} is outside the project {command.folder / 'app'}\n"


def test_selection(command: Command) -> None:
    assert command.concise("--select", "GOV101") == [WORKER]
    assert command.concise("--select", "GOV0,GOV102") == [BATCH]
    assert command.concise("--ignore", "GOV1", status=0) == []
    assert command.concise("--ignore", "GOV1", "--extend-select", "GOV102") == [BATCH]
    assert command.concise("--min-confidence", "certain") == [WORKER]
    assert command.concise("--exit-zero", status=0) == [BATCH, WORKER]


def test_selection_is_configured_too(command: Command) -> None:
    (command.folder / "setup.cfg").write_text("[phase12-lint]\nselect = GOV1\nignore = GOV102\n")
    assert command.concise() == [WORKER]
    assert command.concise("--ignore", "GOV101") == [BATCH]
    assert command.concise("--isolated") == [BATCH, WORKER]


def test_rules_that_are_off_by_default(command: Command) -> None:
    (command.folder / "app" / "old.py").write_text(FILES["app/old.py"].replace(" until it is gone", ""))
    reasons = "app/old.py:2:19: GOV003 "
    assert command.concise("--select", "GOV0", status=0) == []
    assert command.concise("--select", "GOV003") == [reasons]
    (command.folder / "setup.cfg").write_text("[phase12-lint]\nrequire-suppression-reason = true\n")
    assert command.concise() == [BATCH, reasons, WORKER]


def test_another_policy(command: Command) -> None:
    policy = command.folder / "other.toml"
    policy.write_text('[tool.phase12-lint]\nchoke-point = ["ToolRunner", "app.worker:work"]\n')
    assert command.concise("--config", "other.toml", "--select", "GOV1") == [BATCH]
    told = command("check", "--config", "none.toml", status=2).stderr
    assert told == "phase12-lint: none.toml: cannot be read: No such file or directory\n"


def test_all_that_is_wrong_with_a_configuration(command: Command) -> None:
    text = "[phase12-lint]\nchoke-piont = A\nselect = GOV1, GOV191\nmin-confidence = high\n"
    (command.folder / "setup.cfg").write_text(text)
    done = command("check", status=2)
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "phase12-lint: setup.cfg:2: unknown key 'choke-piont' in [phase12-lint]; "
        "the nearest right key is 'choke-point'",
        "phase12-lint: setup.cfg:3: select: 'GOV191' matches no rule; the nearest is GOV101",
        "phase12-lint: setup.cfg:4: min-confidence: 'high' must be one of certain, inferred, named",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["chek"], "argument COMMAND: invalid choice: 'chek'; the nearest is check"),
        (
            ["rules", "--format", "yml"],
            "argument --format: invalid choice: 'yml'; it must be one of text, json",
        ),
        (["baseline", "creat"], "argument ACTION: invalid choice: 'creat'; the nearest is create"),
        (["--verison"], "unrecognized arguments: --verison; the nearest is --version"),
        (["--format", "json", "check"], "--format belongs behind the command: phase12-lint COMMAND --format"),
        (["-q", "check"], "-q belongs behind the command: phase12-lint COMMAND -q"),
        (["check", "--stdin-display-name=x"], "unrecognized arguments: --stdin-display-name=x (see"),
        (["explain", "GOV1"], "no rule or term 'GOV1'; the nearest rule is GOV101"),
        (["check", "--sel", "GOV1"], "unrecognized arguments: --sel; the nearest is --select"),
        (["baseline", "prune", "--formt=x"], "unrecognized arguments: --formt=x; the nearest is "),
        (["check", "-"], "'-': only files are checked; for standard input ask flake8: "),
        (["check", "--color", "ever"], "argument --color: invalid choice: 'ever'; the nearest is never"),
        (
            ["check", "--select", "direct-plugin"],
            "--select: 'direct-plugin' matches no rule; the nearest is direct-",
        ),
        (["check", "nowhere"], "no such file or folder: nowhere"),
        (["check", "--root", "nowhere"], "--root: no such folder: nowhere"),
        (["check", "--select", "GOV101,GOVX"], "--select: 'GOVX' matches no rule; the nearest is GOV"),
        (["check", "--min-confidence", "x"], "--min-confidence: 'x' must be one of certain, inferred, named"),
        (["check", "--format", "xml"], "argument --format: unknown format 'xml'; it must be one of concise,"),
        (["check", "--format", "json="], "argument --format: 'json=' names no file"),
        (["check", "--format", "json=no/x"], "--format: the folder of no/x does not exist"),
        (
            ["check", "--format", "json", "--format", "text"],
            "--format: two reports would go to standard output",
        ),
        (["check", "--format", "json=x", "--format", "text=./x"], "--format: two reports would go to ./x"),
        (["check", "--jobs", "0"], "argument --jobs: '0' is not a number of processes"),
        (["check", "--quiet", "--verbose"], "argument --verbose: not allowed with argument --quiet"),
        (["check", "--isolated", "--config", "x"], "argument --config: not allowed with argument --isolated"),
        (["explain", "gov11"], "no rule or term 'gov11'; the nearest rule is GOV101"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_one_line(command: Command, arguments: list[str], told: str) -> None:
    done = command(*arguments, status=2)
    assert done.stdout == ""
    assert done.stderr.startswith(f"phase12-lint: {told}")
    assert done.stderr.count("\n") == 1


def test_without_arguments_there_is_help(command: Command) -> None:
    done = command(status=2)
    assert done.stdout == ""
    assert done.stderr.startswith("usage: phase12-lint ")


def test_a_rule_goes_by_its_name(command: Command) -> None:
    assert command.concise("--select", "direct-plugin-run") == [WORKER]
    assert command.concise("--ignore", "direct-plugin-run,GOV004") == [BATCH]
    (command.folder / "setup.cfg").write_text("[phase12-lint]\nignore = direct-plugin-run\n")
    assert command.concise() == [BATCH]
    for word in ("direct-plugin-run", "gov101", "Direct-Plugin-Run"):
        assert command("explain", word, status=0).stdout.startswith("GOV101 direct-plugin-run")


def test_colour_is_asked_for(command: Command) -> None:
    coloured = "\x1b[1;31mGOV102\x1b[0m"
    assert command("check", "--color=always", NO_COLOR="1").stdout.startswith(coloured)
    assert command("check", FORCE_COLOR="1").stdout.startswith(coloured)
    for done in (
        command("check", "--color=never", FORCE_COLOR="1"),
        command("check", FORCE_COLOR="1", NO_COLOR="1"),
    ):
        assert "\x1b" not in done.stdout


def test_what_is_in_force_and_read_is_shown(command: Command) -> None:
    shown = command("check", "--show-settings", "--ignore=GOV4", status=0).stdout.splitlines()
    assert "plugin-bases = Plugin  # setup.cfg:2" in shown
    assert "choke-point = ToolRunner" in shown
    assert "ignore = GOV4" in shown
    files = command("check", "--show-files", at=command.folder / "app", status=0).stdout.splitlines()
    assert files == ["batch.py", "old.py", "plugins.py", "runner.py", "worker.py"]


def test_clean_removes_the_cache(command: Command) -> None:
    command("check")
    cache = command.folder / ".phase12_lint_cache"
    assert cache.is_dir()
    assert command("clean", at=command.folder / "app", status=0).stdout == f"{cache}: removed\n"
    assert not cache.exists()
    assert command("clean", status=0).stdout == f"{cache}: there is no cache\n"


def test_debug_shows_where(command: Command) -> None:
    assert command("check", "--debug", "nowhere", status=2).stderr.startswith("Traceback")


def test_json(command: Command) -> None:
    document = json.loads(command("check", "--format", "json").stdout)
    assert [finding["code"] for finding in document["findings"]] == ["GOV102", "GOV101"]
    assert document["findings"][1]["confidence"] == "certain"
    assert document["findings"][1]["trace"]
    assert document["findings"][1]["fingerprint"]
    assert document["summary"]["suppressed"] == 1
    assert document["summary"]["by_code"] == {"GOV101": 1, "GOV102": 1}


def test_several_reports_at_once(command: Command) -> None:
    done = command("check", "--format", "concise", "--format", "json=out.json", "--format", "text=out.txt")
    assert done.stdout.startswith(BATCH)
    assert json.loads((command.folder / "out.json").read_text())["summary"]["findings"] == 2
    assert (command.folder / "out.txt").read_text().count("(1 suppressed).\n") == 1
    assert {path.name for path in command.folder.iterdir() if path.is_file()} == {
        "out.json",
        "out.txt",
        "setup.cfg",
    }


def test_what_is_suppressed_can_be_shown(command: Command) -> None:
    done = command("check", "--show-suppressed", "--format", "concise")
    assert "app/old.py:2:5: GOV101 " in done.stdout
    assert "[suppressed: until it is gone]\n" in done.stdout


def test_statistics(command: Command) -> None:
    lines = command("check", "--statistics").stdout.splitlines()
    assert lines[-5:-3] == ["1  GOV101  direct-plugin-run", "1  GOV102  plugin-run-escapes"]


def test_verbose_says_what_was_read_and_how_long_it_took(command: Command) -> None:
    (command.folder / "pyproject.toml").write_text("[tool.phase12-lint]\n")
    told = command("check", "--verbose").stderr
    assert f"phase12-lint: root: {command.folder}\n" in told
    assert "phase12-lint: configuration: setup.cfg\n" in told
    assert "phase12-lint: configuration: setup.cfg wins over pyproject.toml\n" in told
    assert " s\n" in told


def test_a_bare_noqa_is_not_honoured_and_said(command: Command) -> None:
    (command.folder / "app" / "worker.py").write_text(FILES["app/worker.py"].rstrip() + "  # noqa\n")
    done = command("check", "--format", "concise")
    assert WORKER in done.stdout
    assert done.stderr.startswith("phase12-lint: ")
    assert "app/worker.py:5" in done.stderr
    assert command("check", "--quiet").stderr == ""


def test_explain(command: Command) -> None:
    told = command("explain", "GOV101", status=0).stdout
    assert told.startswith("GOV101 direct-plugin-run (§1)\n")
    for heading in ("What it does", "Why", "Example", "Use instead", "How to fix", "How to suppress"):
        assert f"\n{heading}:\n    " in told
    assert "# noqa: GOV101 " in told
    assert (
        "\nWhat it enforces, §1 of the Phase 12 governance, Execution Path Invariant:\n    All plugin "
        in told
    )
    assert "\n    choke point: The one class, function or module " in told


def test_explain_says_it_for_the_file_and_the_names_of_the_project(command: Command, tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").unlink(missing_ok=True)
    (tmp_path / "pyproject.toml").write_text('[tool.phase12-lint]\nchoke-point = ["Gate"]\n')
    told = command("explain", "GOV703", status=0).stdout
    assert '[tool.phase12-lint]` of `pyproject.toml`:\n\n        ignore = ["GOV703"]\n' in told
    assert "`# noqa` has no effect" in told
    assert "→ Gate → plugin.run()" in command("explain", "§1", status=0).stdout


@pytest.mark.parametrize("term", ["choke-point", "Choke point", "choke points", "inferred", "PROVED", "§"])
def test_explain_knows_the_terms_of_the_reports(command: Command, term: str) -> None:
    assert command("explain", term, status=0).stdout.count("\n") > 2


def test_rules(command: Command) -> None:
    text = command("rules", status=0).stdout.splitlines()
    rules = json.loads(command("rules", "--format", "json", status=0).stdout)["rules"]
    markdown = command("rules", "--format", "markdown", status=0).stdout.splitlines()
    codes = [rule["code"] for rule in rules]
    assert codes == sorted(codes)
    assert [line.split()[0] for line in text] == codes
    assert [line.split()[1] for line in markdown[2:]] == codes
    assert [rule["code"] for rule in rules if not rule["default"]] == [
        "GOV003",
        "GOV701",
        "GOV702",
        "GOV703",
        "GOV704",
    ]
