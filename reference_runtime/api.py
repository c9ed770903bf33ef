"""The routes (seed, section 6): structured success, or the error object with status 400; never a raw exception."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pydantic
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from reference_runtime import schemas
from reference_runtime.errors import Envelope, ExecutionError, ValidationError, build_error_envelope
from reference_runtime.registry import PluginRegistry
from reference_runtime.services.analysis import AnalysisService

MOST_BODY = 24 << 20
_ENCODE = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


class AsciiJSON(JSONResponse):
    """JSON in ASCII, so that any text can be answered; refuses NaN."""

    def render(self, content: Any) -> bytes:
        return _ENCODE(content).encode("ascii")


class Bodies:
    """The bodies of the requests that are being sent or answered: ``most`` bytes together."""

    def __init__(self, most: int) -> None:
        self._left = most

    @asynccontextmanager
    async def read(
        self, request: Request, schema: type[schemas.JobRequest]
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Name of a plugin and its payload; raises ``ValidationError`` or ``ExecutionError``."""
        body = bytearray()
        try:
            async for part in request.stream():
                if (
                    len(body) <= MOST_BODY
                ):  # the rest is read, so that the client reads the answer, but not kept
                    body += part
                    self._left -= len(part)
                if self._left < 0:
                    raise ExecutionError("too much is being sent; try again later")
            if len(body) > MOST_BODY:
                raise ValidationError(f"the body has more than {MOST_BODY} bytes")
            yield _parsed(bytes(body), schema)
        finally:
            self._left += len(body)


def _parsed(body: bytes, schema: type[schemas.JobRequest]) -> tuple[str, dict[str, Any]]:
    try:
        payload = vars(schema.model_validate_json(body))
        _ENCODE(payload["options"])  # 1e999 is infinite, too
        return payload.pop("plugin"), payload
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = first["loc"][0] if first["loc"] and first["type"] != "extra_forbidden" else "the body"
        raise ValidationError(f"{where}: {first['msg']}") from None
    except ValueError:
        raise ValidationError("options: a number is infinite or not a number") from None


def add_routes(
    app: FastAPI,
    analysis: AnalysisService,
    registry: PluginRegistry,
    bodies: Bodies,
    unready: Callable[[], Awaitable[str]],
) -> None:
    """Every route of the service. ``unready`` says why nothing can be served, if it cannot."""
    app.router.responses = {"4XX": {"model": schemas.Failure}}
    body = {"requestBody": schemas.BODY}

    @app.post("/v1/analyze", response_model=schemas.Analysis, openapi_extra=body)
    async def analyze(request: Request) -> Response:
        """Run a plugin on an image and wait for its result."""
        async with bodies.read(request, schemas.AnalyzeRequest) as (plugin, payload):
            result, error = await analysis.analyze(plugin, payload)
        return _failure(error) if error else AsciiJSON({"result": result, "plugin": plugin})

    @app.post("/v1/jobs", status_code=202, response_model=schemas.Accepted, openapi_extra=body)
    async def submit(request: Request) -> Response:
        """Queue the same as a job."""
        async with bodies.read(request, schemas.JobRequest) as (plugin, payload):
            job_id, error = await analysis.submit(plugin, payload)
        return _failure(error) if error else AsciiJSON({"id": job_id, "state": "PENDING"}, 202)

    @app.get("/v1/jobs/{job_id}", response_model=schemas.JobDone)
    async def job(request: Request, job_id: str) -> Response:
        """The result of a job; 409 while it has none, 400 with the error object if it failed."""
        found = await analysis.job(job_id)
        if found is None:
            return refusal("there is no such job", 404)
        if found["state"] in ("PENDING", "RUNNING"):
            return refusal(f"the job is {found['state']}", 409)
        done = {key: found[key] for key in ("id", "state", "result", "plugin")}
        return _failure(found["error"]) if found["error"] else AsciiJSON(done)

    @app.post("/v1/jobs/{job_id}/cancel", response_model=schemas.Accepted)
    async def cancel(request: Request, job_id: str) -> Response:
        """End a job as FAILED, unless it has ended already."""
        found = await analysis.cancel(job_id)
        if found is None:
            return refusal("there is no such job", 404)
        return AsciiJSON({"id": job_id, "state": found["state"]})

    @app.get("/healthz", response_model=dict[str, str])
    async def healthz(request: Request) -> Response:
        """That the service answers."""
        return AsciiJSON({"status": "ok"})

    @app.get("/readyz", response_model=dict[str, str], responses={503: {"model": schemas.Failure}})
    async def readyz(request: Request) -> Response:
        """Whether analyses and jobs can be served; 503 says why not."""
        reason = await unready()
        return refusal(reason, 503) if reason else AsciiJSON({"status": "ok"})

    @app.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        return FileResponse(Path(__file__).with_name("index.html"))

    _add_plugins(app, registry)


def _add_plugins(app: FastAPI, registry: PluginRegistry) -> None:
    @app.get("/v1/plugins", response_model=list[schemas.PluginStatus])
    async def plugins(request: Request) -> Response:
        """Every plugin with its state and metrics."""
        return AsciiJSON(await registry.describe())

    @app.get("/v1/plugins/{name}/health", response_model=schemas.PluginStatus)
    async def health(request: Request, name: str) -> Response:
        """Whether a plugin can be run, and if not why."""
        found = [each for each in await registry.describe() if each["name"] == name]
        return AsciiJSON(found[0]) if found else refusal("there is no such plugin", 404)

    @app.get("/metrics", response_class=Response)
    async def metrics(request: Request) -> Response:
        """The metrics in Prometheus' text format."""
        return Response(await registry.exposition(), media_type=CONTENT_TYPE_LATEST)


def _failure(envelope: Envelope, status_code: int = 400) -> Response:
    return AsciiJSON({"detail": envelope["error"]}, status_code)


def refusal(message: str, status_code: int) -> Response:
    """The answer to what is no failure of a plugin."""
    return _failure(build_error_envelope(ValidationError(message), ""), status_code)


async def _answer(request: Request, exc: Exception) -> Response:
    if isinstance(exc, HTTPException):
        answer = refusal("there is nothing here that is called so", exc.status_code)
        answer.headers.update(exc.headers or {})
        return answer
    return _failure(build_error_envelope(exc, ""))


_RAISED = (HTTPException, ValidationError, ExecutionError, ClientDisconnect, Exception)
FAILURES: dict[Any, Any] = dict.fromkeys(_RAISED, _answer)  # what may be raised
