"""Edits that break GOV2 and GOV3: what the choke point validates, and what becomes of its errors."""

from __future__ import annotations

from tests.mutations.model import HERE, Edit, Mutation
from tests.mutations.places import (
    ANALYSIS,
    BAD_OUTPUT,
    ENVELOPE,
    ERRORS,
    FAILED,
    HAND_DOWN,
    INPUT,
    INPUTS,
    LOOKUP,
    NEVER_RAISES,
    NOT_SWALLOWED,
    OUTPUT,
    OUTPUTS,
    PLUGINS,
    REFUSED,
    RUN,
    RUNNER,
    STARTED,
    UNKNOWN,
    VALIDATION,
)

AT_THE_RUN = Edit(RUNNER, RUN, RUN + HERE)

MUTATIONS = (
    Mutation("GOV201", "the input is not validated", (Edit(RUNNER, INPUT, ""), AT_THE_RUN), REFUSED),
    Mutation(
        "GOV201",
        "the input is validated only if it has options",
        (Edit(RUNNER, INPUT, f'            if payload["options"]:\n    {INPUT}'), AT_THE_RUN),
        REFUSED,
    ),
    Mutation("GOV202", "the output is not validated", (Edit(RUNNER, OUTPUT, ""), AT_THE_RUN), BAD_OUTPUT),
    Mutation(
        "GOV202",
        "the output is validated only if there is any",
        (Edit(RUNNER, OUTPUT, f"            if output:\n    {OUTPUT}"), AT_THE_RUN),
        BAD_OUTPUT,
    ),
    Mutation(
        "GOV203",
        "an input that is refused is used all the same",
        (
            Edit(
                RUNNER,
                INPUT,
                f"            try:\n                payload = validate_input(payload){HERE}\n"
                "            except Exception:\n                _LOG.warning('odd input')\n",
            ),
        ),
        REFUSED,
    ),
    Mutation(
        "GOV203",
        "an output that is refused is returned all the same",
        (
            Edit(RUNNER, "import logging\n", "import contextlib\nimport logging\n"),
            Edit(
                RUNNER,
                OUTPUT,
                "            with contextlib.suppress(Exception):\n"
                f"                validate_plugin_output(output){HERE}\n",
            ),
        ),
        BAD_OUTPUT,
    ),
    Mutation(
        "GOV204",
        "the output validator looks for None only",
        (
            Edit(
                VALIDATION,
                "def validate_plugin_output(output: object) -> bytes:\n",
                f"def validate_plugin_output(output: object) -> bytes:{HERE}\n",
            ),
            Edit(VALIDATION, "    if not isinstance(output, dict):\n", "    if output is None:\n"),
            Edit(
                VALIDATION,
                "        if from_json(text) != output:  # which takes no more than 200 levels\n"
                '            raise TypeError("a key is not a string, or a list is a tuple")\n',
                "",
            ),
        ),
        OUTPUTS,
    ),
    Mutation(
        "GOV204",
        "the input validator takes any mime type",
        (
            Edit(
                VALIDATION,
                "def validate_input(payload: dict[str, Any]) -> dict[str, Any]:\n",
                f"def validate_input(payload: dict[str, Any]) -> dict[str, Any]:{HERE}\n",
            ),
            Edit(
                VALIDATION,
                '    image, mime_type, options = payload.get("image"), payload.get("mime_type"), '
                'payload.get("options", {})\n'
                "    if not isinstance(mime_type, str) or not _MIME_TYPE.fullmatch(mime_type):\n"
                '        raise ValidationError("mime_type must be a text of the form type/subtype, '
                'such as image/png")\n',
                '    image, options = payload.get("image"), payload.get("options", {})\n',
            ),
            Edit(
                VALIDATION,
                "    known, given = filetype.guess_mime(image[:8192]), mime_type.lower()\n"
                "    if known and _SAME.get(known, known) != _SAME.get(given, given):\n"
                '        raise ValidationError(f"mime_type is {given}, but the image is {known}")\n'
                '    return {"image": image, "mime_type": mime_type, "options": options}\n',
                '    return {**payload, "image": image, "options": options}\n',
            ),
        ),
        INPUTS,
    ),
    Mutation(
        "GOV301",
        "the service above the runner catches what the runner raises",
        (
            Edit(
                PLUGINS,
                HAND_DOWN,
                f"        try:{HERE}\n            return await self._runner.run(plugin_name, payload)\n"
                "        except ValueError:\n            return {}, {}\n",
            ),
        ),
        NOT_SWALLOWED,
    ),
    Mutation(
        "GOV302",
        "the first service catches everything",
        (
            Edit(
                ANALYSIS,
                "        return await self._jobs.run_job(plugin_name, payload)\n",
                f"        try:{HERE}\n            return await self._jobs.run_job(plugin_name, payload)\n"
                "        except Exception:\n            return {}, {}\n",
            ),
        ),
        NOT_SWALLOWED,
    ),
    Mutation(
        "GOV303",
        "the lookup stands before the try",
        (
            Edit(RUNNER, LOOKUP, ""),
            Edit(
                RUNNER,
                STARTED,
                f"        plugin = self._registry.get(plugin_name){HERE}\n{STARTED}",
            ),
        ),
        UNKNOWN,
    ),
    Mutation(
        "GOV303", "the handler raises", (Edit(RUNNER, FAILED, f"            raise{HERE}"),), NEVER_RAISES
    ),
    Mutation(
        "GOV304",
        "the handler returns the text of the exception",
        (Edit(RUNNER, FAILED, f'            return {{}}, {{"failed": str(exc)}}{HERE}'),),
        NEVER_RAISES,
    ),
    Mutation(
        "GOV305",
        "the envelope has no details",
        (
            Edit(ERRORS, '    return {\n        "error": {\n', f'    return {{{HERE}\n        "error": {{\n'),
            Edit(
                ERRORS,
                '            "details": {},\n',
                "",
            ),
        ),
        ENVELOPE,
    ),
    Mutation(
        "GOV305",
        "the envelope keeps no traceback",
        (
            Edit(ERRORS, '    return {\n        "error": {\n', f'    return {{{HERE}\n        "error": {{\n'),
            Edit(
                ERRORS,
                '{"traceback": "".join(traceback.format_exception(exc))[-20_000:]}',
                "{}",
            ),
        ),
        ENVELOPE,
    ),
    Mutation(
        "GOV306",
        "the handler returns no envelope",
        (Edit(RUNNER, FAILED, f"            return {{}}, {{}}{HERE}"),),
        NEVER_RAISES,
    ),
)
