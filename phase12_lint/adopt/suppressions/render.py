"""The ledger as text, JSON and Markdown. Names and reasons come from the code that is read, and are told as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from phase12_lint.adopt.suppressions.items import BASELINE, NOQA, Item
from phase12_lint.adopt.suppressions.ledger import Ledger, Owner, Tally
from phase12_lint.reports.markup import code, escaped
from phase12_lint.reports.printable import plain, printable, printable_path
from phase12_lint.reports.summary import counted

_NO_REASON = "no reason given"
_COLUMNS = ("noqa", "baseline", "stale", "oldest")


def render(name: str, ledger: Ledger) -> str:
    """``ledger`` in the format ``name``, one of ``suppressions.FORMATS``."""
    if name == "json":
        return _json(ledger)
    return "".join(f"{line}\n" for line in (_text if name == "text" else _markdown)(ledger))


def _text(ledger: Ledger) -> Iterator[str]:
    for item in ledger.items:
        place = f"{printable_path(item.written_in)}:{item.line}"
        place += f":{item.column}" if item.kind == NOQA else ""
        yield f"{place}: {_what(item)}: {printable(item.reason) or _NO_REASON}"
        yield f"    {printable(_whose(item, ledger.now))}"
        yield from (f"    stale: {printable(told)}" for told in _stale(item))
        yield from (f"    refused: {why}" for why in ledger.refused(item))
    if ledger.items:
        yield ""
        yield from _table("code", ledger.by_code().items())
        yield ""
        yield from _table("owner", ((_called(owner), each) for owner, each in ledger.by_owner().items()))
        yield ""
    yield from _closing(ledger)


def _what(item: Item) -> str:
    if item.kind == NOQA:
        return f"noqa {', '.join(item.codes)}"
    return f"baseline {item.codes[0]}, {counted(item.number, 'finding')} in {printable(item.path)}"


def _whose(item: Item, now: float) -> str:
    age = item.age(now)
    if item.author.unknown:
        return f"owner and age not known: {item.author.unknown}"
    owner = item.author.name or item.author.email or "an author without a name"
    told = f"age not known: {age}" if isinstance(age, str) else f"{counted(age, 'day')} ago"
    return f"{'frozen by ' if item.kind == BASELINE else ''}{owner}, {told} ({item.since}, {item.author.commit[:12]})"


def _stale(item: Item) -> Iterator[str]:
    if item.kind == NOQA and item.stale:
        yield f"no rule raises {', '.join(item.stale)} there"
    if item.kind == BASELINE and item.gone:
        every = "no finding is left" if item.stale else f"{item.gone} of {item.number} not found any more"
        yield every


def _called(owner: Owner) -> str:
    if owner.unknown:
        return f"(not known: {owner.unknown})"
    return f"{owner.name} <{owner.email}>".strip()


def _cells(tally: Tally) -> tuple[str, ...]:
    oldest = "" if tally.oldest is None else counted(tally.oldest, "day")
    return (f"{tally.noqa:,}", f"{tally.baseline:,}", f"{tally.stale:,}", oldest)


def _table(title: str, rows: Iterable[tuple[str, Tally]]) -> Iterator[str]:
    cells = [(title, *_COLUMNS), *((printable(name), *_cells(tally)) for name, tally in rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    for first, *rest in cells:
        yield "  ".join([first.ljust(widths[0]), *map(str.rjust, rest, widths[1:])]).rstrip()


def _closing(ledger: Ledger) -> Iterator[str]:
    count = _summary(ledger)
    if not ledger.items:
        yield "No suppressions."
        return
    told = f"{count['noqa']:,} noqa, {count['baseline']:,} in the baseline"
    yield (
        f"{counted(count['suppressions'], 'suppression')} ({told}): {count['stale']:,} stale,"
        f" {count['without_reason']:,} without a reason, {count['unknown']:,} of unknown age."
    )
    if ledger.refusals:
        yield f"{ledger.refusals:,} refused{_by(ledger)}."


def _by(ledger: Ledger) -> str:
    asked = [] if ledger.gate.max_age is None else [f"--max-age {ledger.gate.max_age}"]
    asked += ["--require-reason"] if ledger.gate.needs_reason else []
    return f" by {' and '.join(asked)}"


def _markdown(ledger: Ledger) -> Iterator[str]:
    yield "# Suppressions"
    yield ""
    yield from _closing(ledger)
    if not ledger.items:
        return
    yield from ("", "| place | suppresses | reason | owner | age | remarks |", "|---|---|---|---|--:|---|")
    for item in ledger.items:
        age = item.age(ledger.now)
        place = _code_cell(f"{item.written_in}:{item.line}")
        remarks = [*(f"stale: {told}" for told in _stale(item)), *ledger.refused(item)]
        owner = escaped(item.author.name or item.author.email or f"not known: {item.author.unknown}")
        told = escaped(age) if isinstance(age, str) else counted(age, "day")
        reason = escaped(item.reason) or f"_{_NO_REASON}_"
        row = (place, escaped(_what(item)), reason, owner, told, escaped("; ".join(remarks)))
        yield f"| {' | '.join(row)} |"
    yield from _markdown_table("code", ledger.by_code().items())
    owners = ledger.by_owner().items()
    yield from _markdown_table("owner", ((_in_markdown(owner), each) for owner, each in owners))


def _in_markdown(owner: Owner) -> str:
    if owner.unknown:
        return escaped(_called(owner))
    return f"{escaped(owner.name)} {_code_cell(owner.email) if owner.email else ''}".strip()


def _code_cell(text: str) -> str:
    return code(text).replace("|", "\\|")


def _markdown_table(title: str, rows: Iterable[tuple[str, Tally]]) -> Iterator[str]:
    yield from ("", f"| {title} | {' | '.join(_COLUMNS)} |", "|---|--:|--:|--:|--:|")
    yield from (f"| {' | '.join((name, *_cells(tally)))} |" for name, tally in rows)


def _summary(ledger: Ledger) -> dict[str, int]:
    items = ledger.items
    return {
        "suppressions": len(items),
        "noqa": sum(item.kind == NOQA for item in items),
        "baseline": sum(item.kind == BASELINE for item in items),
        "frozen_findings": sum(item.number for item in items if item.kind == BASELINE),
        "stale": sum(bool(item.stale) for item in items),
        "without_reason": sum(not item.reason for item in items),
        "unknown": sum(isinstance(item.age(ledger.now), str) for item in items),
    }


def _json(ledger: Ledger) -> str:
    gate = ledger.gate
    document = {
        "version": 1,
        "suppressions": [_item(item, ledger) for item in ledger.items],
        "gate": {
            "max_age_days": gate.max_age,
            "require_reason": gate.needs_reason,
            "refused": ledger.refusals,
        },
        "summary": {
            **_summary(ledger),
            "by_code": {name: _tally(tally) for name, tally in ledger.by_code().items()},
            "by_owner": [_of(owner) | _tally(tally) for owner, tally in ledger.by_owner().items()],
            "incomplete": [plain(each) for each in ledger.incomplete],
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _item(item: Item, ledger: Ledger) -> dict[str, Any]:
    age = item.age(ledger.now)
    author = item.author
    return {
        "kind": item.kind,
        "path": plain(item.path),
        "written_in": plain(item.written_in),
        "line": item.line,
        "column": item.column,
        "codes": list(item.codes),
        "stale": list(item.stale),
        "reason": plain(item.reason),
        **_of(Owner(author.name, author.email, author.unknown)),
        "commit": author.commit or None,
        "since": item.since or None,
        "age_days": age if isinstance(age, int) else None,
        "unknown": age if isinstance(age, str) else None,
        "message": plain(item.message),
        "count": item.number,
        "gone": item.gone,
        "refused": ledger.refused(item),
    }


def _of(owner: Owner) -> dict[str, Any]:
    if owner.unknown:
        return {"owner": None, "email": None, "unknown": owner.unknown}
    return {"owner": plain(owner.name), "email": plain(owner.email), "unknown": None}


def _tally(tally: Tally) -> dict[str, int | None]:
    noqa, baseline, stale, oldest = tally
    return {"noqa": noqa, "baseline": baseline, "stale": stale, "oldest_days": oldest}
