"""Which calls of phase12-lint and flake8 check the governance, and which of them cannot fail."""

from __future__ import annotations

import re
from collections.abc import Iterable

from phase12_lint.enforcement.facts import LINTER, Duties
from phase12_lint.enforcement.options import options
from phase12_lint.enforcement.project import ProjectFiles, ini

_SELECTING = ("--select", "--extend-select")
_IGNORING = ("--ignore", "--extend-ignore")
_LOOKS_ONLY = {"-h", "--help", "--version", "--bug-report"}
_FLAKE8_FILES = (".flake8", "setup.cfg", "tox.ini")
_REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "dev-requirements.txt", "requirements_dev.txt")
_PACKAGE = re.compile(r"phase12[-_.]lint", re.IGNORECASE)
_ON_CODE = re.compile(
    r"G|GO|GOV([1-6]\d{0,2})?"
)  # what begins one of the rules on code; GOV7 is on other files


def linter(words: list[str], project: ProjectFiles, script: str) -> Duties:
    """What ``phase12-lint`` with the arguments ``words`` does."""
    return scanner(words, project, script) if words[:1] in (["check"], ["certify"]) else {}


def scanner(words: list[str], project: ProjectFiles, script: str) -> Duties:
    """What the seed's script with the arguments ``words`` does: the linter's ``check``."""
    selected, ignored = _codes(words, _SELECTING), _codes(words, _IGNORING)
    is_on = not selected or any(map(_ON_CODE.fullmatch, selected))
    return _done(words) if is_on and not _are_left_out(ignored) else {}


def flake8(words: list[str], project: ProjectFiles, script: str) -> Duties:
    """What ``flake8`` with the arguments ``words`` does; ``script`` is where the call stands."""
    selected = _codes(words, _SELECTING)
    if _are_left_out(_codes(words, _IGNORING)):
        return {}
    if not any(map(_ON_CODE.fullmatch, selected)):
        only = _codes(words, ("--select",))
        if only or "--isolated" in words or not _is_selected(project, script):
            return {}
    return _done(words)


def is_installed(dependencies: str) -> bool:
    """Whether this package is among ``dependencies``, as they are written."""
    return bool(_PACKAGE.search(dependencies))


def _done(words: list[str]) -> Duties:
    if _LOOKS_ONLY.intersection(words):
        return {}
    return {LINTER: "with `--exit-zero` findings are not a failure" if "--exit-zero" in words else ""}


def _codes(words: Iterable[str], names: tuple[str, ...]) -> list[str]:
    told = options(words, (*_SELECTING, *_IGNORING))
    return [code for name, value in told if name in names for code in re.split(r"[,\s]+", value) if code]


def _are_left_out(codes: list[str]) -> bool:
    return any(code in ("G", "GO", "GOV") for code in codes)


def _is_selected(project: ProjectFiles, script: str) -> bool:
    """Whether flake8's configuration has the codes on, or leaves on all that is installed, ours with it."""
    sections = (ini(project.read(path) or "").get("flake8") for path in _FLAKE8_FILES)
    settings = next((each for each in sections if each is not None), {})
    words = [f"--{key.replace('_', '-')}={value}" for key, value in settings.items()]
    if _are_left_out(_codes(words, _IGNORING)):
        return False
    if any(map(_ON_CODE.fullmatch, _codes(words, _SELECTING))):
        return True
    installs = [script, *(project.read(name) or "" for name in _REQUIREMENTS)]
    return not _codes(words, ("--select",)) and any(map(is_installed, installs))


PROGRAMS = {
    **dict.fromkeys(("phase12-lint", "phase12_lint"), linter),
    **dict.fromkeys(("scan_phase_12_violations.py", "scripts.scan_phase_12_violations"), scanner),
    "flake8": flake8,
}
