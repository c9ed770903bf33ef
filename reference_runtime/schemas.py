"""What the API takes and gives, for parsing and for OpenAPI."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema, create_model

from reference_runtime.errors import PLUGIN_NAME

_Object = dict[str, JsonValue]
_Kind: Any = Literal["ValidationError", "PluginError", "ExecutionError"]
_JobState: Any = Literal["PENDING", "RUNNING", "SUCCESS", "FAILED"]
_PluginState = Literal["LOADED", "INITIALIZED", "RUNNING", "FAILED", "UNAVAILABLE"]


class AnalyzeRequest(BaseModel):
    """One image for one plugin; ``image`` is base64. What is not typed here is judged by the choke point."""

    model_config = ConfigDict(
        strict=True, extra="forbid", json_schema_extra={"required": ["plugin", "image", "mime_type"]}
    )
    plugin: str = Field(pattern=f"^{PLUGIN_NAME.pattern}$")
    image: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    mime_type: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    options: Annotated[Any, WithJsonSchema({"type": "object"})] = Field(default_factory=dict)


class JobRequest(AnalyzeRequest):
    """The same for later; who asks is told at once what is missing."""

    image: str
    mime_type: str
    options: _Object = Field(default_factory=dict)


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
BODY = {"content": {"application/json": {"schema": AnalyzeRequest.model_json_schema()}}, "required": True}
