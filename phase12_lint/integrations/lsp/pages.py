"""Where the page of a rule stands that an editor opens: on the web, or written to a folder of this process."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from phase12_lint.reports.links import rule_url
from phase12_lint.reports.manual import manual
from phase12_lint.rulebook import Entry, rulebook


class Pages:
    """The pages of the rules, by code."""

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._written: dict[str, str] = {}

    def uri(self, code: str) -> str:
        """The page on the web where the distribution names one, else that of ``file``."""
        return rule_url(code) or self.file(code)

    def file(self, code: str) -> str:
        """The URI of a file with the page of ``code``; empty if there is no such rule."""
        if code not in self._written and code in rulebook():
            if self._folder is None:
                self._folder = TemporaryDirectory(prefix="phase12-lint-")
            path = Path(self._folder.name, f"{code}.md")
            path.write_text(page(rulebook()[code]), encoding="utf-8")
            self._written[code] = path.as_uri()
        return self._written.get(code, "")

    def close(self) -> None:
        """Take away what was written."""
        if self._folder is not None:
            self._folder.cleanup()


def page(entry: Entry) -> str:
    """All that is said of a rule, as Markdown."""
    return f"# {entry.code} {entry.name} ({entry.section})\n\n{entry.summary}\n\n{manual(entry)}\n"
