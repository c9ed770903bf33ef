"""Checks of reports against the schemas of their formats."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import xmlschema

HERE = Path(__file__).parent
JSON = {"sarif": "sarif-2.1.0.json", "gitlab": "gitlab.json", "rdjson": "rdjson.json"}


def problems(name: str, report: str) -> list[str]:
    """What ``report`` breaks of the schema of the format called ``name``: ``junit`` or one of ``JSON``."""
    if name == "junit":
        schema = xmlschema.XMLSchema10(HERE / "junit-10.xsd")
        return [str(error) for error in schema.iter_errors(xmlschema.XMLResource(report))]
    validator = jsonschema_rs.validator_for(
        json.loads((HERE / JSON[name]).read_text(encoding="utf-8")), validate_formats=True
    )
    return [error.message for error in validator.iter_errors(json.loads(report))]
