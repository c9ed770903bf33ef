"""What ``check --show-settings`` and ``--show-files`` print instead of checking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from phase12_lint.config import KEYS, Settings
from phase12_lint.engine import Request, listed
from phase12_lint.model import Confidence
from phase12_lint.policy import Policy
from phase12_lint.reports import seen_path
from phase12_lint.reports.printable import printable, printable_path


def files(request: Request, folder: Path) -> str:
    """The files that are read, a line each, relative to ``folder``."""
    return "".join(f"{printable_path(seen_path(folder, request.root, path))}\n" for path in listed(request))


def settings_in_force(root: Path, settings: Settings) -> str:
    """Every key with its value, and where it was written; a section for each pipeline."""
    return "".join(f"{line}\n" for line in _lines(root, settings))


def _lines(root: Path, settings: Settings) -> Iterator[str]:
    yield f"# root: {printable(str(root))}"
    yield from (f"# {printable(note)}" for note in settings.notes)
    for policy in settings.policies:
        yield ""
        yield f"[phase12-lint{f':{printable(policy.name)}' if policy.name else ''}]"
        for name, key in KEYS.items():
            if key.governs or not policy.name:
                value = getattr(policy if key.governs else settings, key.field)
                yield f"{name} = {printable(_written(value))}{_place(policy, name)}"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Confidence):
        return value.label
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _place(policy: Policy, key: str) -> str:
    places = [origin for name, _, origin in policy.origins if name == key]
    return f"  # {printable_path(places[0].path)}:{places[0].line}" if places else ""
