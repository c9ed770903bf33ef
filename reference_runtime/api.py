"""The routes (seed, section 6): structured success, or the error object with status 400; never a raw exception."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pydantic
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic_core import from_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from reference_runtime import schemas
from reference_runtime.errors import Envelope, ExecutionError, ValidationError, build_error_envelope
from reference_runtime.metrics import exposition
from reference_runtime.registry import PluginRegistry
from reference_runtime.services.analysis import AnalysisService

MOST_BODY = 24 << 20
_DRAINED = 8 * MOST_BODY
_PAGE = Path(__file__).with_name("index.html")
_FAILURE: dict[int | str, dict[str, Any]] = {400: {"model": schemas.ErrorResponse}}
_REFUSAL: dict[int | str, dict[str, Any]] = {"4XX": {"model": schemas.ErrorResponse}}
_CONTENT = {"application/json": {"schema": schemas.AnalyzeRequest.model_json_schema()}}
_BODY = {"requestBody": {"required": True, "content": _CONTENT}}


Unready = Callable[[], Coroutine[Any, Any, str]]
"""Why nothing can be served; empty if all can."""


class AsciiJSON(JSONResponse):
    """JSON in ASCII, so that any text can be answered; refuses NaN."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


class _PlainRoute(APIRoute):
    """A route of FastAPI's, as its OpenAPI page says, whose function parses and answers all by itself."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return self.endpoint


class Bodies:
    """Reads requests: each in ``seconds``, and all that are read at a time in at most ``most`` bytes."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._left = most

    async def read(self, request: Request) -> schemas.AnalyzeRequest:
        """What ``request`` asks for; raises ``ValidationError`` or ``ExecutionError``."""
        parts: list[bytes] = []
        try:
            await asyncio.wait_for(self._collect(request, parts), self._seconds)
        except asyncio.TimeoutError:
            raise ValidationError(f"the body did not arrive in {self._seconds:g} seconds") from None
        finally:
            self._left += sum(map(len, parts))
        return _parsed(b"".join(parts))

    async def _collect(self, request: Request, parts: list[bytes]) -> None:
        size = 0
        async for part in request.stream():
            size += len(part)
            if size <= MOST_BODY:
                if len(part) > self._left:
                    raise ExecutionError("too much is being sent; try again later")
                self._left -= len(part)
                parts.append(part)
            elif size > _DRAINED:
                break
        if size > MOST_BODY:
            raise ValidationError(f"the body has more than {MOST_BODY} bytes")


def _parsed(body: bytes) -> schemas.AnalyzeRequest:
    try:
        asked = schemas.AnalyzeRequest.model_validate(from_json(body, allow_inf_nan=False))
        json.dumps([asked.mime_type, asked.options], allow_nan=False)
        return asked
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        is_of_request = first["type"] != "extra_forbidden"  # else the name is the client's
        where = ".".join(map(str, first["loc"])) if is_of_request else ""
        raise ValidationError(f"{where or 'the body'}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise ValidationError(f"the body is not JSON: {error}") from None


def add_routes(
    app: FastAPI, analysis: AnalysisService, registry: PluginRegistry, bodies: Bodies, unready: Unready
) -> None:
    """Every route of the service."""
    _add_analysis(app, analysis, bodies)
    _add_jobs(app, analysis, bodies)
    _add_plugins(app, registry)

    @app.get("/healthz", response_model=dict[str, str])
    async def healthz() -> Response:
        """That the service answers."""
        return AsciiJSON({"status": "ok"})

    @app.get("/readyz", response_model=dict[str, str], responses={503: {"model": schemas.ErrorResponse}})
    async def readyz() -> Response:
        """Whether analyses and jobs can be served; 503 says why not."""
        reason = await unready()
        return (
            _failure(build_error_envelope(ExecutionError(reason), ""), 503)
            if reason
            else AsciiJSON({"status": "ok"})
        )

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page() -> str:
        return _PAGE.read_text(encoding="utf-8")


def _add_analysis(app: FastAPI, analysis: AnalysisService, bodies: Bodies) -> None:
    async def analyze(request: Request) -> Response:
        """Run a plugin on an image and wait for its result."""
        asked = await bodies.read(request)
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


def _add_jobs(app: FastAPI, analysis: AnalysisService, bodies: Bodies) -> None:
    state = schemas.JobState

    @app.post("/v1/jobs", status_code=202, response_model=state, responses=_FAILURE, openapi_extra=_BODY)
    async def submit(request: Request) -> Response:
        """Queue the same as a job."""
        asked = await bodies.read(request)
        job_id, error = await analysis.submit(asked.plugin, asked.payload())
        return _failure(error) if error else AsciiJSON({"id": job_id, "state": "PENDING"}, 202)

    @app.get("/v1/jobs/{job_id}", response_model=schemas.JobResponse, responses=_REFUSAL)
    async def job(job_id: str) -> Response:
        """The result of a job; 409 while it has none, 400 with the error object if it failed."""
        found = await analysis.job(job_id)
        if found is None:
            return _refusal("there is no such job", 404)
        if found.state in ("PENDING", "RUNNING"):
            return _refusal(f"the job is {found.state}", 409)
        if found.error:
            return _failure(found.error)
        return AsciiJSON(
            {"id": found.id, "state": found.state, "result": found.result, "plugin": found.plugin}
        )

    @app.post("/v1/jobs/{job_id}/cancel", response_model=state, responses=_REFUSAL)
    async def cancel(job_id: str) -> Response:
        """End a job as FAILED, unless it has ended already."""
        found = await analysis.cancel(job_id)
        if found is None:
            return _refusal("there is no such job", 404)
        return AsciiJSON({"id": found.id, "state": found.state})


def _add_plugins(app: FastAPI, registry: PluginRegistry) -> None:
    @app.get("/v1/plugins", response_model=list[schemas.PluginStatus])
    async def plugins() -> Response:
        """Every plugin with its state and metrics."""
        return AsciiJSON(await registry.describe())

    @app.get("/v1/plugins/{name}/health", response_model=schemas.Health, responses=_REFUSAL)
    async def health(name: str) -> Response:
        """Whether a plugin can be run."""
        for each in await registry.describe():
            if each["name"] == name:
                healthy = each["state"] not in ("FAILED", "UNAVAILABLE")
                return AsciiJSON(
                    {"name": name, "state": each["state"], "healthy": healthy, "reason": each["reason"]}
                )
        return _refusal("there is no such plugin", 404)

    @app.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """The metrics in Prometheus' text format."""
        return Response(exposition(await registry.describe()), media_type=CONTENT_TYPE_LATEST)


def _failure(envelope: Envelope, status_code: int = 400) -> Response:
    return AsciiJSON({"detail": envelope["error"]}, status_code)


def _refusal(message: str, status_code: int) -> Response:
    return _failure(build_error_envelope(ValidationError(message), ""), status_code)


async def _answer_failure(request: Request, exc: Exception) -> Response:
    return _failure(build_error_envelope(exc, ""))


async def _answer_no_route(request: Request, exc: Exception) -> Response:
    status_code = exc.status_code if isinstance(exc, HTTPException) else 400
    return _refusal(
        "there is nothing here" if status_code == 404 else "this method is not served here", status_code
    )


_FAILING = (ValidationError, ExecutionError, RequestValidationError, ClientDisconnect, Exception)
FAILURES: dict[Any, Any] = {404: _answer_no_route, 405: _answer_no_route} | dict.fromkeys(
    _FAILING, _answer_failure
)
"""What may be raised, each answered with the error object."""
