"""GOV204."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.validators import IncompleteValidator
from phase12_lint.inspect.rule import PlaceRule


class ValidatorIncomplete(PlaceRule[IncompleteValidator]):
    """A validator does not check everything that it must.

    What it does:
        Finds an input validator that never reads `image` or never reads `mime_type`, and an output validator that never
        tests for a dict, in its own code or in what it calls. Only validators that an entry of the choke point calls
        are judged, and only where their code is part of the program. The input of a second pipeline, in a named
        section of the policy, has other fields and is not judged.

    Why:
        The image must be non-empty, the MIME type a valid string, the output a dict (§2). What a validator does not
        check is let through everywhere.

    Example:
        ```python
        def validate_input(payload):
            if not payload.get("image"):
                raise ValueError("the image is empty")
        ```

    Use instead:
        ```python
        def validate_input(payload):
            if not payload.get("image"):
                raise ValueError("the image is empty")
            if not isinstance(payload.get("mime_type"), str):
                raise ValueError("mime_type must be a string")
        ```

    How to fix:
        Check the missing part in the validator, and raise an exception where it is wrong.
    """

    code = "GOV204"
    name = "validator-incomplete"
    section = "§2"
    asks = IncompleteValidator

    def check(self, fact: IncompleteValidator) -> Iterator[str]:
        if fact.missing == ("dict",):
            wrong, instead = "never tests for a dict", "raise unless the output is a dict"
        else:
            fields = " and ".join(f"`{name}`" for name in fact.missing)
            wrong, instead = (
                f"never reads {fields}",
                f"check {fields} and raise an exception where it is wrong",
            )
        yield f"`{fact.name}` {wrong} (§2); {instead}"
