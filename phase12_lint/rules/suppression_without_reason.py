"""GOV003."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.inspect.rule import Rule
from phase12_lint.model import Confidence, Finding, Span
from phase12_lint.sources import Suppression


class SuppressionWithoutReason(Rule):
    """A `noqa` for a governance code says no reason.

    What it does:
        Reports each `# noqa: GOVnnn` with nothing behind the codes. Off unless `require-suppression-reason` is set.

    Why:
        Whoever reviews an exception to the execution path must be able to tell why it was granted (§7).

    Example:
        ```python
        plugin.run(payload)  # noqa: GOV101
        ```

    Use instead:
        ```python
        plugin.run(payload)  # noqa: GOV101 offline tool, never deployed
        ```

    How to fix:
        Write the reason behind the code.
    """

    code = "GOV003"
    name = "suppression-without-reason"
    section = "§7"
    default = False

    def check(self, path: str, suppression: Suppression) -> Iterator[Finding]:
        """A finding if ``suppression`` names a code of ours and gives no reason."""
        codes = [code for code in suppression.codes if code.startswith("GOV")]
        if codes and not suppression.reason:
            message = f"`noqa: {', '.join(codes)}` gives no reason ({self.section}); write it behind the code"
            line, column = suppression.line, suppression.column
            span = Span(line, column, line, column + len("# noqa"))
            yield Finding(path, span, self.code, self.name, message, self.section, Confidence.CERTAIN)
