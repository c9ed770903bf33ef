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
        "result": {"format": "PNG", "width": 64, "height": 48, "mode": "RGB", "exif": {}},
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
        *("/v1/plugins", "/v1/plugins/{name}/health", "/healthz", "/readyz", "/metrics"),
    }
    operations = [operation for methods in paths.values() for operation in methods.values()]
    assert not any("422" in operation["responses"] for operation in operations)


def test_every_reference_of_the_openapi_page_resolves_and_no_page_needs_a_network(faulty: Server) -> None:
    page = faulty.http.get("/openapi.json").json()

    def check(node: object) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                found: object = page
                for part in node["$ref"].removeprefix("#/").split("/"):
                    assert isinstance(found, dict)
                    found = found[part]
            for each in node.values():
                check(each)
        elif isinstance(node, list):
            for each in node:
                check(each)

    check(page)
    asked = page["paths"]["/v1/analyze"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert asked["required"] == ["plugin", "image", "mime_type"]
    for path in ("/docs", "/redoc"):
        assert faulty.http.get(path).status_code == 404
    assert "http://" not in faulty.http.get("/").text.replace("http://www.w3.org", "")
    assert "https://" not in faulty.http.get("/").text


def test_what_a_library_says_is_not_for_the_client(faulty: Server) -> None:
    answer = faulty.analyze("metadata", image=b"GIF89a" + b"x" * 50, mime_type="image/gif").json()["detail"]
    assert answer["message"] == "ValueError: this is no image of type image/gif that can be read"
    answer = faulty.analyze("faulty", options={"append": "/nowhere/at/all", "line": 1}).json()["detail"]
    assert answer["message"] == "FileNotFoundError: [Errno 2] No such file or directory: '…'"


def test_a_service_that_can_serve_says_so(faulty: Server) -> None:
    assert faulty.http.get("/readyz").json() == {"status": "ok"}


def test_schemathesis_finds_nothing_against_the_openapi_page(faulty: Server, tmp_path: Path) -> None:
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    done = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("schemathesis")), "run"),
            f"http://127.0.0.1:{faulty.port}/openapi.json",
            *("--checks", f"{checks},unsupported_method,negative_data_rejection"),
            *("--phases", "coverage,fuzzing", "--max-examples", "10", "--seed", "12", "--no-color"),
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
