"""What a fix changes in one file."""

from __future__ import annotations

from phase12_lint.inspect.changes import Changes
from phase12_lint.syntax.modules import Module


class Draft(Changes):
    """The changes that are ``title``. ``imported`` says how names that they import are written, by module and name."""

    def __init__(self, module: Module, title: str) -> None:
        super().__init__(module)
        self.title = title
        self.imported: dict[tuple[str, str], str] = {}
