"""The policy as a section of ``setup.cfg`` or ``pyproject.toml``: what was inferred, and by what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from phase12_lint.adopt.init.guesses import GUESS, Guess, Inferred
from phase12_lint.config import KEYS, Key, Settings, extended
from phase12_lint.policy import Policy
from phase12_lint.presets import DEFAULT

_WIDTH = 110
_TESTS, _EXTENDS = "phase-tests", "extends"
_NO_LAYERS = Guess("layers", (), GUESS, "")
_HEADERS = {"ini": "[phase12-lint]", "toml": "[tool.phase12-lint]"}


def section(inferred: Inferred, kind: str) -> str:
    """The section in the syntax ``kind``, ``ini`` or ``toml``."""
    return "\n".join(_lines(inferred, kind)) + "\n"


def is_active(inferred: Inferred, guess: Guess) -> bool:
    """Whether ``guess`` is in force at once: neither it nor the plugins and the choke point, on which all rests, are
    mere guesses. That there are no layers, or no tests, is in force as well: the default's are those of another
    program."""
    if guess.key == _TESTS:
        return True
    basis = {each.key: each for each in inferred.guesses if each.key in ("plugin-bases", "choke-point")}
    if guess.key not in basis and not all(map(_is_known, basis.values())):
        return False
    return _is_known(guess) or (guess.key == "layers" and not guess.names)


def in_force(inferred: Inferred) -> Policy:
    """The policy that the section is, with the defaults."""
    active = [guess for guess in inferred.guesses if is_active(inferred, guess)]
    fields = {guess.key.replace("-", "_"): guess.names for guess in active if guess.key != _EXTENDS}
    if any(guess.key == "layers" for guess in inferred.guesses) and is_active(inferred, _NO_LAYERS):
        fields.setdefault("layers", ())
    return _usual(active)._replace(**fields)  # type: ignore[arg-type]


def _usual(guesses: Iterable[Guess]) -> Policy:
    """The policy that holds where the section says nothing: the default, or the preset of ``guesses``."""
    named = (guess.names[0] for guess in guesses if guess.key == _EXTENDS)
    return extended(Policy(), next(named, DEFAULT))


def _is_known(guess: Guess) -> bool:
    return bool(guess.names) and guess.sure != GUESS


def _lines(inferred: Inferred, kind: str) -> Iterator[str]:
    yield _HEADERS[kind]
    yield "# Inferred by `phase12-lint init`: check each line, correct what is wrong, and delete these comments."
    if not any(is_active(inferred, guess) for guess in inferred.guesses if guess.key != _TESTS):
        yield "# Nothing is certain enough to be active: uncomment what is right. Until then the defaults apply."
    for guess in inferred.guesses:
        what = f"{guess.sure}: {guess.evidence}" if guess.names else f"not found: {guess.evidence}"
        yield from (f"# {line}" for line in wrap(_on_one_line(what), _WIDTH))
        value = guess.names[0] if guess.key == _EXTENDS else guess.names
        yield ("" if is_active(inferred, guess) else "# ") + _assignment(guess.key, value, kind)
        if guess.key == "layers" and guess.sure == GUESS and guess.names:
            yield from _no_layers(inferred, kind)
    yield "# All other keys, with their defaults:"
    said = {guess.key for guess in inferred.guesses}
    for name, key in KEYS.items():
        if name not in said:
            yield from (f"# {line}" for line in wrap(f"{name}: {key.doc}", _WIDTH))
            yield f"# {_assignment(name, _default(key, _usual(inferred.guesses)), kind)}"


def _no_layers(inferred: Inferred, kind: str) -> Iterator[str]:
    """That there are none, until a guess about them is accepted."""
    if is_active(inferred, _NO_LAYERS):
        yield "# Until you uncomment it, no class is a layer; delete this line then:"
        yield _assignment("layers", (), kind)


def _default(key: Key, policy: Policy) -> tuple[str, ...] | bool | str:
    value = (policy if key.governs else Settings())._asdict()[key.field]
    return value if isinstance(value, (tuple, bool, str)) else value.label


def _assignment(key: str, value: tuple[str, ...] | bool | str, kind: str) -> str:
    if isinstance(value, bool):
        return f"{key} = {str(value).lower()}"
    if kind == "ini":
        return f"{key} = {value if isinstance(value, str) else ', '.join(value)}".rstrip()
    if isinstance(value, str):
        return f'{key} = "{value}"'
    return f"{key} = [{', '.join(f'{chr(34)}{name}{chr(34)}' for name in value)}]"


def _on_one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
