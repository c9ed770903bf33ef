"""The routes (seed, section 6): structured success, or the error object with status 400; never a raw exception."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pydantic
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import from_json
from starlette.requests import ClientDisconnect

from reference_runtime import schemas
from reference_runtime.errors import Envelope, ValidationError, build_error_envelope
from reference_runtime.metrics import collector_of
from reference_runtime.registry import PluginRegistry
from reference_runtime.services.analysis import AnalysisService

_PAGE = Path(__file__).with_name("index.html")
_DRAINED = 8
_FAILURE: dict[int | str, dict[str, Any]] = {400: {"model": schemas.ErrorResponse}}
_REFUSAL: dict[int | str, dict[str, Any]] = {"4XX": {"model": schemas.ErrorResponse}}
_CONTENT = {"application/json": {"schema": schemas.AnalyzeRequest.model_json_schema()}}
_BODY = {"requestBody": {"required": True, "content": _CONTENT}}


class AsciiJSON(JSONResponse):
    """JSON in ASCII, so that any text can be answered; refuses NaN."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


class _PlainRoute(APIRoute):
    """A route of FastAPI's, as its OpenAPI page says, whose function parses and answers all by itself."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return self.endpoint


async def read_request(request: Request, most_body: int) -> schemas.AnalyzeRequest:
    """The body of ``request``, of at most ``most_body`` bytes; raises ``ValidationError`` for any other."""
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= most_body:
            parts.append(part)
        elif size > most_body * _DRAINED:
            break
    if size > most_body:
        raise ValidationError(f"the body has more than {most_body} bytes")
    try:
        asked = schemas.AnalyzeRequest.model_validate(from_json(b"".join(parts), allow_inf_nan=False))
        json.dumps(asked.options, allow_nan=False)
        return asked
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise ValidationError(f"{where}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise ValidationError(f"the body is not JSON: {error}") from None


def add_routes(app: FastAPI, analysis: AnalysisService, registry: PluginRegistry, most_body: int) -> None:
    """Every route of the service."""
    _add_analysis(app, analysis, most_body)
    _add_jobs(app, analysis, most_body)
    _add_plugins(app, registry)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """That the service answers."""
        return {"status": "ok"}

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page() -> str:
        return _PAGE.read_text(encoding="utf-8")


def _add_analysis(app: FastAPI, analysis: AnalysisService, most_body: int) -> None:
    async def analyze(request: Request) -> Response:
        """Run a plugin on an image and wait for its result."""
        asked = await read_request(request, most_body)
        result, error = await analysis.analyze(asked.plugin, asked.payload())
        return _failure(error) if error else AsciiJSON({"result": result, "plugin": asked.plugin})

    app.router.add_api_route(
        "/v1/analyze",
        analyze,
        methods=["POST"],
        response_model=schemas.AnalyzeResponse,
        responses=_FAILURE,
        openapi_extra=_BODY,
        route_class_override=_PlainRoute,
    )


def _add_jobs(app: FastAPI, analysis: AnalysisService, most_body: int) -> None:
    accepted = schemas.JobAccepted

    @app.post("/v1/jobs", status_code=202, response_model=accepted, responses=_FAILURE, openapi_extra=_BODY)
    async def submit(request: Request) -> Response:
        """Queue the same as a job."""
        asked = await read_request(request, most_body)
        job_id = analysis.submit(asked.plugin, asked.payload())
        return AsciiJSON({"id": job_id, "state": "PENDING"}, 202)

    @app.get("/v1/jobs/{job_id}", response_model=schemas.JobResponse, responses=_REFUSAL)
    async def job(job_id: str) -> Response:
        """The result of a job; 409 while it has none, 400 with the error object if it failed."""
        found = analysis.job(job_id)
        if found is None:
            return _refusal("there is no such job", 404)
        if not found.ended:
            return _refusal(f"the job is {found.state}", 409)
        if found.error:
            return _failure(found.error)
        return AsciiJSON(
            {"id": found.id, "state": found.state, "result": found.result, "plugin": found.plugin}
        )

    @app.post("/v1/jobs/{job_id}/cancel", response_model=accepted, responses=_REFUSAL)
    async def cancel(job_id: str) -> Response:
        """End a job as FAILED, unless it has ended already."""
        found = analysis.cancel(job_id)
        if found is None:
            return _refusal("there is no such job", 404)
        return AsciiJSON({"id": found.id, "state": found.state})


def _add_plugins(app: FastAPI, registry: PluginRegistry) -> None:
    collectors = collector_of(registry)

    @app.get("/v1/plugins", response_model=list[schemas.PluginStatus])
    async def plugins() -> Response:
        """Every plugin with its state and metrics."""
        return AsciiJSON(registry.describe())

    @app.get("/v1/plugins/{name}/health", response_model=schemas.Health, responses=_REFUSAL)
    async def health(name: str) -> Response:
        """Whether a plugin can be run."""
        for each in registry.describe():
            if each["name"] == name:
                state = each["state"]
                healthy = state not in ("FAILED", "UNAVAILABLE")
                return AsciiJSON({"name": name, "state": state, "healthy": healthy, "reason": each["reason"]})
        return _refusal("there is no such plugin", 404)

    @app.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """The metrics in Prometheus' text format."""
        return Response(generate_latest(collectors), media_type=CONTENT_TYPE_LATEST)


def _failure(envelope: Envelope, status_code: int = 400) -> Response:
    return AsciiJSON({"detail": envelope["error"]}, status_code)


def _refusal(message: str, status_code: int) -> Response:
    return _failure(build_error_envelope(ValidationError(message), ""), status_code)


async def _answer_failure(request: Request, exc: Exception) -> Response:
    return _failure(build_error_envelope(exc, ""))


FAILURES: dict[Any, Any] = dict.fromkeys(
    (ValidationError, RequestValidationError, ClientDisconnect, Exception), _answer_failure
)
"""What may be raised, each answered with the error object and status 400."""
