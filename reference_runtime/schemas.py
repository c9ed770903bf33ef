"""What the API takes and gives, for parsing and for OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema

from reference_runtime.errors import PLUGIN_NAME

JobState = Literal["PENDING", "RUNNING", "SUCCESS", "FAILED"]
_NEEDED: dict[str, Any] = {"required": ["plugin", "image", "mime_type"]}


class AnalyzeRequest(BaseModel):
    """One image for one plugin; ``image`` is base64. What is not typed here is judged by the choke point."""

    model_config = ConfigDict(strict=True, extra="forbid", json_schema_extra=_NEEDED)
    plugin: str = Field(pattern=f"^{PLUGIN_NAME.pattern}$")
    image: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    mime_type: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    options: Annotated[Any, WithJsonSchema({"type": "object"})] = {}

    def payload(self) -> dict[str, Any]:
        """What goes down the layers beside the plugin's name."""
        return {"image": self.image, "mime_type": self.mime_type, "options": self.options}


class JobRequest(AnalyzeRequest):
    """The same for later; who asks is told at once what is missing."""

    image: str
    mime_type: str
    options: dict[str, JsonValue] = {}


class Analysis(BaseModel):
    """The result of ``plugin``."""

    result: dict[str, JsonValue]
    plugin: str


class Accepted(BaseModel):
    """A job that has no result."""

    id: str
    state: JobState


class JobDone(Analysis, Accepted):
    """A job that has succeeded."""


class ErrorObject(BaseModel):
    """What went wrong."""

    type: Literal["ValidationError", "PluginError", "ExecutionError"]
    message: str
    details: dict[str, JsonValue]
    plugin: str
    timestamp: str


class Failure(BaseModel):
    """Every failure."""

    detail: ErrorObject


class PluginStatus(BaseModel):
    """A plugin's state and metrics; times in milliseconds, ``last_used`` in Unix seconds."""

    name: str
    state: Literal["LOADED", "INITIALIZED", "RUNNING", "FAILED", "UNAVAILABLE"]
    healthy: bool
    reason: str | None
    success_count: int
    error_count: int
    last_execution_time_ms: float | None
    avg_execution_time_ms: float | None
    last_used: float | None


FAILURE: dict[int | str, dict[str, Any]] = {"4XX": {"model": Failure}}
UNREADY: dict[int | str, dict[str, Any]] = {503: {"model": Failure}}
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": AnalyzeRequest.model_json_schema()}},
    }
}
