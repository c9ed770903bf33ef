"""GOV005."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from phase12_lint.inspect.rule import Rule
from phase12_lint.model import Confidence, Finding, Span
from phase12_lint.policy import Origin, Policy, sought


class NothingGoverned(Rule):
    """The program has nothing that the policy governs, so every other rule passes.

    What it does:
        Reports a pipeline of the policy under which the program, its tests left out, has no plugin class, no plugin
        source, no plugin run (not even by the names of `plugin-names`) and no choke point. Where a name that the policy
        writes is missing, GOV004 says so instead. `check` and `certify` report it whatever paths are given, flake8
        does not.

    Why:
        A linter that guards nothing is not green (§7): code whose classes have other names than the policy expects
        passes every check, whatever it does.

    Example:
        ```python
        class Extractor:
            def extract(self, page): ...


        class ExtractorRunner:
            def execute(self, extractor: Extractor, page):
                return extractor.extract(page)
        ```

    Use instead:
        ```ini
        [phase12-lint]
        plugin-bases = Extractor
        plugin-methods = extract
        choke-point = ExtractorRunner
        layers =
        input-validator =
        output-validator =
        error-envelope =
        metrics-update =
        ```

    How to fix:
        Run `phase12-lint init`, which writes a policy for the code that it finds, or write under `plugin-bases`,
        `plugin-methods` and `choke-point` what they are called in this program; a key that is left empty demands
        nothing. If the program has no plugins, do not run the linter on it.
    """

    code = "GOV005"
    name = "nothing-governed"
    section = "§7"
    by_noqa = False

    def check(self, policy: Policy, files: Sequence[str]) -> Iterator[Finding]:
        """The finding on a pipeline that governs nothing in ``files``, at its section or in the first of these."""
        place = policy.section or (Origin(files[0], 1) if files else None)
        if place is None:
            return
        pipeline = f" under [{policy.name}]" if policy.name else ""
        *first, last = (f"no {kind}" for kind in sought(policy))
        lacking = f"{', '.join(first)} and {last}"
        message = (
            f"nothing is governed{pipeline}: the program has {lacking} ({self.section}); {_advice(policy)}"
        )
        span = Span(place.line, 1, place.line, 1)
        yield Finding(place.path, span, self.code, self.name, message, self.section, Confidence.CERTAIN)


def _advice(policy: Policy) -> str:
    if policy.section is None:
        return "run `phase12-lint init`, which writes a policy for this code"
    return (
        "write under `plugin-bases`, `plugin-methods` and `choke-point` what they are called here, or remove this"
        " section and run `phase12-lint init`, which looks for them"
    )
