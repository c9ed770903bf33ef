"""What pages show of a terminal, run: each output is what the command prints today.

A page with a comment ``<!-- session: FOLDER ... -->`` is a session in a folder of its own. First it holds a copy of
each FOLDER of the repository (``FOLDER/``: of what is in it). Then, from top to bottom, a path in backticks on a line
of its own with a fenced block below it is a file that is written, and a block of the language ``console`` is run: lines
after ``$ `` are commands, all others what they print. Where a command fails, `` # exit N`` stands behind it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.forked import command

ROOT = Path(__file__).parents[1]
SESSION = re.compile(r"^<!-- session:(.*?)-->$", re.MULTILINE)
STEP = re.compile(
    r"^`(?P<path>[^`\n]+)`\n```\w*\n(?P<text>.*?)^```$|^```console\n(?P<console>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
SAME_EVERYWHERE = {
    "CI": "",
    "COLUMNS": "110",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    **{f"GIT_{who}_{what}": said for who in ("AUTHOR", "COMMITTER") for what, said in (
        ("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "2026-11-02T10:00:00Z"))},
}  # fmt: skip


def pages() -> list[Path]:
    """The pages that are sessions."""
    return [
        page
        for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
        if SESSION.search(page.read_text(encoding="utf-8"))
    ]


def acted(page: Path) -> str:
    """The text of ``page`` with the outputs of today."""
    text = page.read_text(encoding="utf-8")
    parts: list[str] = []
    end = 0
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "project")
        folder.mkdir()
        for name in " ".join(SESSION.findall(text)).split():
            ignored = shutil.ignore_patterns("__pycache__", ".*")
            into = folder if name.endswith("/") else folder / name
            shutil.copytree(ROOT / name, into, ignore=ignored, dirs_exist_ok=True)
        for step in STEP.finditer(text):
            if step["console"] is None:
                written = folder / step["path"]
                written.parent.mkdir(parents=True, exist_ok=True)
                written.write_text(step["text"], encoding="utf-8")
            else:
                parts += [text[end : step.start("console")], *_told(step["console"], folder)]
                end = step.end("console")
    return "".join([*parts, text[end:]])


def _told(console: str, folder: Path) -> Iterator[str]:
    for line in re.findall(r"^\$ (.*)$", console, re.MULTILINE):
        words = re.sub(r" +# exit \d+$", "", line)
        status, output = _run(words, folder)
        yield f"$ {words}{f'  # exit {status}' if status else ''}\n"
        output = output.replace(str(folder), "/project")
        yield "".join(f"{each.rstrip()}\n" for each in output.splitlines())


def _run(words: str, folder: Path) -> tuple[int, str]:
    """The command itself is run in a process that is there already; what a shell is needed for, in a shell."""
    environment = {name: text for name, text in os.environ.items() if name != "FORCE_COLOR"} | SAME_EVERYWHERE
    ours = re.fullmatch(r"(?:cd (?P<folder>\S+) && )?phase12-lint (?P<arguments>[^|<>&;'\"$*]*)", words)
    if ours:
        done = command(folder / (ours["folder"] or ""), ours["arguments"].split(), environment)
        return done.returncode, done.stdout + done.stderr
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    shell = subprocess.run(
        ["bash", "-c", words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return shell.returncode, shell.stdout
