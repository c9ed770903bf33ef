"""The JSON Schema of ``[tool.phase12-lint]``, made from the table of the keys (draft-07, as SchemaStore asks for)."""

from __future__ import annotations

from typing import Any

from phase12_lint.config import Settings
from phase12_lint.config.keys import KEYS, Key, forms
from phase12_lint.policy import Policy


def schema() -> dict[str, Any]:
    """The schema, as a JSON document."""
    own = {key.name: _of(key) for key in KEYS.values()}
    named = {name: said for name, said in own.items() if not KEYS[name].shared}
    pipelines = {
        "type": "object",
        "description": "further pipelines, each with names of its own",
        "additionalProperties": {"type": "object", "additionalProperties": False, "properties": named},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://json.schemastore.org/phase12-lint.json",
        "title": "phase12-lint",
        "description": "What phase12-lint governs: the table [tool.phase12-lint] of a pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {**own, "pipelines": pipelines},
    }


def _of(key: Key) -> dict[str, Any]:
    form = forms()[key.parse]
    said: dict[str, Any] = {"description": key.doc, "default": _default(key)}
    if not key.many:
        return said | ({"type": "string"} | form)
    one = f"\\s*(?:{form['pattern']})\\s*"
    nothing = "" if key.needed else "|\\s*"
    words = {"type": "string", "pattern": f"^(?:{one}(?:[,\\n]{one})*,?\\s*{nothing})$"}
    return said | {"oneOf": [words, {"type": "array", "items": words, "minItems": int(key.needed)}]}


def _default(key: Key) -> object:
    value = (Policy() if key.governs else Settings())._asdict()[key.field]
    return list(value) if isinstance(value, tuple) else getattr(value, "label", value)
