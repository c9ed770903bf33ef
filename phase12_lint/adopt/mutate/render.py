"""The verdicts as text and JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from phase12_lint.adopt.mutate.mutants import CAUGHT, MISSED, NOT_APPLICABLE, Verdict
from phase12_lint.reports.printable import plain, printable, printable_path
from phase12_lint.reports.summary import counted
from phase12_lint.rulebook import built_in

FORMATS = ("json", "text")
_WIDEST = len(NOT_APPLICABLE)


def render(name: str, verdicts: Sequence[Verdict], show_diffs: bool) -> str:
    """``verdicts`` in the format ``name``, one of ``FORMATS``; the diff of what was missed is always shown."""
    if name == "json":
        return _json(verdicts)
    return "".join(f"{line}\n" for line in _text(verdicts, show_diffs))


def _text(verdicts: Sequence[Verdict], show_diffs: bool) -> Iterator[str]:
    for verdict in verdicts:
        pipeline = f"[{verdict.pipeline}] " if verdict.pipeline else ""
        if not verdict.trials:
            yield f"{verdict.code}  {NOT_APPLICABLE:{_WIDEST}}  {pipeline}{printable(verdict.reason)}"
        for trial in verdict.trials:
            word = CAUGHT if trial.is_caught else MISSED
            where = f"{printable_path(trial.path)}:{trial.line}"
            yield f"{verdict.code}  {word:{_WIDEST}}  {pipeline}{where}: {printable(trial.does)}"
            if show_diffs or not trial.is_caught:
                yield from (f"    {printable(line)}" for line in trial.diff.splitlines())
    yield ""
    yield _summary(verdicts)


def _summary(verdicts: Sequence[Verdict]) -> str:
    count = Counter(verdict.word for verdict in verdicts)
    trials = sum(len(verdict.trials) for verdict in verdicts)
    return (
        f"{counted(count[CAUGHT], 'rule')} caught, {count[NOT_APPLICABLE]} not applicable, {count[MISSED]} missed;"
        f" {counted(trials, 'mutant')} in all."
    )


def _json(verdicts: Sequence[Verdict]) -> str:
    rules = [
        {
            "code": verdict.code,
            "name": built_in()[verdict.code].name,
            "pipeline": plain(verdict.pipeline),
            "verdict": verdict.word,
            "reason": plain(verdict.reason),
            "mutants": [
                {
                    "does": plain(trial.does),
                    "caught": trial.is_caught,
                    "path": plain(trial.path),
                    "line": trial.line,
                    "diff": plain(trial.diff),
                }
                for trial in verdict.trials
            ],
        }
        for verdict in verdicts
    ]
    count = Counter(verdict.word for verdict in verdicts)
    summary = {word.replace(" ", "_"): count[word] for word in (CAUGHT, NOT_APPLICABLE, MISSED)}
    return json.dumps({"version": 1, "rules": rules, "summary": summary}, indent=2, ensure_ascii=False) + "\n"
