"""Plugins are found, and one that cannot be loaded harms no other."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reference_runtime.plugins.discovery import discover
from tests.runtime_server import Server, eventually

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
    near = faulty.analyze("perceptual-hash", options={"compare": hashed}).json()["result"]
    assert near == {"hash": hashed, "distance": 0}


def test_a_plugin_that_cannot_be_loaded_is_unavailable_with_its_reason(faulty: Server) -> None:
    for name, reason in (("broken", "a library is missing"), ("empty", "no class here has")):
        described = faulty.plugin(name)
        assert described["state"] == "UNAVAILABLE"
        assert reason in described["reason"]
        assert name in described["reason"]


def test_modules_of_one_name_in_two_folders_are_two_modules(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same.py").write_text(PLUGIN.format(cls="P", name=name, says=name))
    found = [discover(tmp_path / name, 1)[0][name] for name in ("one", "two")]
    assert [plugin.run({}) for plugin in found] == [{"says": "one"}, {"says": "two"}]


def test_a_name_that_is_taken_is_unavailable_under_the_file_s_name(tmp_path: Path) -> None:
    (tmp_path / "first.py").write_text(PLUGIN.format(cls="P", name="metadata", says="mine"))
    plugins, reasons = discover(tmp_path, 1)
    assert type(plugins["metadata"]).__module__ == "reference_runtime.plugins.metadata"
    assert "is taken" in reasons["first"]


def test_plugins_are_loaded_again_on_sighup_while_one_runs(tmp_path: Path) -> None:
    file = tmp_path / "plugins" / "late.py"
    server = Server(tmp_path, faulty=True)
    try:
        file.write_text(PLUGIN.format(cls="Late", name="late", says="first"))
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(server.analyze, "faulty", options={"sleep": 1})
            assert eventually(lambda: server.plugin("faulty")["state"] == "RUNNING", 5)
            server.process.send_signal(signal.SIGHUP)
            assert eventually(lambda: server.analyze("late").status_code == 200, 5)
            file.write_text(PLUGIN.format(cls="Late", name="late", says="second and longer"))
            server.process.send_signal(signal.SIGHUP)
            assert eventually(
                lambda: server.analyze("late").json()["result"] == {"says": "second and longer"}, 5
            )
            assert running.result().status_code == 200
        assert server.counts("faulty") == (1, 0)
    finally:
        assert server.stop() == 0
