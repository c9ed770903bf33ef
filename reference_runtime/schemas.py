"""What the API takes and gives, for parsing and for OpenAPI."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue

State = Literal["LOADED", "INITIALIZED", "RUNNING", "FAILED", "UNAVAILABLE"]


class AnalyzeRequest(BaseModel):
    """One image for one plugin; ``image`` is base64."""

    model_config = ConfigDict(strict=True, extra="forbid")
    plugin: str
    image: str
    mime_type: str
    options: dict[str, JsonValue] = {}

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


class JobAccepted(BaseModel):
    """A job that waits in the queue."""

    id: str
    state: str


class JobResponse(AnalyzeResponse):
    """A job that has succeeded."""

    id: str
    state: str


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


class Health(BaseModel):
    """Whether a plugin can be run, and if not why."""

    name: str
    state: State
    healthy: bool
    reason: str | None
