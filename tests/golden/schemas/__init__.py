"""Checks of reports against the schemas of their formats."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import xmlschema

HERE = Path(__file__).parent
OURS = HERE.parents[2] / "docs" / "schema"
JSON = {
    "sarif": HERE / "sarif-2.1.0.json",
    "gitlab": HERE / "gitlab.json",
    "rdjson": HERE / "rdjson.json",
    "json": OURS / "check.json",
}


def problems(name: str, report: str) -> list[str]:
    """What ``report`` breaks of the schema of the format called ``name``: ``junit`` or one of ``JSON``."""
    if name == "junit":
        schema = xmlschema.XMLSchema10(HERE / "junit-10.xsd")
        return [str(error) for error in schema.iter_errors(xmlschema.XMLResource(report))]
    return broken(JSON[name], json.loads(report))


def broken(schema: Path, document: object) -> list[str]:
    """What ``document`` breaks of the JSON Schema in the file ``schema``."""
    validator = jsonschema_rs.validator_for(
        json.loads(schema.read_text(encoding="utf-8")), validate_formats=True
    )
    return [error.message for error in validator.iter_errors(document)]
