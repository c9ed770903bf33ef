"""GOV003."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.inspect.rule import Rule
from phase12_lint.model import Confidence, Finding, Noqa, Span


class SuppressionWithoutReason(Rule):
    """A `noqa` for a governance code gives no reason.

    What it does:
        Reports each `# noqa: GOVnnn` with no text after the codes. Off unless `require-suppression-reason` is set.

    Why:
        The reviewer of an exception to the rules must be able to tell why it was granted (§7).

    Example:
        ```python
        plugin.run(payload)  # noqa: GOV101
        ```

    Use instead:
        ```python
        plugin.run(payload)  # noqa: GOV101 offline tool, never deployed
        ```

    How to fix:
        Write the reason after the code.
    """

    code = "GOV003"
    name = "suppression-without-reason"
    section = "§7"
    default = False
    by_noqa = False

    def check(self, noqa: Noqa) -> Iterator[Finding]:
        """A finding if ``noqa`` gives no reason."""
        if not noqa.reason:
            codes = ", ".join(noqa.codes)
            message = f"`noqa: {codes}` gives no reason ({self.section}); write it after the code"
            span = Span(noqa.line, noqa.column, noqa.line, noqa.column + len("# noqa"))
            yield Finding(noqa.path, span, self.code, self.name, message, self.section, Confidence.CERTAIN)
