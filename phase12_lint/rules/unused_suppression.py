"""GOV002."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from phase12_lint.inspect.rule import Rule
from phase12_lint.model import Confidence, Finding, Span
from phase12_lint.sources import Suppression


class UnusedSuppression(Rule):
    """A `noqa` names a governance code that no rule raises on its line.

    What it does:
        Reports each `# noqa: GOVnnn` on whose line no rule raises that code, whatever is selected.

    Why:
        A suppression that suppresses nothing hides the next defect on its line (§7).

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

    def check(self, path: str, suppression: Suppression, raised: Iterable[str]) -> Iterator[Finding]:
        """A finding for each code of ``suppression`` that is none of ``raised`` on its line, nor how one begins."""
        known = tuple(raised)
        for code in suppression.codes:
            if code.startswith("GOV") and not any(each.startswith(code) for each in known):
                message = (
                    f"`noqa: {code}` suppresses nothing on this line ({self.section}); delete {code} from it"
                )
                line, column = suppression.line, suppression.column
                span = Span(line, column, line, column + len("# noqa"))
                yield Finding(path, span, self.code, self.name, message, self.section, Confidence.CERTAIN)

    @staticmethod
    def named_in(finding: Finding) -> str:
        """The code that ``finding`` says to delete."""
        return finding.message.partition("`noqa: ")[2].partition("`")[0]
