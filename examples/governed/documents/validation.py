"""What a plugin may be given, and what it may give back."""

from __future__ import annotations

from typing import Any


def validate_input(image: bytes, mime_type: str) -> None:
    if not image:
        raise ValueError("the image is empty")
    if not mime_type:
        raise ValueError("the mime type is missing")


def validate_plugin_output(result: Any) -> None:
    if not isinstance(result, dict):
        raise TypeError(f"a plugin must return a dict, not {type(result).__name__}")
