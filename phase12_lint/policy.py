"""What is governed, as one value. The defaults are the preset of Phase 12; a policy is handed on, never global."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from phase12_lint.presets import DEFAULT, preset

_DEFAULTS = preset(DEFAULT).keys
_MOST_LISTED = 5  # names of a kind, in a message


class Origin(NamedTuple):
    """Where the user wrote a key: file (relative to the root, or as given) and line, from 1."""

    path: str
    line: int


class Policy(NamedTuple):
    """One governed pipeline. Every field is a key of the configuration, with ``-`` for ``_``.

    ``origins`` tells, for each key that the user wrote, where each of its values stands:
    ``(key, value, origin)``; what is not in it is a default. ``section`` is where its section begins, if it has one.
    ``foreign_envelopes`` are the envelope builders of the other pipelines. ``extends`` is the preset whose keys hold
    where the user wrote none.
    """

    name: str = ""
    extends: str = DEFAULT
    plugin_bases: tuple[str, ...] = _DEFAULTS["plugin-bases"]
    plugin_methods: tuple[str, ...] = _DEFAULTS["plugin-methods"]
    plugin_names: tuple[str, ...] = _DEFAULTS["plugin-names"]
    plugin_sources: tuple[str, ...] = _DEFAULTS["plugin-sources"]
    choke_point: tuple[str, ...] = _DEFAULTS["choke-point"]
    runner_names: tuple[str, ...] = _DEFAULTS["runner-names"]
    layers: tuple[str, ...] = _DEFAULTS["layers"]
    input_validator: tuple[str, ...] = _DEFAULTS["input-validator"]
    output_validator: tuple[str, ...] = _DEFAULTS["output-validator"]
    error_envelope: tuple[str, ...] = _DEFAULTS["error-envelope"]
    metrics_update: tuple[str, ...] = _DEFAULTS["metrics-update"]
    metrics_fields: tuple[str, ...] = _DEFAULTS["metrics-fields"]
    states: tuple[str, ...] = _DEFAULTS["states"]
    phase_tests: tuple[str, ...] = _DEFAULTS["phase-tests"]
    exempt: tuple[str, ...] = _DEFAULTS["exempt"]
    require_suppression_reason: bool = False
    origins: tuple[tuple[str, str, Origin], ...] = ()
    section: Origin | None = None
    foreign_envelopes: tuple[str, ...] = ()

    @property
    def envelope_builders(self) -> tuple[str, ...]:
        """What builds an envelope in this pipeline or in another one of the program."""
        return (*self.error_envelope, *self.foreign_envelopes)

    def settled(self) -> Policy:
        """The same, with the choke point left out of ``layers``: it is the last of them without being named there."""
        return self._replace(layers=tuple(each for each in self.layers if not self._is_choke_point(each)))

    def _is_choke_point(self, layer: str) -> bool:
        tails = [f".{name.replace(':', '.')}" for name in self.choke_point]
        written = f".{layer.replace(':', '.')}"
        return any(tail.endswith(written) or written.endswith(tail) for tail in tails)

    def under(self, key: str) -> tuple[str, ...]:
        """The names that ``key`` has, which is written as in the configuration."""
        names: tuple[str, ...] = getattr(self, key.replace("-", "_"))
        return names

    @property
    def bands(self) -> tuple[str, ...]:
        """The names of the layers as pictures have them: from the API down to the choke point, without modules."""
        names = (*self.layers, self.choke_point[0])
        return ("API", *map(last_part, names))


def spelled(names: Iterable[str]) -> str:
    """A regular expression for ``names`` of a policy, with their ``*`` and ``?``; of none, one that never matches."""
    words = sorted(re.escape(name).replace(r"\*", r"\w*").replace(r"\?", r"\w") for name in names)
    return f"(?:{'|'.join(words)})" if words else "(?!)"


def sought(policy: Policy) -> list[str]:
    """The kinds of thing that make a program governed under ``policy``, each with the names that it has there."""
    runs = tuple(f"{name}.{method}" for method in policy.plugin_methods for name in policy.plugin_names)
    return [
        f"{kind} ({_listed(names) or 'the policy names none'})"
        for kind, names in (
            ("plugin class", policy.plugin_bases),
            ("plugin source", policy.plugin_sources),
            ("plugin run", runs),
            ("choke point", policy.choke_point),
        )
    ]


def _listed(names: Sequence[str]) -> str:
    """``names``, the first of many: a preset may have dozens."""
    more = [f"and {len(names) - _MOST_LISTED} more"] if len(names) > _MOST_LISTED else []
    return ", ".join([*(f"`{name}`" for name in names[:_MOST_LISTED]), *more])


def side_by_side(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """``policies`` of one program, each knowing the envelope builders of the others."""
    builders = {name for policy in policies for name in policy.error_envelope}
    return tuple(
        policy._replace(foreign_envelopes=tuple(sorted(builders.difference(policy.error_envelope))))
        for policy in policies
    )


def last_part(name: str) -> str:
    """The last part of ``package.module:Class`` or ``Class.method``."""
    return name.replace(":", ".").rpartition(".")[2]
