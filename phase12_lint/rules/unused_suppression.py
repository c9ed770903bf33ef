"""GOV002."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.inspect.rule import Rule
from phase12_lint.model import Confidence, Finding, Noqa, Span


class UnusedSuppression(Rule):
    """A `noqa` names a governance code that no rule raises on its line.

    What it does:
        Reports each `# noqa: GOVnnn` on whose line no rule raises that code, whatever is selected.

    Why:
        A suppression that suppresses nothing will hide the next defect on its line (§7).

    Example:
        ```python
        total = add(1, 2)  # noqa: GOV101 legacy path
        ```

    Use instead:
        ```python
        total = add(1, 2)
        ```

    How to fix:
        Delete the code from the `noqa`, or the whole comment.
    """

    code = "GOV002"
    name = "unused-suppression"
    section = "§7"

    def check(self, noqa: Noqa) -> Iterator[Finding]:
        """A finding for each stale code of ``noqa``."""
        span = Span(noqa.line, noqa.column, noqa.line, noqa.column + len("# noqa"))
        for code in noqa.stale:
            message = (
                f"`noqa: {code}` suppresses nothing on this line ({self.section}); delete {code} from it"
            )
            yield Finding(noqa.path, span, self.code, self.name, message, self.section, Confidence.CERTAIN)

    @staticmethod
    def named_in(finding: Finding) -> str:
        """The code that ``finding`` says to delete."""
        return finding.message.partition("`noqa: ")[2].partition("`")[0]
