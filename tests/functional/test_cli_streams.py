"""The command and the world around it: terminals, pipes, full disks, interrupts, and how soon it starts."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "phase12_lint"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "app.py").write_text("def work(plugin):\n    return '\u65e5\u672c', plugin.run()\n", "utf-8")
    return tmp_path


def on_a_terminal(command: list[str], folder: Path, **environment: str) -> str:
    """What ``command`` writes to a terminal that is both its outputs."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | {"TERM": "xterm"} | environment, stdout=theirs, stderr=theirs
    ):
        os.close(theirs)
        written = b""
        try:
            while block := os.read(ours, 65536):
                written += block
        except OSError:  # how Linux says that the other side is closed
            pass
        os.close(ours)
    return written.decode()


def test_colour_only_on_a_terminal_that_wants_it(project: Path) -> None:
    check = [*COMMAND, "check"]
    assert "\x1b[1;31mGOV101\x1b[0m" in on_a_terminal(check, project)
    assert "\x1b[" not in on_a_terminal(check, project, NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal(check, project, TERM="dumb")
    piped = subprocess.run(check, cwd=project, capture_output=True, check=False)
    assert piped.returncode == 1
    assert b"\x1b[" not in piped.stdout


def test_progress_is_shown_when_it_takes_long_and_is_gone_at_the_end(tmp_path: Path) -> None:
    script = (
        "import time\nfrom phase12_lint.cli.progress import Progress\n"
        "with Progress() as progress:\n"
        "    progress('survey', 1, 3000)\n    time.sleep(1.05)\n    progress('survey', 2, 3000)\n"
    )
    told = on_a_terminal([sys.executable, "-c", script], tmp_path)
    assert told == "\r\x1b[Ksurvey 2/3,000\r\x1b[K"
    quiet = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert quiet.stderr == b""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_of_any_encoding(project: Path, encoding: str) -> None:
    done = subprocess.run(
        [*COMMAND, "check"],
        cwd=project,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    told = done.stdout.decode(encoding)
    assert ("\u65e5" in told) == (encoding == "utf-8")


def test_a_reader_that_goes_away_is_no_error(project: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "check"], cwd=project, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_full_disk_is_said(project: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "check"], cwd=project, stdout=full, stderr=subprocess.PIPE, check=False
        )
    told = b"phase12-lint: cannot write to standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, told)


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_streams_may_be_closed(project: Path, closed: str) -> None:
    check = f'"{sys.executable}" -m phase12_lint check --verbose {closed}'
    assert subprocess.run(check, cwd=project, shell=True, check=False).returncode == 1


def test_names_that_are_no_text(project: Path) -> None:
    name = os.fsdecode(b"\xff\n::error::x\x1b[31m.py")
    (project / name).write_text("def work(plugin):\n    plugin.run()\n")
    for form, shown in (
        ("concise", r"\xff\n::error::x\x1b[31m.py:2:5: GOV101"),
        ("json", r'"\\xff\n::error::x\u001b'),
    ):
        check = [*COMMAND, "check", "--format", form, name]
        done = subprocess.run(check, cwd=project, capture_output=True, encoding="utf-8", check=False)
        assert shown in done.stdout
        assert (done.returncode, done.stderr) == (1, "")


def test_a_report_replaces_a_file_whole_and_keeps_its_mode(project: Path) -> None:
    report = project / "report.json"
    report.write_text("old" * 10_000)
    report.chmod(0o600)
    (project / "link.json").symlink_to("report.json")
    subprocess.run([*COMMAND, "check", "--format", "json=link.json"], cwd=project, check=False)
    assert report.read_text().startswith("{")
    assert report.stat().st_mode & 0o777 == 0o600
    assert (project / "link.json").is_symlink()


def test_a_report_may_go_to_a_device(project: Path) -> None:
    check = [*COMMAND, "check", "--format", "json=/dev/stdout"]
    assert subprocess.run(check, cwd=project, capture_output=True, check=False).stdout.startswith(b"{")


def _used(process: subprocess.Popen[bytes]) -> float:
    """The seconds of a processor that ``process`` has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_an_interrupt_leaves_nothing_half_written(project: Path) -> None:
    for number in range(400):
        (project / f"module{number}.py").write_text("def work(plugin):\n    return plugin.run()\n" * 50)
    process = subprocess.Popen(
        [*COMMAND, "check", "--no-cache", "--format", "json=report.json"],
        cwd=project,
        stderr=subprocess.PIPE,
        preexec_fn=partial(
            signal.signal, signal.SIGINT, signal.SIG_DFL
        ),  # a shell's background job ignores it
    )
    while _used(process) < 0.8:  # before, Python may not have come to the program
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told == b"phase12-lint: interrupted\n"
    assert not [path.name for path in project.iterdir() if "report" in path.name]


def test_the_version_is_told_at_once() -> None:
    imported = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "from phase12_lint.cli import main; main(['--version'])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert imported.stdout.startswith("phase12-lint ")
    modules = {line.rpartition("|")[2].strip() for line in imported.stderr.splitlines()}
    assert not modules & {"argparse", "typing", "re", "libcst", "dataclasses", "inspect", "pathlib"}


ENDS = """
import atexit, sys
from phase12_lint.cli import {function}
atexit.register(print, "tidied up", file=sys.stderr)
sys.argv[1:] = ["check", "--no-cache", "--format", "json"]
sys.exit({function}())
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("function", "tidies"), [("command", False), ("main", True)])
def test_only_the_console_ends_without_tidying_up_and_loses_nothing(
    project: Path, function: str, tidies: bool
) -> None:
    (project / "many.py").write_text("def work(plugin):\n    return plugin.run()\n\n\n" * 2000)
    run = [sys.executable, "-c", ENDS.format(function=function)]
    piped = subprocess.run(run, cwd=project, capture_output=True, text=True, check=False)
    assert piped.returncode == 1
    assert len(json.loads(piped.stdout)["findings"]) >= 2000
    assert ("tidied up" in piped.stderr) is tidies
    with (project / "report").open("w") as file:
        assert (
            subprocess.run(run, cwd=project, stdout=file, stderr=subprocess.PIPE, check=False).returncode == 1
        )
    assert len(json.loads((project / "report").read_text())["findings"]) >= 2000


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["ch"], ["check"]),
        (["check", "--conf"], ["--config"]),
        (["baseline", "p"], ["prune"]),
        (["check", "--color", "al"], ["always"]),
        (["nonsense", "x"], []),
    ],
)
def test_a_shell_completes_the_command(typed: list[str], offered: list[str], tmp_path: Path) -> None:
    script = subprocess.run(
        [sys.executable, "-m", "phase12_lint", "--print-completion", "bash"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (tmp_path / "completion").write_text(script)
    asked = f"""
        source completion
        COMP_WORDS=(phase12-lint {" ".join(typed)}); COMP_CWORD={len(typed)}
        $(complete -p phase12-lint | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    shell = subprocess.run(["bash", "-c", asked], cwd=tmp_path, capture_output=True, text=True)
    assert shell.stdout.split() == offered
