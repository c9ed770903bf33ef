"""The routes (seed, section 6): structured success, or the error object with status 400; never a raw exception."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pydantic
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue, create_model
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from reference_runtime.errors import (
    PLUGIN_NAME,
    Envelope,
    ExecutionError,
    NotFound,
    ValidationError,
    build_error_envelope,
)
from reference_runtime.registry import PluginRegistry
from reference_runtime.services.analysis import AnalysisService

MOST_BODY = 24 << 20
_PAGE = Path(__file__).with_name("index.html")
_ENCODE = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


class JobRequest(BaseModel):
    """One image for one plugin; ``image`` is base64."""

    model_config = ConfigDict(strict=True, extra="forbid")
    plugin: str = Field(pattern=f"^{PLUGIN_NAME.pattern}$")
    image: str
    mime_type: str
    options: dict[str, Any] = Field(default_factory=dict)


# For this one, what is missing or of another type is for the choke point to refuse, and to count.
_LAX: dict[str, Any] = {"image": (Any, None), "mime_type": (Any, None), "options": (Any, {})}
AnalyzeRequest = create_model("AnalyzeRequest", __base__=JobRequest, **_LAX)

_Object = (dict[str, JsonValue], ...)
_Kind: Any = Literal["ValidationError", "PluginError", "ExecutionError"]
_JobState: Any = Literal["PENDING", "RUNNING", "SUCCESS", "FAILED"]
_PluginState: Any = Literal["LOADED", "INITIALIZED", "RUNNING", "FAILED", "UNAVAILABLE"]
_TEXT: Any = (str, ...)
_STATUS: dict[str, Any] = {"name": _TEXT, "state": (_PluginState, ...), "reason": (str | None, ...)}
_STATUS |= dict.fromkeys(("success_count", "error_count"), (int, ...))
_STATUS |= dict.fromkeys(("last_execution_time_ms", "avg_execution_time_ms", "last_used"), (float | None, ...))
_ERROR: dict[str, Any] = dict.fromkeys(("message", "plugin", "timestamp"), _TEXT)
_ERROR |= {"type": (_Kind, ...), "details": _Object}
PluginStatus: Any = create_model("PluginStatus", **_STATUS)
Analysis = create_model("Analysis", result=_Object, plugin=_TEXT)
Accepted = create_model("Accepted", id=_TEXT, state=(_JobState, ...))
JobDone = create_model("JobDone", __base__=(Analysis, Accepted))
Failure = create_model("Failure", detail=(create_model("ErrorObject", **_ERROR), ...))
_BODY = {"content": {"application/json": {"schema": JobRequest.model_json_schema()}}, "required": True}


class AsciiJSON(JSONResponse):
    """JSON in ASCII, so that any text can be answered; refuses NaN."""

    def render(self, content: Any) -> bytes:
        return _ENCODE(content).encode("ascii")


def _parsed(body: bytes, schema: type[JobRequest]) -> tuple[str, dict[str, Any]]:
    if len(body) > MOST_BODY:
        raise ValidationError(f"the body has more than {MOST_BODY} bytes")
    try:
        payload = vars(schema.model_validate_json(body))
        _ENCODE(payload["options"])  # 1e999 is infinite, too
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValidationError(f"{'.'.join(map(str, first['loc']))[:100] or 'the body'}: {first['msg']}") from None
    except ValueError:
        raise ValidationError("options: a number is infinite or not a number") from None
    return payload.pop("plugin"), payload


def routes(analysis: AnalysisService, registry: PluginRegistry, names: set[str], most_bytes: int) -> APIRouter:
    """Every route, for who calls the service by one of ``names``; all bodies at hand have ``most_bytes`` together."""
    held: dict[Request, bytearray] = {}

    async def guard(request: Request) -> None:
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        if not {"*", re.sub(r":\d+$", "", host.lower())} & names:
            raise HTTPException(403, "this is no name of the service; see --allow-hosts")
        if request.method != "GET" and origin and origin.partition("://")[2] != host:
            raise HTTPException(403, "another site may not call")

    @asynccontextmanager
    async def read(request: Request, schema: type[JobRequest]) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Name of a plugin and its payload."""
        body = held[request] = bytearray()
        try:
            async for part in request.stream():  # to its end, so that the client reads the answer
                body += part[: MOST_BODY + 1 - len(body)]
                if sum(map(len, held.values())) > most_bytes:
                    raise ExecutionError("too much is being sent; try again later")
            yield _parsed(bytes(body), schema)
        finally:
            del held[request]

    failures: Any = {"4XX": {"model": Failure}}
    router = APIRouter(dependencies=[Depends(guard)], responses=failures, default_response_class=AsciiJSON)
    asks = {"requestBody": _BODY}

    @router.post("/v1/analyze", response_model=Analysis, openapi_extra=asks)
    async def analyze(request: Request) -> Response:
        """Run a plugin on an image and wait for its result."""
        async with read(request, AnalyzeRequest) as (plugin, payload):
            result, error = await analysis.analyze(plugin, payload)
        return failure(error) if error else AsciiJSON({"result": result, "plugin": plugin})

    @router.post("/v1/jobs", status_code=202, response_model=Accepted, openapi_extra=asks)
    async def submit(request: Request) -> Response:
        """Queue the same as a job."""
        async with read(request, JobRequest) as (plugin, payload):
            job_id = await analysis.submit(plugin, payload)
        return AsciiJSON({"id": job_id, "state": "PENDING"}, 202)

    @router.get("/v1/jobs/{job_id:uuid}", response_model=JobDone)
    async def job(job_id: UUID) -> Any:
        """The result of a job; 409 while it has none, 400 with the error object if it failed."""
        found = await analysis.job(job_id)
        if found["state"] in ("PENDING", "RUNNING"):
            raise HTTPException(409, f"the job is {found['state']}")
        return failure(found["error"]) if found["error"] else found

    @router.get("/healthz", response_model=dict[str, str])
    async def healthz() -> Any:
        """That the service answers."""
        return {"status": "ok"}

    router.post("/v1/jobs/{job_id:uuid}/cancel", response_model=Accepted)(analysis.cancel)
    router.get("/v1/plugins", response_model=list[PluginStatus])(registry.describe)
    router.get("/v1/plugins/{name}/health", response_model=PluginStatus)(registry.status)
    router.get("/metrics", response_class=PlainTextResponse)(registry.exposition)
    router.get("/", include_in_schema=False, response_class=FileResponse)(lambda: _PAGE)
    return router


def failure(envelope: Envelope, status: int = 400, headers: Mapping[str, str] | None = None) -> Response:
    """The error object, and nothing else of ``envelope``."""
    return AsciiJSON({"detail": envelope["error"]}, status, headers)


async def _answer(request: Request, exc: Exception) -> Response:
    if isinstance(exc, HTTPException):
        return failure(build_error_envelope(ValidationError(exc.detail), ""), exc.status_code, exc.headers)
    return failure(build_error_envelope(exc, ""), 404 if isinstance(exc, NotFound) else 400)


_RAISED = (HTTPException, ValidationError, ExecutionError, ClientDisconnect, Exception)
FAILURES: dict[Any, Any] = dict.fromkeys(_RAISED, _answer)  # what may be raised
