"""What the pages of HTML are made of: a head that lets nothing in from elsewhere, text, source with a place marked."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape

from phase12_lint.model import Span
from phase12_lint.reports.markup import pieces
from phase12_lint.reports.printable import printable

_WIDEST = 400  # characters of a line
_MOST_LINES = 12  # of a place
_STYLE = """
:root { color-scheme: light dark; --ink: #1d2126; --dim: #5c6670; --paper: #fff; --box: #f3f5f7; --line: #c9d0d6;
  --good: #1f7a3a; --bad: #c62828; --open: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8eb; --dim: #9aa5af; --paper: #15181b; --box: #1f2428;
  --line: #3a434b; --good: #4cc06f; --bad: #ff6b62; --open: #e3b341; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1rem; margin: 0; display: inline; }
svg { background: var(--box); border-radius: 6px; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; } svg .name { font-weight: 600; }
svg .band { stroke: var(--line); } svg path { fill: none; stroke-width: 2; }
section { border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; margin: 1rem 0; }
code { background: var(--box); padding: 0 .2rem; border-radius: 3px; }
details { margin: .3rem 0 0 1rem; } summary { cursor: pointer; } .about { color: var(--dim); }
pre { background: var(--box); padding: .6rem; overflow-x: auto; border-radius: 4px; margin: .3rem 0; tab-size: 4; }
pre mark { background: #ffd33d66; color: inherit; }
"""


def opening(title: str, style: str, script: str = "") -> Iterator[str]:
    """All before the content. The browser runs no script but ``script``, known by its digest, and fetches nothing."""
    digest = b64encode(sha256(script.encode()).digest()).decode()
    scripts = f"; script-src 'sha256-{digest}'" if script else ""
    policy = f"default-src 'none'; style-src 'unsafe-inline'{scripts}"
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield f"<title>{text(title)}</title><style>{_STYLE}{style}</style></head><body>"
    yield f"<h1>{text(title)}</h1>"


def closing(script: str = "") -> Iterator[str]:
    """All after the content."""
    yield f"<script>{script}</script></body></html>" if script else "</body></html>"


def text(raw: str) -> str:
    """``raw`` as text of the page."""
    return escape(printable(raw))


def short(name: str, most: int) -> str:
    """``name`` as text of the page, at most ``most`` characters of it."""
    return text(name if len(name) <= most else name[: most - 1] + "…")


def prose(message: str) -> str:
    """A message, what it has between backticks as code."""
    return "".join(
        f"<code>{escape(part)}</code>" if is_code else escape(part) for part, is_code in pieces(message)
    )


def source(lines: tuple[str, ...], place: Span, around: int) -> str:
    """The lines of ``place``, marked, and ``around`` lines before and after, each with its number."""
    last = min(place.end_line, place.line + _MOST_LINES)
    numbers = range(max(1, place.line - around), min(len(lines), last + around) + 1)
    width = len(str(numbers.stop - 1))
    return "\n".join(f"{number:{width}}  {_line(lines[number - 1], number, place)}" for number in numbers)


def _line(line: str, number: int, place: Span) -> str:
    indent = len(line) - len(line.lstrip())
    start = place.column - 1 if number == place.line else indent
    end = place.end_column - 1 if number == place.end_line else len(line)
    if not place.line <= number <= place.end_line or start >= end:
        start = end = len(line)
    first = max(0, start - _WIDEST // 2) if len(line) > _WIDEST else 0
    last = first + _WIDEST
    before, marked, after = (
        line[first:start][:_WIDEST],
        line[start : min(end, last)],
        line[max(end, first) : last],
    )
    mark = f"<mark>{_code(marked)}</mark>" if marked else ""
    return f"{'…' if first else ''}{_code(before)}{mark}{_code(after)}{'…' if last < len(line) else ''}"


def _code(raw: str) -> str:
    return "\t".join(text(part) for part in raw.split("\t"))
