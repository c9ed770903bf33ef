"""The API's contract, beside what the faults show."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.runtime_server import Server


def test_a_result_stands_beside_its_plugin_and_nothing_else(faulty: Server) -> None:
    answer = faulty.analyze("metadata")
    assert answer.status_code == 200
    assert answer.json() == {
        "result": {
            "format": "PNG",
            "width": 64,
            "height": 48,
            "mode": "RGB",
            "frames": 1,
            "bytes": 136,
            "exif": {},
        },
        "plugin": "metadata",
    }


def test_an_error_keeps_its_traceback_to_the_log(faulty: Server) -> None:
    answer = faulty.analyze("faulty", options={"fault": "raises"})
    assert "_internal" not in answer.text
    assert "faults.py" not in answer.text
    assert "faults.py" in (faulty.data / "log").read_text()


def test_the_openapi_page_names_no_422_and_every_route_has_a_schema(faulty: Server) -> None:
    paths = faulty.http.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        *("/v1/analyze", "/v1/jobs", "/v1/jobs/{job_id}", "/v1/jobs/{job_id}/cancel"),
        *("/v1/plugins", "/v1/plugins/{name}/health", "/healthz", "/metrics"),
    }
    operations = [operation for methods in paths.values() for operation in methods.values()]
    assert not any("422" in operation["responses"] for operation in operations)


def test_schemathesis_finds_nothing_against_the_openapi_page(faulty: Server, tmp_path: Path) -> None:
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    done = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("schemathesis")), "run"),
            f"http://127.0.0.1:{faulty.port}/openapi.json",
            *("--checks", f"{checks},unsupported_method,negative_data_rejection"),
            *("--max-examples", "40", "--seed", "12", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_metrics_are_those_of_the_registry(faulty: Server) -> None:
    faulty.analyze("statistics")
    successes, errors = faulty.counts("statistics")
    text = faulty.http.get("/metrics").text
    assert f'plugin_runs_total{{outcome="success",plugin="statistics"}} {float(successes)}' in text
    assert f'plugin_runs_total{{outcome="error",plugin="statistics"}} {float(errors)}' in text
    assert 'plugin_state{plugin="statistics",state="INITIALIZED"} 1.0' in text
