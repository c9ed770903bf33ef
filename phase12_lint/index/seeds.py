"""What tells, before anything is parsed, that code may be governed."""

from __future__ import annotations

import re
from typing import NamedTuple

from phase12_lint.policy import Policy

REFLECTIVE_FUNCTIONS = ("getattr", "getattr_static", "methodcaller", "attrgetter", "vars", "eval", "exec")
REFLECTIVE_METHODS = ("__getattribute__", "__getattr__")
REFLECTIVE = (*REFLECTIVE_FUNCTIONS, *REFLECTIVE_METHODS, "__dict__")


class Seeds(NamedTuple):
    """What tells that code is governed: ``words`` in it, ``modules`` that are the choke point itself, or a name that
    matches ``patterns`` (with ``*``) in a file that holds one of ``methods``."""

    words: tuple[str, ...]
    modules: tuple[str, ...]
    patterns: tuple[str, ...]
    methods: tuple[str, ...]

    @property
    def parts(self) -> list[str]:
        """What every seed holds one of."""
        stems = {re.sub(r"[*?].*", "", each.lstrip("*?_")) for each in (*self.words, *self.patterns)}
        return sorted(stem for stem in stems if not any(each != stem and each in stem for each in stems))


def seeds_of(policy: Policy) -> Seeds:
    """The seeds of what ``policy`` governs."""
    named = (*policy.plugin_bases, *policy.plugin_sources, *policy.choke_point, *policy.layers)
    named += policy.metrics_update
    methods = (*policy.plugin_methods, *REFLECTIVE)
    modules = tuple(name.replace(":", ".") for name in policy.choke_point)
    patterns = tuple(name.removesuffix("[]") for name in policy.plugin_names)
    return Seeds((*map(_word_of, named), *policy.runner_names), modules, patterns, methods)


def _word_of(name: str) -> str:
    """The name without which code cannot mean ``name``: a class, the owner of a method, a function."""
    head, _, within = name.rpartition(":")
    parts = within.split(".")
    if head:
        return parts[0]
    if len(parts) == 1 or parts[-1][:1].isupper():
        return parts[-1]
    return parts[-2] if len(parts) == 2 or parts[-2][:1].isupper() else parts[-1]
