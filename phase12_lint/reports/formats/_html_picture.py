"""Each pipeline as its layers from the API down, and each finding in its layer, or from one layer to another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from phase12_lint.model import PLUGIN_RUN, Finding
from phase12_lint.reports.page import short, text
from phase12_lint.reports.summary import counted

_OUTSIDE = "outside the layers"
_IMPORT = "GOV503"
_WIDTH, _ROW, _LEFT, _BOX, _HEIGHT = 400, 56, 2, 222, 34
_LANE, _LANES = 26, 150  # between two lines, and room for all of them
_MOST_NAME = 27


class _Crossing(NamedTuple):
    """Findings (their numbers on the page, and codes) from one band to another, or within one."""

    source: int
    target: int
    is_import: bool
    numbers: tuple[int, ...]
    codes: tuple[str, ...]


def pictures(pipelines: Sequence[tuple[str, tuple[str, ...]]], findings: Sequence[Finding]) -> Iterator[str]:
    """A picture of each of ``pipelines`` (name, layers); its marks lead to ``findings``, in the order of the page."""
    yield '<div class="pictures">'
    for name, layers in pipelines:
        bands = (_OUTSIDE, *layers, PLUGIN_RUN)
        yield from _figure(name, bands, list(_crossings(name, bands, findings)))
    yield "</div>"


def _crossings(name: str, bands: Sequence[str], findings: Sequence[Finding]) -> Iterator[_Crossing]:
    places: dict[tuple[int, int, bool], list[tuple[int, str]]] = {}
    for number, finding in enumerate(findings, 1):
        if finding.standing is not None and finding.standing.pipeline == name:
            source, target = (
                bands.index(each) if each in bands else 0
                for each in (finding.standing.source, finding.standing.target)
            )
            key = (source, target, finding.code == _IMPORT)
            places.setdefault(key, []).append((number, finding.code))
    for (source, target, is_import), found in sorted(places.items()):
        numbers, codes = zip(*found, strict=True)
        yield _Crossing(source, target, is_import, numbers, tuple(sorted(set(codes))))


def _figure(name: str, bands: Sequence[str], found: Sequence[_Crossing]) -> Iterator[str]:
    first = 0 if any(0 in each[:2] for each in found) else 1
    height = _ROW * (len(bands) - first)
    yield f"<figure>{f'<figcaption>{text(name)}</figcaption>' if name else ''}"
    yield f'<svg viewBox="0 {first * _ROW} {_WIDTH} {height}" role="img" aria-label="The layers, and what is found">'
    for band in range(first, len(bands)):
        yield from _box(bands[band], band, is_layer=band > 0)
    lanes = _in_lanes([each for each in found if each.source != each.target])
    step = min(_LANE, _LANES // max(1, len(lanes)))
    for lane, crossings in enumerate(lanes):
        for crossing in crossings:
            yield from _arc(crossing, _LEFT + _BOX + 22 + lane * step, 14 * (lane % 2))
    for each in found:
        if each.source == each.target:
            yield _count(each, _LEFT + _BOX - 18, _middle(each.source))
    yield "</svg>"
    if found:
        yield f"<ul>{''.join(_told(each, bands) for each in found)}</ul>"
    yield "</figure>"


def _middle(band: int) -> int:
    return band * _ROW + _ROW // 2


def _box(name: str, band: int, is_layer: bool) -> Iterator[str]:
    top = _middle(band) - _HEIGHT // 2
    kind = "layer" if is_layer else "outside"
    yield f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{_BOX}" height="{_HEIGHT}" rx="5"/>'
    yield f'<text class="name" x="14" y="{_middle(band) + 4}">{short(name, _MOST_NAME)}</text>'
    if band > 1:
        yield f'<path class="way" d="M30 {top - _ROW + _HEIGHT} V{top - 2}"/>'
        yield f'<path class="tip" d="M25 {top - 8} L30 {top - 1} L35 {top - 8}"/>'


def _in_lanes(crossings: Sequence[_Crossing]) -> list[list[_Crossing]]:
    """The short ones nearest to the boxes, none over another."""
    lanes: list[list[_Crossing]] = []
    for each in sorted(crossings, key=lambda each: (abs(each.target - each.source), each)):
        low, high = sorted(each[:2])
        for lane in lanes:
            if all(max(other[:2]) <= low or min(other[:2]) >= high for other in lane):
                lane.append(each)
                break
        else:
            lanes.append([each])
    return lanes


def _arc(crossing: _Crossing, x: int, lower: int) -> Iterator[str]:
    """From the lower part of the box above to the upper part of the box below, or back up."""
    down = 1 if crossing.target > crossing.source else -1
    start, end = _middle(crossing.source) + 8 * down, _middle(crossing.target) - 8 * down
    edge = _LEFT + _BOX
    kind = "broken import" if crossing.is_import else "broken"
    yield (
        f'<path class="{kind}" d="M{edge} {start} H{x - 8} Q{x} {start} {x} {start + 8 * down} '
        f'V{end - 8 * down} Q{x} {end} {x - 8} {end} H{edge + 2}"/>'
    )
    yield f'<path class="broken" d="M{edge + 9} {end - 5} L{edge + 2} {end} L{edge + 9} {end + 5}"/>'
    yield _count(crossing, x, (start + end) // 2 + lower)


def _count(crossing: _Crossing, x: int, y: int) -> str:
    told = f"{len(crossing.numbers):,}"
    width = 14 + 7 * len(told)
    return (
        f'<a href="#f{crossing.numbers[0]}"><rect class="count" x="{x - width // 2}" y="{y - 10}" width="{width}" '
        f'height="20" rx="10"/><text class="number" x="{x}" y="{y + 4}">{told}</text></a>'
    )


def _told(crossing: _Crossing, bands: Sequence[str]) -> str:
    source, target = text(bands[crossing.source]), text(bands[crossing.target])
    where = source if crossing.source == crossing.target else f"{source} → {target}"
    codes = ", ".join(f'<a href="#{code}">{code}</a>' for code in crossing.codes)
    count = counted(len(crossing.numbers), "finding")
    return f'<li>{where}: <a href="#f{crossing.numbers[0]}">{count}</a> ({codes})</li>'
