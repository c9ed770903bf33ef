"""The layers as bands from the API down, and each way as a line through them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from phase12_lint.calls.path_verdicts import PROVED, Way
from phase12_lint.reports.page import short, text
from phase12_lint.reports.ways import WaysReport

_BAND = 56
_LABELS, _STEP = 222, 36  # for the names, and for each way: a few of them fit on a telephone
_MOST_NAME = 25
_OUTSIDE = "outside the layers"


def picture(report: WaysReport) -> Iterator[str]:
    """The picture as inline SVG."""
    bands = [*report.layers, "plugin run"]
    if any(not hop.layer for way in report.ways for hop in way.hops):
        bands = [_OUTSIDE, *bands]
    width, height = _LABELS + _STEP * len(report.ways), _BAND * len(bands)
    yield '<div class="picture">'
    yield (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        'aria-label="The paths through the layers">'
    )
    for number, band in enumerate(bands):
        top = number * _BAND
        yield f'<line class="band" x1="0" x2="{width}" y1="{top + _BAND}" y2="{top + _BAND}"/>'
        yield f'<text class="name" x="14" y="{top + _BAND // 2 + 5}">{short(band, _MOST_NAME)}</text>'
    ordered = sorted(enumerate(report.ways), key=lambda pair: (pair[1].verdict != PROVED, pair[0]))
    for number, way in ordered:
        yield from _line(way, number + 1, bands, _LABELS + _STEP * (number + 0.3))
    yield "</svg></div>"


def _line(way: Way, number: int, bands: list[str], middle: float) -> Iterator[str]:
    points = list(_points(way, bands, middle))
    for at, ((x1, y1), (x2, y2)) in enumerate(pairwise(points), 1):
        bend = f"{x1:.1f} {(y1 + y2) / 2:.1f} {x2:.1f} {(y1 + y2) / 2:.1f}"
        yield f'<path class="{_kind(way, at)}" d="M{x1:.1f} {y1:.1f} C{bend} {x2:.1f} {y2:.1f}"/>'
    for at, ((x, y), hop) in enumerate(zip(points, way.hops, strict=True)):
        title = f"{number}. {hop.name} {hop.path}:{hop.line} ({hop.evidence})"
        yield f'<a href="#way{number}"><circle class="{_kind(way, at)}" cx="{x:.1f}" cy="{y:.1f}" r="5">'
        yield f"<title>{text(title)}</title></circle></a>"


def _kind(way: Way, at: int) -> str:
    return f"{way.verdict} culprit" if at == way.culprit else way.verdict


def _points(way: Way, bands: list[str], middle: float) -> Iterator[tuple[float, float]]:
    """The place of each hop; hops of one layer stand beside each other."""
    met: dict[int, int] = {}
    last = len(way.hops) - 1
    for at, hop in enumerate(way.hops):
        band = len(bands) - 1 if at == last and at else bands.index(hop.layer or _OUTSIDE)
        beside = met[band] = met.get(band, -1) + 1
        yield middle + min(beside * 9, _STEP // 2), band * _BAND + _BAND / 2
