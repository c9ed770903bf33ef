"""What the API takes and gives, for parsing and for OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema

from reference_runtime.errors import PLUGIN_NAME

State = Literal["LOADED", "INITIALIZED", "RUNNING", "FAILED", "UNAVAILABLE"]


class AnalyzeRequest(BaseModel):
    """One image for one plugin; ``image`` is base64. What is not typed here is judged by the choke point."""

    model_config = ConfigDict(
        strict=True, extra="forbid", json_schema_extra={"required": ["plugin", "image", "mime_type"]}
    )
    plugin: str = Field(pattern=f"^{PLUGIN_NAME.pattern}$")
    image: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    mime_type: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    options: Annotated[Any, WithJsonSchema({"type": "object"})] = {}

    def payload(self) -> dict[str, Any]:
        """What goes down the layers beside the plugin's name."""
        return {"image": self.image, "mime_type": self.mime_type, "options": self.options}


class AnalyzeResponse(BaseModel):
    """The result of ``plugin``."""

    result: dict[str, JsonValue]
    plugin: str


class ErrorObject(BaseModel):
    """What went wrong."""

    type: Literal["ValidationError", "PluginError", "ExecutionError"]
    message: str
    details: dict[str, JsonValue]
    plugin: str
    timestamp: str


class ErrorResponse(BaseModel):
    """Every failure."""

    detail: ErrorObject


class JobState(BaseModel):
    """A job that has no result."""

    id: str
    state: Literal["PENDING", "RUNNING", "SUCCESS", "FAILED"]


class JobResponse(AnalyzeResponse, JobState):
    """A job that has succeeded."""


class Health(BaseModel):
    """Whether a plugin can be run, and if not why."""

    name: str
    state: State
    healthy: bool
    reason: str | None


class PluginStatus(BaseModel):
    """A plugin's state and metrics; times in milliseconds, ``last_used`` in Unix seconds."""

    name: str
    state: State
    success_count: int
    error_count: int
    last_execution_time_ms: float | None
    avg_execution_time_ms: float | None
    last_used: float | None
    reason: str | None
