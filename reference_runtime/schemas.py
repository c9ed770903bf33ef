"""What the API takes and gives, for parsing and for OpenAPI."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, create_model

from reference_runtime.errors import PLUGIN_NAME

_Object = dict[str, JsonValue]
_Kind: Any = Literal["ValidationError", "PluginError", "ExecutionError"]
_JobState: Any = Literal["PENDING", "RUNNING", "SUCCESS", "FAILED"]
_PluginState = Literal["LOADED", "INITIALIZED", "RUNNING", "FAILED", "UNAVAILABLE"]


class JobRequest(BaseModel):
    """One image for one plugin; ``image`` is base64."""

    model_config = ConfigDict(strict=True, extra="forbid")
    plugin: str = Field(pattern=f"^{PLUGIN_NAME.pattern}$")
    image: str
    mime_type: str
    options: dict[str, Any] = Field(default_factory=dict)


class AnalyzeRequest(JobRequest):
    """The same for now: what is missing or of another type is for the choke point to refuse, and to count."""

    image: Any = None
    mime_type: Any = None
    options: Any = Field(default_factory=dict)


class PluginStatus(BaseModel):
    """A plugin's state and metrics; times in milliseconds, ``last_used`` in Unix seconds."""

    name: str
    state: _PluginState
    healthy: bool
    reason: str | None
    success_count: int
    error_count: int
    last_execution_time_ms: float | None
    avg_execution_time_ms: float | None
    last_used: float | None


_TEXT: Any = (str, ...)
Analysis = create_model("Analysis", result=(_Object, ...), plugin=_TEXT)
Accepted = create_model("Accepted", id=_TEXT, state=(_JobState, ...))
JobDone = create_model("JobDone", __base__=(Analysis, Accepted))
_TEXTS = dict.fromkeys(("message", "plugin", "timestamp"), _TEXT)
ErrorObject = create_model("ErrorObject", type=(_Kind, ...), details=(_Object, ...), **_TEXTS)
Failure = create_model("Failure", detail=(ErrorObject, ...))
BODY = {"content": {"application/json": {"schema": JobRequest.model_json_schema()}}, "required": True}
