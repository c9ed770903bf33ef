"""The policy as a section of ``setup.cfg`` or ``pyproject.toml``: what was inferred, and by what."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from phase12_lint.adopt.init.guesses import GUESS, Guess, Inferred

_WIDTH = 110
_HEADERS = {"ini": "[phase12-lint]", "toml": "[tool.phase12-lint]"}


def section(inferred: Inferred, kind: str) -> str:
    """The section in the syntax ``kind``, ``ini`` or ``toml``."""
    return "\n".join(_lines(inferred, kind)) + "\n"


def is_active(inferred: Inferred, guess: Guess) -> bool:
    """Whether ``guess`` is in force at once: it has names, and the plugins that all rests on are no mere guess."""
    return bool(guess.names) and not any(
        each.key == "plugin-bases" and each.sure == GUESS for each in inferred.guesses
    )


def _lines(inferred: Inferred, kind: str) -> Iterator[str]:
    yield _HEADERS[kind]
    yield "# Inferred by `phase12-lint init`: read each line, correct what is wrong, and delete what is said."
    if not any(is_active(inferred, guess) for guess in inferred.guesses):
        yield "# Nothing is sure enough to be in force: take the # off what is right. Until then the defaults hold."
    for guess in inferred.guesses:
        what = f"{guess.sure}: {guess.evidence}" if guess.names else f"not found: {guess.evidence}"
        yield from (f"# {line}" for line in wrap(_on_one_line(what), _WIDTH))
        yield ("" if is_active(inferred, guess) else "# ") + _assignment(guess, kind)


def _assignment(guess: Guess, kind: str) -> str:
    if kind == "ini":
        return f"{guess.key} = {', '.join(guess.names)}".rstrip()
    quoted = ", ".join(f'"{name}"' for name in guess.names)
    return f"{guess.key} = [{quoted}]"


def _on_one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
