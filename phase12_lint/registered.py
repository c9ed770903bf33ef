"""The rules of a team's own that are installed beside the linter, found by entry point.

An entry point of the group ``phase12_lint.rules`` is called by the code of its rule, so that the codes are known before
anything is imported. Importing ``importlib.metadata`` takes longer than a cached run: the folders of distributions are
looked through as bytes first.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from phase12_lint.faults import told
from phase12_lint.request import Request

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "phase12_lint.rules"
_CODE = re.compile(r"(?!GOV)[A-Z]{1,3}[0-9]{3}")  # what flake8 lets a user select
_METADATA = (".dist-info", ".egg-info", "EGG-INFO")
_OF_A_RULE = ("code", "name", "section", "default", "words")


class Loaded(NamedTuple):
    """The classes of the rules, in the order of the codes; what was raised instead of one, the traceback below it."""

    rules: tuple[type[Any], ...]
    errors: tuple[str, ...]


class RegistrationError(Exception):
    """An entry point that names no rule; says what it must be."""


@cache
def registered() -> Mapping[str, EntryPoint]:
    """The entry points by the code of their rule, in the order of the codes. Imports no rule."""
    return {point.name: point for point in _points() if _CODE.fullmatch(point.name)}


@cache
def loaded() -> Loaded:
    """Every rule that is registered, imported; what one raises costs that rule alone."""
    rules, errors = [], []
    for point in _points():
        try:
            rules.append(_load(point))
        except (Exception, SystemExit) as error:
            errors.append(told(f"{point.name} ({point.value})", error))
    return Loaded(tuple(rules), tuple(errors))


def rules_for(request: Request) -> Loaded:
    """The rules of a team's own that ``request`` is judged by."""
    return loaded() if request.own_rules is None else Loaded(request.own_rules, ())


def signature() -> tuple[object, ...]:
    """Tells the rules that are installed: another one for other code, as far as the file system says."""
    return tuple((point.name, point.value, *_files(point.module)) for point in _points())


@cache
def _points() -> tuple[EntryPoint, ...]:
    if not any(map(_may_register, sys.path)):
        return ()
    from importlib.metadata import entry_points

    return tuple(sorted(set(entry_points(group=GROUP)), key=lambda point: (point.name, point.value)))


def _may_register(place: str) -> bool:
    """Whether a distribution in ``place``, an entry of ``sys.path``, may have an entry point of ours."""
    if Path(place).is_file():  # an archive
        return True
    try:
        with os.scandir(place or ".") as entries:
            folders = [entry.path for entry in entries if entry.name.endswith(_METADATA)]
    except OSError:
        return False
    return any(map(_names_the_group, folders))


def _names_the_group(folder: str) -> bool:
    try:
        with open(f"{folder}/entry_points.txt", "rb") as file:  # noqa: PTH123 a Path for each of hundreds is slow
            return GROUP.encode() in file.read()
    except OSError:
        return False


def _load(point: EntryPoint) -> type[Any]:
    if not _CODE.fullmatch(point.name):
        raise RegistrationError(
            "the entry point must have the code as its name: one to three capital letters, not GOV, and three digits"
        )
    if sum(other.name == point.name for other in _points()) > 1:
        raise RegistrationError("another rule is registered under the same code")
    rule = point.load()
    if not isinstance(rule, type) or not all(hasattr(rule, name) for name in _OF_A_RULE):
        raise RegistrationError(
            "it must be a class below phase12_lint.own_rules.OwnRule that has a code and a name"
        )
    code = getattr(rule, "code", None)
    if code != point.name:
        raise RegistrationError(f"its code is {code!r}, and the name of the entry point is {point.name!r}")
    return rule


def _files(module: str) -> Iterator[tuple[object, ...]]:
    """What the file system says of the files of the top-level package of ``module``, which is not imported."""
    from importlib.util import find_spec

    try:
        spec = find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        spec = None
    folders = list(spec.submodule_search_locations or ()) if spec else []
    files = [path for folder in folders for path in Path(folder).rglob("*.py")]
    files += [Path(spec.origin)] if spec and spec.origin and not folders else []
    for path in sorted(files):
        try:
            status = path.stat()
        except OSError:
            continue
        yield (str(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
