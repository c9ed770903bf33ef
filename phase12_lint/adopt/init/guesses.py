"""What is inferred of a program, each with how sure it is and what it was seen by."""

from __future__ import annotations

from typing import NamedTuple

CERTAIN, LIKELY, GUESS = "certain", "likely", "guess"


class Guess(NamedTuple):
    """The names that a key should have. Without names, ``evidence`` says why there are none.

    ``default`` if they are what the key means when it is not written.
    """

    key: str
    names: tuple[str, ...]
    sure: str
    evidence: str
    default: bool = False


class Suggestion(NamedTuple):
    """A base, its method and the places that run it, as a policy would name them."""

    base: str
    method: str
    chokes: tuple[str, ...]


class Inferred(NamedTuple):
    """All of it, in the order of a policy; the first of ``suggestions`` is what the guesses say."""

    guesses: tuple[Guess, ...]
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def has_base(self) -> bool:
        """Whether any plugin was found at all."""
        return any(guess.key == "plugin-bases" and guess.names for guess in self.guesses)
