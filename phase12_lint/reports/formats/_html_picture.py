"""The layers as bands from the API down, the one way that is allowed, and what is found at or beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from phase12_lint.model import Finding
from phase12_lint.reports.page import short

_WIDTH, _BAND = 1000, 64
_LABELS, _TEXT = 250, 590  # where the names end, where what is found is told
_WAY, _MARK, _BESIDE = 300, 560, 460
_MOST_NAME = 32
_ABOUT = {
    "2": "validation missing or silenced",
    "3": "errors that are not envelopes",
    "4": "metrics missed or written elsewhere",
    "5": "a layer skipped, reversed or bypassed",
    "6": "what the API answers with",
    "1": "a plugin run outside the choke point",
}


def picture(layers: Sequence[str], findings: Sequence[Finding]) -> Iterator[str]:
    """The picture as inline SVG; a mark leads to its first finding. ``findings`` in the order of the page."""
    bands = [*layers, "plugin run"]
    height = _BAND * len(bands)
    yield f'<div class="picture"><svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="What is found, by layer">'
    for number, name in enumerate(bands):
        below = (number + 1) * _BAND
        yield f'<line class="band" x1="0" x2="{_WIDTH}" y1="{below}" y2="{below}"/>'
        yield f'<text class="name" x="14" y="{_middle(number) + 5}">{short(name, _MOST_NAME)}</text>'
    by_group: dict[str, list[int]] = {}
    for at, finding in enumerate(findings, 1):
        by_group.setdefault(finding.code[3], []).append(at)
    yield from _around(len(bands), by_group)
    yield from _way(len(bands))
    for group, (band, lift) in _places(len(bands)).items():
        yield from _mark(group, _middle(band) + lift, by_group.get(group, []))
    yield "</svg></div>"


def _middle(band: int) -> int:
    return band * _BAND + _BAND // 2


def _way(bands: int) -> Iterator[str]:
    yield f'<path class="way" d="M{_WAY} {_middle(0)} L{_WAY} {_middle(bands - 1)}"/>'
    yield from (f'<circle class="tip" cx="{_WAY}" cy="{_middle(band)}" r="6"/>' for band in range(bands))


def _around(bands: int, by_group: dict[str, list[int]]) -> Iterator[str]:
    """The ways that leave the one: past the choke point to the plugin, and past a layer."""
    for group, first, last in (("1", 0, bands - 1), ("5", 0, bands - 2)):
        kind = "broken" if by_group.get(group) else "none"
        top, bottom = _middle(first), _middle(last)
        out = _BESIDE + (50 if group == "1" else -40)
        yield f'<path class="{kind}" d="M{_WAY} {top} C{out} {top} {out} {bottom} {_WAY} {bottom}"/>'


def _places(bands: int) -> dict[str, tuple[int, int]]:
    """The band of each group of codes, and how far above or below its middle it is told."""
    choke, plugin = bands - 2, bands - 1
    return {
        "6": (0, 0),
        "5": ((choke - 1) // 2 + 1 if choke > 1 else 0, 0 if choke > 1 else 20),
        "2": (choke, -21),
        "3": (choke, 0),
        "4": (choke, 21),
        "1": (plugin, 0),
    }


def _mark(group: str, y: int, numbers: Sequence[int]) -> Iterator[str]:
    told = f"§{group} {_ABOUT[group]}"
    if not numbers:
        yield f'<text class="quiet" x="{_TEXT}" y="{y + 5}">{told}: none</text>'
        return
    yield f'<a href="#f{numbers[0]}"><circle class="count" cx="{_MARK}" cy="{y}" r="9"/>'
    yield f'<text class="number" x="{_MARK}" y="{y + 5}">{min(len(numbers), 99)}</text>'
    yield f'<text x="{_TEXT}" y="{y + 5}">{told}: {len(numbers):,}</text></a>'
