"""Plugins are found, and one that cannot be loaded harms no other."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.runtime_server import Server, eventually, png

PLUGIN = """
class {cls}:
    name = "{name}"

    def run(self, payload):
        return {{"says": "{says}"}}
"""


def test_the_shipped_plugins_do_real_work(faulty: Server) -> None:
    described = faulty.analyze("metadata").json()["result"]
    assert (described["format"], described["width"], described["height"]) == ("PNG", 64, 48)
    colours = faulty.analyze("statistics").json()["result"]
    assert colours["mean"] == [255.0, 0.0, 0.0]
    assert colours["colours"] == [{"colour": "#ff0000", "share": 1.0}]
    hashed = faulty.analyze("perceptual-hash").json()["result"]["hash"]
    assert len(hashed) == 16
    assert faulty.analyze("perceptual-hash", image=png(640, 480)).json()["result"]["hash"] == hashed
    for wrong in (0, 257, "five"):
        assert faulty.analyze("statistics", options={"colours": wrong}).status_code == 400


def test_a_plugin_that_cannot_be_loaded_is_unavailable_with_its_reason(faulty: Server) -> None:
    for name, reason in (("broken.py", "a library is missing"), ("empty.py", "no class here has")):
        described = faulty.plugin(name)
        assert described["state"] == "UNAVAILABLE"
        assert reason in described["reason"]
        assert name in described["reason"]


AT_IMPORT = {
    "exits.py": "import os; os._exit(0)",
    "segfaults.py": "import ctypes; ctypes.string_at(0)",
    "hangs.py": "while True: pass",
    "system_exit.py": "raise SystemExit('enough')",
    "stops.py": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "unprintable.py": "class E(Exception):\n    def __str__(self): raise RuntimeError\nraise E",
    "odd_name.py": "class P:\n    name = []\n    def run(self, p): return {}",
    "surrogate.py": "class P:\n    name = '\\ud800'\n    def run(self, p): return {}",
    "long_name.py": "class P:\n    name = 'x' * 101\n    def run(self, p): return {}",
    "not_made.py": "class P:\n    name = 'p'\n    def __init__(self): 1 / 0\n    def run(self, p): return {}",
    "patches.py": "import json; json.dumps = json.loads = lambda *a, **k: '{}'",
    "syntax.py": "def",
    "metadata.py": "raise ImportError('not the one that is shipped')",
    "odd name\n.py": "raise ImportError('odd')",
}
GOOD = PLUGIN.format(cls="Good", name="good", says="good")


def test_what_a_module_does_at_import_harms_no_other_plugin_at_the_start_or_on_sighup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "site" / "odd-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[phase12.plugins]\nodd\x1b.py = no module, no class\n")
    monkeypatch.setenv("PYTHONPATH", str(installed.parent), prepend=os.pathsep)
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "good.py").write_text(GOOD)
    for name, text in AT_IMPORT.items():
        (folder / name).write_text(text)
    for name in ("_private.py", ".hidden.py", "conftest.py", "test_good.py", "good_test.py"):
        (folder / name).write_text("raise SystemExit")
    server = Server(tmp_path, "--time-limit", "1")
    try:
        for again in (False, True):
            if again:
                server.load_again()
            names = {each["name"]: each for each in server.http.get("/v1/plugins").json()}
            assert names.keys() == {
                *("good", "metadata", "statistics", "perceptual-hash"),
                *(name.replace(" ", "_").replace("\n", "_") for name in AT_IMPORT),
                "odd_.py",  # a malformed entry point
            }
            assert {each["state"] for name, each in names.items() if name.endswith(".py")} == {"UNAVAILABLE"}
            assert all(
                "load the plugins again" in each["reason"] for name, each in names.items() if "." in name
            )
            assert server.analyze("good").json()["result"] == {"says": "good"}
            assert server.analyze("metadata").status_code == 200
            refused = server.analyze("hangs.py").json()["detail"]
            assert "ran longer" in refused["message"]
            assert server.plugin("hangs.py")["state"] == "UNAVAILABLE"  # though it was called
        assert eventually(lambda: server.holdings()[1] == 0, 5)
    finally:
        assert server.stop() == 0


def test_a_file_may_be_named_as_an_installed_module_and_use_its_neighbours(faulty: Server) -> None:
    files = {
        "_helper": "SAYS = 'helped'\n",
        "json": "from ._helper import SAYS\n"
        "class P:\n    name = 'json'\n    def run(self, p): return {'says': SAYS}\n",
        "taken": PLUGIN.format(cls="P", name="metadata", says="mine"),
    }
    with faulty.added(**files):
        assert faulty.analyze("json").json()["result"] == {"says": "helped"}
        assert faulty.analyze("metadata").json()["result"]["format"] == "PNG"
        assert "taken by another" in faulty.plugin("taken.py")["reason"]


def test_loading_again_and_again_keeps_nothing(faulty: Server) -> None:
    def memory() -> int:
        return int(Path(f"/proc/{faulty.process.pid}/statm").read_text().split()[1]) * 4096

    def load_again() -> None:
        assert faulty.analyze("good").status_code == 200
        faulty.load_again()

    with faulty.added(large=GOOD + f"\nDATA = {'x' * 5_000_000!r}\n"):
        load_again()
        before, held = memory(), faulty.holdings()
        for _ in range(5):
            load_again()
        assert memory() - before < 8 << 20
        assert eventually(lambda: faulty.holdings() <= held, 5)


def test_plugins_are_loaded_again_on_sighup_while_one_runs(faulty: Server) -> None:
    before = faulty.counts("faulty")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(faulty.analyze, "faulty", options={"sleep": 1.5})
        assert eventually(lambda: faulty.plugin("faulty")["state"] == "RUNNING", 5)
        with faulty.added(late=PLUGIN.format(cls="Late", name="late", says="first")) as folder:
            assert faulty.analyze("late").json()["result"] == {"says": "first"}
            (folder / "late.py").write_text(PLUGIN.format(cls="Late", name="late", says="second and longer"))
            faulty.load_again()
            assert faulty.analyze("late").json()["result"] == {"says": "second and longer"}
            assert running.result().status_code == 200
    assert faulty.counts("faulty") == (before[0] + 1, before[1])
    assert faulty.analyze("late").status_code == 400
