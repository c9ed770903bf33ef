"""Files that are no Python, or hardly, cost themselves alone, in every format of the report."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from phase12_lint.reports import format_names
from tests.forked import command

BASE = b"class Plugin:\n    def run(self, image): ...\n"
WORK = b"from base import Plugin\n\n\ndef go(tool: Plugin, image):\n    return tool.run(image)\n"
HOSTILE = {
    "null.py": b"x = '\0'\n",
    "bom.py": b"\xef\xbb\xbf" + WORK,
    "bom_and_cookie.py": b"\xef\xbb\xbf# coding: latin-1\n" + WORK,
    "unknown_codec.py": b"# coding: no-such\n" + WORK,
    "running_codec.py": b"# coding: rot13\n" + WORK,
    "utf7.py": b"# coding: utf-7\n+AGEAYgBj\n",
    "utf16.py": WORK.decode().encode("utf-16"),
    "latin.py": b"# caf\xe9\n" + WORK,
    "crlf.py": WORK.replace(b"\n", b"\r\n"),
    "cr.py": WORK.replace(b"\n", b"\r"),
    "form_feed.py": b"\f\n" + WORK.replace(b"    ", b"\f    "),
    "surrogate.py": b"x = '\xed\xa0\x80'\n",
    "escape.py": b"x = '\\ud800'\n" + WORK,
    "brackets.py": b"x = " + b"(" * 10_000 + b")" * 10_000,
    "backslash.py": b"x = 1\\",
    "long_line.py": b"x = [" + b"1," * 300_000 + b"]\n",
    "long_name.py": b"a" * 200_000 + b" = 1\n",
    "comments.py": b"# noqa: GOV101\n" * 200,
    "odd_name.py": "𝐫𝐮𝐧 = 1\nﬁ = 2\n".encode(),
    "html.py": b"def f(plugin):\n    plugin.run('<script>alert(1)</script>')  # ::error::x\n",
    "::error file=x::.py": b"def f(plugin):\n    plugin.run('%0A')\n",
    "<b>&'.py": b"def f(plugin):\n    plugin.run(']]>')\n",
    "new\nline.py": b"def f(plugin):\n    plugin.run('x')\n",
    "empty.py": b"",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for name, data in {"setup.cfg": b"", "base.py": BASE, "work.py": WORK, **HOSTILE}.items():
        (folder / name).write_bytes(data)
    (folder / os.fsdecode(b"caf\xe9.py")).write_bytes(WORK)
    (folder / "loop").mkdir()
    (folder / "loop" / "again").symlink_to(folder / "loop", target_is_directory=True)
    (folder / "to_itself.py").symlink_to("to_itself.py")
    (folder / "dangling.py").symlink_to("nowhere.py")
    (folder / "folder.py").mkdir()
    os.mkfifo(folder / "fifo.py")
    return folder


def test_hostile_files_cost_themselves_alone(folder: Path, tmp_path: Path) -> None:
    outputs = [word for name in format_names() for word in ("--format", f"{name}={tmp_path / name}")]
    done = command(folder, ["check", "--no-cache", *outputs])
    assert (done.returncode, "internal error" in done.stderr) == (1, False), done.stderr
    told = {name: (tmp_path / name).read_text() for name in format_names()}
    assert all("work.py" in text for text in told.values())
    assert "<script>alert(1)" not in told["html"]
    assert not any(line.startswith("::error::x") for line in told["github"].splitlines())
    assert ElementTree.fromstring(told["junit"]) is not None
    assert json.loads(told["json"])["findings"]
