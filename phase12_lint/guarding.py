"""What the policies guard: names that they write and the program lacks (GOV004), and nothing at all (GOV005)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial

from phase12_lint.config import KEYS
from phase12_lint.config.keys import nearest
from phase12_lint.memory import Part
from phase12_lint.model import Finding, Places, united
from phase12_lint.policy import Policy, last_part
from phase12_lint.rules.nothing_governed import NothingGoverned
from phase12_lint.rules.policy_target_missing import PolicyTargetMissing
from phase12_lint.sources import exempt_among

_LOOKED_FOR = ("plugin-bases", "plugin-sources", "choke-point")  # without them nothing is governed
_DEFINED = re.compile(rb"\b(?:class|def)\s+([A-Za-z_]\w*)")
_ALMOST = 0.8
Target = tuple[str, str]  # a key of the policy, and a name that is written under it
_OF_NO_PIPELINE = ("exempt", "require-suppression-reason")


class Guard:
    """What the programs under one policy have of it: told program by program, then asked for what is missing.

    What stands beside the programs does not count, unless there is none.
    """

    def __init__(self, policy: Policy, policies: Sequence[Policy]) -> None:
        """``policies`` are all that are in force."""
        self.policy = policy
        self._is_meant = len(policies) == 1 or _is_written(policy)
        self._missing = PolicyTargetMissing.targets(policy)
        self._has_programs = False
        self._failed = False
        self.places: list[Places] = []

    def note(self, part: Part) -> None:
        """Take in what one program has."""
        self._has_programs = True
        self._missing = [target for target in self._missing if target not in part.targets]
        self._failed = self._failed or bool(part.errors)
        self.places.append(part.governed)

    def findings(
        self, files: Mapping[str, bytes], targets: Callable[[], Collection[Target]], unread: Iterable[str]
    ) -> list[Finding]:
        """What the policy lacks; ``targets`` gives what all ``files`` have of it. The ``unread`` may hold anything."""
        if self._missing and not self._has_programs:
            had = targets()
            self._missing = [target for target in self._missing if target not in had]
        near = partial(_nearest, files, exempt_among(files, self.policy.exempt) if self._missing else ())
        rule = PolicyTargetMissing()
        found = list(rule.check(self.policy, lambda *target: target not in self._missing, near))
        if self._guards_nothing():
            exempt = exempt_among({*files, *unread}, self.policy.exempt)
            if exempt.issuperset(unread):
                found += NothingGoverned().check(self.policy, sorted(files.keys() - exempt) or sorted(files))
        return found

    def _guards_nothing(self) -> bool:
        """Whether that is known, and no missing name is why."""
        if self._failed or not self._is_meant or any(key in _LOOKED_FOR for key, _ in self._missing):
            return False
        return not united(self.places).guards


def _nearest(files: Mapping[str, bytes], exempt: Collection[str], name: str) -> str:
    """What in ``files`` is called almost as ``name`` is by its last part, in the same class; empty if nothing is."""
    names = {
        found.decode() for path in files if path not in exempt for found in _DEFINED.findall(files[path])
    }
    near = nearest(last_part(name), sorted(names - {name}), _ALMOST)
    owner = name[: -len(last_part(name))]
    return f"{owner}{near}" if near and last_part(owner[:-1]) in names else near


def _is_written(policy: Policy) -> bool:
    """Whether somebody wrote this pipeline: the section without a name may only hold what concerns all of them."""
    keys = {key for key, _, _ in policy.origins}
    return bool(policy.name) or any(not KEYS[key].shared and key not in _OF_NO_PIPELINE for key in keys)
