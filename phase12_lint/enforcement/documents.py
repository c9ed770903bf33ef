"""YAML documents as nodes with places. Nothing is constructed: only what is asked for is looked at.

``DocumentError`` is raised for a text that is no YAML.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from phase12_lint.enforcement.cuts import cut
from phase12_lint.model import Span

_MERGE = "tag:yaml.org,2002:merge"
_MOST_LINES = 10_000  # of a list of lists, which aliases can make as long as they like


class DocumentError(Exception):
    """A text that is no YAML; ``line`` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class Node:
    """A value of a document; an absent one is false and holds nothing."""

    def __init__(self, raw: Any = None) -> None:
        self._raw = raw
        self._kind: str = raw.id if raw is not None else ""

    def __bool__(self) -> bool:
        return self._raw is not None

    @property
    def span(self) -> Span:
        """From where it begins to the end of its first line, as far as that is known."""
        start, end = self._raw.start_mark, self._raw.end_mark
        first = end.column if end.line == start.line else start.column + 1
        return Span(start.line + 1, start.column + 1, start.line + 1, max(first, start.column + 1) + 1)

    @property
    def text(self) -> str:
        """The text of a scalar."""
        return str(self._raw.value) if self._kind == "scalar" else ""

    @property
    def tag(self) -> str:
        """Its tag, such as ``!reference``."""
        return str(self._raw.tag) if self else ""

    @property
    def is_true(self) -> bool:
        """Whether it is written as true."""
        return self.text.strip().lower() in ("true", "yes", "on")

    def items(self) -> Iterator[tuple[Node, Node]]:
        """The keys and values of a mapping, merged ones (``<<``) last."""
        pairs = self._raw.value if self._kind == "mapping" else []
        merged = [Node(value) for key, value in pairs if key.tag == _MERGE]
        yield from ((Node(key), Node(value)) for key, value in pairs if key.tag != _MERGE)
        for node in merged:
            for each in [node] if node._kind == "mapping" else node:
                yield from each.items()

    def values(self) -> list[Node]:
        """The values of a mapping."""
        return [value for _, value in self.items()]

    def get(self, *names: str) -> Node:
        """The value under ``names``, one below the other."""
        node = self
        for name in names:
            node = next((value for key, value in node.items() if key.text == name), Node())
        return node

    def __iter__(self) -> Iterator[Node]:
        """The elements of a sequence."""
        if self._kind == "sequence":
            yield from map(Node, self._raw.value)

    @property
    def keys(self) -> list[str]:
        """The names in it: a mapping's keys, a sequence's texts, or the one text that it is."""
        if self._kind == "mapping":
            return [key.text for key, _ in self.items()]
        return self.texts

    @property
    def texts(self) -> list[str]:
        """The texts of a list, or the one text that it is."""
        return [line.text for line in self.lines()]

    def lines(self) -> list[Node]:
        """The scalars of a list, lists in it included, or the one scalar that it is."""
        found: list[Node] = []
        pending = [self]
        while pending and len(found) < _MOST_LINES:
            node = pending.pop()
            if node._kind == "scalar":
                found.append(node)
            else:
                pending += reversed(list(node))
        if pending:
            cut(f"a list has more than {_MOST_LINES} lines; the rest were not read (line {self.span.line})")
        return found


def read(text: str) -> Node:
    """The document that ``text`` is. Raises ``DocumentError``."""
    import yaml

    try:
        return Node(yaml.compose(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentError(line, error.problem or "not YAML") from None
    except yaml.YAMLError as error:
        raise DocumentError(1, " ".join(str(error).split())) from None
    except RecursionError:
        raise DocumentError(1, "nested too deeply to be read") from None
