"""The part that is done file by file, in any executor: a Dask client's on a local cluster of two processes."""

from __future__ import annotations

import warnings
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from phase12_lint.engine import Outcome, Request, run
from phase12_lint.policy import Policy

CODE = "class Plugin:\n    def run(self): ...\n\n\ndef work(plugin: Plugin):\n    return plugin.run()\n"


def outcome(root: Path, executor: Executor | None) -> Outcome:
    found = run(Request(root, (Policy(),), cache=False, executor=executor))
    return found._replace(timings=())


def test_findings_are_the_same_in_any_executor(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(CODE)
    for number in range(200):
        (tmp_path / f"other{number}.py").write_text("x = (\n" if number % 50 == 0 else "x = 1\n")
    expected = outcome(tmp_path, None)
    assert [each.code for each in expected.findings].count("GOV001") == 4
    with ThreadPoolExecutor(2) as threads:
        assert outcome(tmp_path, threads) == expected
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from distributed import Client, LocalCluster

        cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)  # type: ignore[no-untyped-call]
        with cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]
            assert outcome(tmp_path, client.get_executor()) == expected
