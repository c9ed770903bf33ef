"""What may go into a plugin, and what may come out of one (seed, section 2)."""

import json
import re
from typing import Any

import filetype
import pybase64
from pydantic_core import from_json

from reference_runtime.errors import ValidationError

MOST_IMAGE, MOST_OUTPUT = 16 << 20, 1 << 20  # bytes
_MIME_TYPE = re.compile("{0}/{0}".format(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"))
_ENCODE = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode
_SAME = {
    "image/apng": "image/png",  # an animated PNG is sent as image/png
    "image/jpg": "image/jpeg",
    "image/jp2": "image/jpx",
    "image/vnd.adobe.photoshop": "image/psd",
    "image/vnd.microsoft.icon": "image/x-icon",
    "image/x-ms-bmp": "image/bmp",
}


def validate_input(payload: dict[str, Any]) -> dict[str, Any]:
    """``payload`` as a plugin receives it: ``image`` as bytes (it may be base64), ``mime_type``, ``options``."""
    image, mime_type, options = payload.get("image"), payload.get("mime_type"), payload.get("options", {})
    if not isinstance(mime_type, str) or not _MIME_TYPE.fullmatch(mime_type):
        raise ValidationError("mime_type must be a text of the form type/subtype, such as image/png")
    if not isinstance(options, dict):
        raise ValidationError("options must be an object")
    try:
        image = pybase64.b64decode(image, validate=True) if isinstance(image, str) else image
    except ValueError:
        raise ValidationError("image is not valid base64") from None
    if not isinstance(image, bytes) or not image:
        raise ValidationError("image must be non-empty bytes or base64 text")
    if len(image) > MOST_IMAGE:
        raise ValidationError(f"image is larger than {MOST_IMAGE} bytes")
    known, given = filetype.guess_mime(image[:8192]), mime_type.lower()
    if known and _SAME.get(known, known) != _SAME.get(given, given):
        raise ValidationError(f"mime_type is {given}, but the image is {known}")
    return {"image": image, "mime_type": mime_type, "options": options}


def validate_plugin_output(output: object) -> bytes:
    """The JSON text of ``output``, which must be a dict of JSON values that comes back from it the same."""
    if not isinstance(output, dict):
        raise ValidationError(f"a plugin must return a dict, this one returned {type(output).__name__}")
    try:
        text = _ENCODE(output).encode("utf-8")
        if from_json(text) != output:  # which takes no more than 200 levels
            raise TypeError("a key is not a string, or a list is a tuple")
    except UnicodeEncodeError:
        raise ValidationError("a plugin's output must be JSON: a text holds half a surrogate pair") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise ValidationError(f"a plugin's output must be JSON: {error}") from None
    if len(text) > MOST_OUTPUT:
        raise ValidationError(f"a plugin's output is larger than {MOST_OUTPUT} bytes")
    return text
