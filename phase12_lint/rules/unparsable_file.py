"""GOV001."""

from __future__ import annotations

from phase12_lint.inspect.rule import Rule
from phase12_lint.model import Confidence, Finding, Span
from phase12_lint.sources import SourceError


class UnparsableFile(Rule):
    """A file cannot be decoded or parsed, so nothing is proved about it.

    What it does:
        Reports each Python file that Python itself could not read: a wrong encoding, a syntax error, or no
        permission. The other files are still checked.

    Why:
        A linter that silently skips a file vouches for code that it has not seen (§1).

    Example:
        ```python
        def analyse(payload:
            return payload
        ```

    Use instead:
        ```python
        def analyse(payload: dict) -> dict:
            return payload
        ```

    How to fix:
        Correct the syntax, declare the encoding of the file, or exclude the file if it is not Python code of this
        project. To check code that is written for a newer Python, run the linter with that Python.
    """

    code = "GOV001"
    name = "unparsable-file"
    section = "§1"

    def check(self, path: str, error: SourceError | OSError) -> Finding:
        """The finding for the file at ``path``, which could not be read because of ``error``."""
        if isinstance(error, SourceError):
            line, column, done, reason = error.line, error.column, "parsed", error.message
            advice = ", or exclude it" if reason.endswith("UTF-8") else "; correct or exclude it"
        else:
            line, column, done, reason = 1, 1, "read", error.strerror or str(error)
            advice = "; make it readable or exclude it"
        line, column = max(1, line), max(1, column)
        message = f"cannot be {done}, so nothing is proved about it ({self.section}): {reason}{advice}"
        span = Span(line, column, line, column + 1)
        return Finding(path, span, self.code, self.name, message, self.section, Confidence.CERTAIN)
