"""What ``pre-commit run`` is asked for: which hooks, of which stage, and which not."""

from __future__ import annotations

from typing import NamedTuple

_VALUED = {
    *(
        "--hook-stage",
        "--from-ref",
        "--to-ref",
        "-s",
        "--source",
        "-o",
        "--origin",
        "-c",
        "--config",
        "--color",
    ),
    *("--remote-branch", "--local-branch", "--remote-name", "--remote-url", "--commit-msg-filename"),
}


class Call(NamedTuple):
    """A call of ``pre-commit run``: the one hook it names, if it does, the hooks it leaves out, and the stage."""

    named: str
    skipped: frozenset[str]
    stage: str


def called(arguments: list[str], skip: str) -> Call:
    """``arguments`` begin with ``run``; ``skip`` is the value of the variable ``SKIP``."""
    named, stage = "", "pre-commit"
    pending = arguments[1:]
    while pending:
        word, equals, value = pending.pop(0).partition("=")
        if word == "--files":
            while pending and not pending[0].startswith("-"):
                pending.pop(0)
        elif word in _VALUED:
            value = value if equals else "".join(pending[:1])
            pending = pending if equals else pending[1:]
            stage = value if word == "--hook-stage" else stage
        elif not word.startswith("-"):
            named = named or word
    return Call(named, frozenset(filter(None, skip.replace(" ", "").split(","))), stage)
