"""Which project a command is about, and which part of it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from os.path import normpath
from pathlib import Path
from typing import NamedTuple

from phase12_lint.cli.errors import UsageError
from phase12_lint.config import ConfigError, Settings, load
from phase12_lint.engine import Request
from phase12_lint.index.named import Home, files_with, homes_of, why_unread
from phase12_lint.select import asks_for_enforcement

_STANDARD_INPUT = (
    "'-': only files are checked; for standard input ask flake8:"
    " flake8 --select=GOV --stdin-display-name=FILE -"
)


class Located(NamedTuple):
    """A project's root, and the parts of it that were named, relative to it; no parts are all of it.

    ``alone``: the parts are files of no project, and nothing is read but what they import.
    """

    root: Path
    parts: tuple[str, ...] = ()
    alone: bool = False


def locate(named: str | None, names: Sequence[str], folder: Path) -> Located:
    """The one project of what ``names`` point to.

    ``named`` is the root if the user said it; ``folder`` the working directory. Raises ``UsageError``.
    """
    paths = [Path(normpath(folder / name)) for name in names]
    for name, path in zip(names, paths, strict=True):
        _look_at(path, name)
    homes = list(homes_of(folder, paths)) if named is None else [Home(_named(named, folder))]
    if len(homes) > 1:
        roots = ", ".join(str(home.root) for home in homes)
        raise UsageError(f"these are of several projects ({roots}): check one at a time, or give one --root")
    root, alone = homes[0]
    parts = (_part(root, path, name) for name, path in zip(names, paths, strict=True))
    return Located(root, tuple(parts), alone)


def with_named(request: Request, where: Located, configuration: str) -> Request:
    """``request`` for what is named in ``where``: scripts are read as well. Raises ``UsageError`` for what is not read.

    What a run reports on without reading it as Python may be named: the file ``configuration``, and with the rules on
    the project's own files all of it.
    """
    if not where.parts:
        return request
    listed = files_with(Home(request.root, where.alone), where.parts, request.exclude)
    if not request.enforcement:
        for part in where.parts:
            why = why_unread(request.root, part, request.exclude, listed)
            if why and part != configuration:
                raise UsageError(f"{part} is not read: {why}")
    return request._replace(files=listed)


def settings_of(root: Path, config: str | None, isolated: bool) -> Settings:
    """What the project's files say, or the file ``config``. Raises ``UsageError``."""
    try:
        return load(root, Path(config) if config else None, isolated)
    except ConfigError as error:
        raise UsageError(*error.problems) from error


def request_of(options: Namespace, root: Path, settings: Settings) -> Request:
    """What to analyse, as ``options`` and ``settings`` say."""
    return Request(
        root,
        settings.policies,
        settings.exclude,
        cache=not options.no_cache,
        jobs=options.jobs,
        enforcement=asks_for_enforcement(settings.select, settings.extend_select),
        policy_file=settings.file if options.config else "",
    )


def empty(root: Path, settings: Settings) -> str:
    """What is said where there is nothing to analyse."""
    hint = "; `exclude` leaves out " + ", ".join(settings.exclude) if settings.exclude else ""
    return f"no Python file was found in {root}{hint}; name the project's folder with --root"


def within(path: str, parts: Sequence[str]) -> bool:
    """Whether ``path`` is one of ``parts`` or stands in one; always so if there are none."""
    return not parts or any(part == "." or path == part or path.startswith(f"{part}/") for part in parts)


def _named(name: str, folder: Path) -> Path:
    root = Path(normpath(folder / name))
    if not root.is_dir():
        raise UsageError(f"--root: no such folder: {name}")
    return root


def _look_at(path: Path, name: str) -> None:
    """Raise ``UsageError`` where ``path``, which the user calls ``name``, is nothing, or may not be looked at."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(_STANDARD_INPUT if name == "-" else f"no such file or folder: {name}") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None


def _part(root: Path, path: Path, name: str) -> str:
    for candidate, base in ((path, root), (path.resolve(), root.resolve())):
        if candidate.is_relative_to(base):
            return candidate.relative_to(base).as_posix()
    raise UsageError(f"{name} is outside the project {root}")
