"""The validators and the envelope, on whatever hypothesis thinks of."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_runtime.errors import (
    PLUGIN_NAME,
    ExecutionError,
    PluginError,
    ValidationError,
    build_error_envelope,
)
from reference_runtime.validation import MOST_IMAGE, validate_input, validate_plugin_output
from tests.runtime_server import png

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
ANYTHING = (
    JSON | st.binary() | st.sets(st.integers()) | st.floats() | st.dictionaries(st.integers(), st.text())
)


@settings(max_examples=50)  # large ones
@given(output=st.dictionaries(st.text(), JSON))
def test_every_json_object_is_a_legal_output_and_comes_back_the_same(output: dict[str, Any]) -> None:
    assert json.loads(validate_plugin_output(output)) == output


@given(output=ANYTHING | st.dictionaries(st.text(), ANYTHING))
def test_an_output_is_either_json_or_refused(output: object) -> None:
    try:
        text = validate_plugin_output(output)
    except ValidationError:
        return
    assert isinstance(output, dict)
    assert json.loads(text) == json.loads(json.dumps(output, allow_nan=False))
    text.decode("utf-8")


@given(payload=st.dictionaries(st.sampled_from(["image", "mime_type", "options", "other"]), ANYTHING))
def test_an_input_is_either_complete_or_refused(payload: dict[str, Any]) -> None:
    try:
        given_on = validate_input(payload)
    except ValidationError:
        return
    assert isinstance(given_on["image"], bytes)
    assert given_on["image"]
    assert given_on["mime_type"].count("/") == 1


@given(image=st.binary(min_size=1, max_size=200))
def test_bytes_and_their_base64_are_the_same_image(image: bytes) -> None:
    plain = {"image": image, "mime_type": "application/x-unknown"}
    coded = {"image": base64.b64encode(image).decode(), "mime_type": "application/x-unknown"}
    try:
        expected = validate_input(plain)
    except ValidationError:  # these bytes look like something known
        with pytest.raises(ValidationError):
            validate_input(coded)
    else:
        assert validate_input(coded) == expected


def test_a_mime_type_may_be_written_in_capitals_but_may_not_lie() -> None:
    assert validate_input({"image": png(), "mime_type": "IMAGE/PNG"})["image"] == png()
    with pytest.raises(ValidationError, match="the image is image/png"):
        validate_input({"image": png(), "mime_type": "image/gif"})


def test_an_image_has_a_largest_size() -> None:
    for image in (b"x" * (MOST_IMAGE + 1), "A" * (MOST_IMAGE * 2)):
        with pytest.raises(ValidationError, match="larger than"):
            validate_input({"image": image, "mime_type": "a/b"})


@given(
    kind=st.sampled_from([ValidationError, PluginError, ExecutionError, ValueError, KeyError, SystemExit]),
    message=st.text(),
    plugin=st.text(),
)
def test_an_envelope_has_exactly_its_fields(kind: type[BaseException], message: str, plugin: str) -> None:
    envelope = build_error_envelope(kind(message), plugin)
    assert set(envelope) == {"error", "_internal"}
    assert set(envelope["_internal"]) == {"traceback"}
    error = envelope["error"]
    assert list(error) == ["type", "message", "details", "plugin", "timestamp"]
    assert error["type"] in ("ValidationError", "PluginError", "ExecutionError")
    assert error["plugin"] == (plugin if PLUGIN_NAME.fullmatch(plugin) else "")
    assert (type(error["message"]), type(error["details"])) == (str, dict)
    assert datetime.fromisoformat(error["timestamp"]).utcoffset() == timedelta(0)
    json.dumps(envelope)


def test_an_exception_whose_text_raises_has_an_envelope_too() -> None:
    class Unprintable(PluginError):
        def __str__(self) -> str:
            raise RuntimeError

    error = build_error_envelope(Unprintable(), "p")["error"]
    assert error["message"] == "Unprintable"


def test_what_browsers_call_an_image_is_no_lie() -> None:
    apng = png()[:33] + b"\0\0\0\x08acTL" + b"\0" * 12 + png()[33:]
    icon = b"\0\0\1\0\1\0" + b"\0" * 32
    for image, mime_type in ((apng, "image/png"), (icon, "image/vnd.microsoft.icon"), (icon, "image/x-icon")):
        assert validate_input({"image": image, "mime_type": mime_type})["image"] == image
