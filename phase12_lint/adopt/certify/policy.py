"""Whether what the policy names exists, defaults included: the rules that guard nothing are found."""

from __future__ import annotations

from collections.abc import Callable

from phase12_lint.analysis import quietly
from phase12_lint.engine import Request
from phase12_lint.facts.existence import exists, exists_like
from phase12_lint.judgement import programs, whole_programs
from phase12_lint.policy import Policy
from phase12_lint.presets import preset
from phase12_lint.sources import scan
from phase12_lint.values.program import Program

_EACH = ("choke-point", "layers")  # every name has to exist; of the others one that does is enough
_GROUPS = (
    ("plugin-bases", "plugin-sources"),
    ("input-validator",),
    ("output-validator",),
    ("error-envelope",),
    ("metrics-update",),
)


def missing_targets(request: Request) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the policies of the project in ``request`` name that exists, and what they name that does not, as lines.

    What the user wrote is left to GOV004.
    """
    paths = list(scan(request.root, request.exclude))
    pipelines: dict[str, _Pipeline] = {}
    with quietly():
        for program in programs(request, paths):
            pipelines.setdefault(program.policy.name, _Pipeline(program.meant.written)).look_in(program)
        for program in whole_programs(request, paths):
            if not pipelines[program.policy.name].is_governed:
                pipelines[program.policy.name].look_in(program)
    found = tuple(line for each in pipelines.values() for line in each.found())
    return found, tuple(line for each in pipelines.values() for line in each.missing())


class _Pipeline:
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._written = {key for key, _, _ in policy.origins}
        self._title = f"[{policy.name}] " if policy.name else ""
        self._present: set[tuple[str, str]] = set()
        self.is_governed = False

    def look_in(self, program: Program) -> None:
        """Remember which names ``program``, one under the policy, has."""
        self.is_governed = self.is_governed or bool(program.project.texts.paths)
        for key in (*_EACH, *(key for group in _GROUPS for key in group)):
            names = [name for name in self._names(key) if (key, name) not in self._present]
            self._present |= {(key, name) for name in names if _exists(program, key, name)}

    def found(self) -> list[str]:
        keys = [*_EACH, *(key for group in _GROUPS for key in group)]
        lines = []
        for key in keys:
            names = list(filter(self._is_there(key), self._names(key)))
            lines += [f"{self._title}{key}: {', '.join(names)}"] if names else []
        return lines

    def missing(self) -> list[str]:
        lines = []
        for key in _EACH:
            if key not in self._written:
                absent = [name for name in self._names(key) if not self._is_there(key)(name)]
                lines += [self._line(key, name) for name in absent]
        usual = preset(self._policy.extends).keys
        for group in _GROUPS:
            if not any(self._names(key) or usual[key] for key in group):
                continue  # the preset names none, so none are asked for
            if not any(self._is_there(key)(name) for key in group for name in self._names(key)):
                names = ", ".join(name for key in group for name in self._names(key))
                lines.append(self._line(group[0], names))
        return lines

    def _names(self, key: str) -> tuple[str, ...]:
        return self._policy.under(key)

    def _is_there(self, key: str) -> Callable[[str], bool]:
        return lambda name: (key, name) in self._present

    def _line(self, key: str, names: str) -> str:
        if not names:
            return f"{self._title}{key} names nothing, so it guards nothing"
        return (
            f"{self._title}{key}: the program has no `{names}`; write under `{key}` its name in this program"
        )


def _exists(program: Program, key: str, name: str) -> bool:
    if any(sign in name for sign in "*?["):
        return exists_like(program, name)
    return exists(program, key, name)
