"""Whether what the policy names exists, defaults included: the rules that guard nothing are found."""

from __future__ import annotations

from collections.abc import Callable

from phase12_lint.analysis import quietly, whole_programs
from phase12_lint.engine import Request
from phase12_lint.facts.existence import exists, exists_like
from phase12_lint.policy import Policy
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
    found: list[str] = []
    missing: list[str] = []
    with quietly():
        for program in whole_programs(request, list(scan(request.root, request.exclude))):
            one = _Pipeline(program)
            found += one.found()
            missing += one.missing()
    return tuple(found), tuple(missing)


class _Pipeline:
    def __init__(self, program: Program) -> None:
        self._program = program
        self._policy: Policy = program.policy
        self._written = {key for key, _, _ in self._policy.origins}
        self._title = f"[{self._policy.name}] " if self._policy.name else ""

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
        for group in _GROUPS:
            if not any(self._is_there(key)(name) for key in group for name in self._names(key)):
                names = ", ".join(name for key in group for name in self._names(key))
                lines.append(self._line(group[0], names))
        return lines

    def _names(self, key: str) -> tuple[str, ...]:
        names: tuple[str, ...] = getattr(self._policy, key.replace("-", "_"))
        return names

    def _is_there(self, key: str) -> Callable[[str], bool]:
        def is_there(name: str) -> bool:
            if any(sign in name for sign in "*?["):
                return exists_like(self._program, name)
            return exists(self._program, key, name)

        return is_there

    def _line(self, key: str, names: str) -> str:
        if not names:
            return f"{self._title}{key} names nothing, so it guards nothing"
        return f"{self._title}{key}: the program has no `{names}`; write under `{key}` what it is called here"
