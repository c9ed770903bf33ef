"""GOV305."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.taint.envelopes import MalformedEnvelope


class MalformedEnvelopeWritten(PlaceRule[MalformedEnvelope]):
    """An error envelope lacks a field, or has one too many.

    What it does:
        Finds every dict that is an error envelope (its `error` is a dict with a `type` or a `message`, or the envelope
        builder returns it) and whose `error` does not contain exactly `type`, `message`, `details`, `plugin` and
        `timestamp`, or which has no `_internal` with a `traceback`. The answers of the API itself need no `_internal`.

    Why:
        The readers of an error rely on its fields (§3): a client on the five of `error`, an operator on the traceback.
        An incomplete envelope fails one of them, and only when something has already gone wrong.

    Example:
        ```python
        return None, {"error": {"type": "UnknownPlugin", "message": "no such plugin"}}
        ```

    Use instead:
        ```python
        return None, build_error_envelope(UnknownPlugin("no such plugin"), plugin_name)
        ```

    How to fix:
        Call the envelope builder (`error-envelope` in the policy) instead of writing the dict. In the builder itself,
        write all fields.
    """

    code = "GOV305"
    name = "malformed-envelope"
    section = "§3"
    needs = "error-envelope"
    asks = MalformedEnvelope

    def check(self, fact: MalformedEnvelope) -> Iterator[str]:
        wrong = []
        if fact.no_error:
            wrong.append("has no `error`")
        if fact.missing:
            wrong.append(f"lacks {_listed(fact.missing)} in `error`")
        if fact.unknown:
            wrong.append(f"has {_listed(fact.unknown)} in `error`, which is not one of its fields")
        if fact.no_traceback:
            wrong.append("lacks `_internal.traceback`")
        builder = "" if fact.in_builder else self.advice.named("error-envelope", "")
        yield (
            f"the error envelope {' and '.join(wrong)} (§3); {f'call {builder}, or ' if builder else ''}"
            f"write exactly type, message, details, plugin and timestamp, and `_internal.traceback`"
        )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
