"""Which calls of phase12-lint and flake8 check the governance, and which of them cannot fail."""

from __future__ import annotations

import re
from configparser import ConfigParser, Error

from phase12_lint.enforcement.facts import LINTER, Duties
from phase12_lint.enforcement.project import ProjectFiles

SCANNER = "scan_phase_12_violations.py"
_FLAKE8_FILES = (".flake8", "setup.cfg", "tox.ini")
_EXIT_ZERO = "with `--exit-zero` findings are not a failure"


def linter(words: list[str]) -> Duties:
    """What ``phase12-lint`` with the arguments ``words`` does."""
    if not {"check", "certify"}.intersection(words[:1]) or {"-h", "--help"}.intersection(words):
        return {}
    told = _value_of(words, "--select") + _value_of(words, "--extend-select")
    if _are_left_out(_value_of(words, "--ignore")) or (told and not any(map(_names_governance, told))):
        return {}
    return {LINTER: _EXIT_ZERO if "--exit-zero" in words else ""}


def scanner(words: list[str]) -> Duties:
    """What the seed's script with the arguments ``words`` does: the linter's ``check``."""
    return linter(["check", *words])


def flake8(words: list[str], project: ProjectFiles, text: str) -> Duties:
    """What ``flake8`` with the arguments ``words`` does; ``text`` is where the call stands."""
    if {"-h", "--help", "--version", "--bug-report"}.intersection(words):
        return {}
    told = _value_of(words, "--select")
    also = _value_of(words, "--extend-select")
    left_out = _value_of(words, "--ignore") + _value_of(words, "--extend-ignore")
    if _are_left_out(left_out):
        return {}
    if any(map(_names_governance, told + also)):
        return {LINTER: _EXIT_ZERO if "--exit-zero" in words else ""}
    if told or "--isolated" in words or not _is_selected(project, text):
        return {}
    return {LINTER: _EXIT_ZERO if "--exit-zero" in words else ""}


def _value_of(words: list[str], option: str) -> list[str]:
    found = []
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name == option:
            value = value if equals else "".join(words[number + 1 : number + 2])
            found += re.split(r"[,\s]+", value)
    return found


def _names_governance(code: str) -> bool:
    """Whether ``code`` begins one of the rules on code (GOV7 is on the project's files)."""
    return bool(re.fullmatch(r"G|GO|GOV([1-6]\d{0,2})?", code))


def _are_left_out(codes: list[str]) -> bool:
    return any(code in ("G", "GO", "GOV") for code in codes)


def _is_selected(project: ProjectFiles, text: str) -> bool:
    """Whether flake8's configuration has the codes on, or leaves on all that is installed, ours with it."""
    for path in _FLAKE8_FILES:
        section = _section(project.read(path) or "")
        if section is None:
            continue
        codes = [re.split(r"[,\s]+", section.get(key, "")) for key in ("select", "extend-select")]
        if any(
            _are_left_out(re.split(r"[,\s]+", section.get(key, ""))) for key in ("ignore", "extend-ignore")
        ):
            return False
        if any(map(_names_governance, codes[0] + codes[1])):
            return True
        if any(codes[0]):
            return False
        break
    installs = re.compile(r"phase12[-_.]lint", re.IGNORECASE)
    return bool(installs.search(text) or any(installs.search(each) for each in _requirements(project)))


def _requirements(project: ProjectFiles) -> list[str]:
    names = ("requirements.txt", "requirements-dev.txt", "dev-requirements.txt", "requirements_dev.txt")
    return [project.read(name) or "" for name in names]


def _section(text: str) -> dict[str, str] | None:
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except Error:
        return None
    if not parser.has_section("flake8"):
        return None
    return {key.replace("_", "-"): value for key, value in parser.items("flake8")}
