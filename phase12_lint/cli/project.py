"""Which project a command is about, and which part of it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from os.path import normpath
from pathlib import Path

from phase12_lint.cli.errors import UsageError
from phase12_lint.config import ConfigError, Settings, find_root, load
from phase12_lint.engine import Request
from phase12_lint.select import asks_for_enforcement


def locate(named: str | None, names: Sequence[str], folder: Path) -> tuple[Path, tuple[str, ...]]:
    """The project's root and the parts of it that ``names`` point to, relative to it; no parts are all of it.

    ``named`` is the root if the user said it; ``folder`` the working directory. Raises ``UsageError``.
    """
    paths = [Path(normpath(folder / name)) for name in names]
    for name, path in zip(names, paths, strict=True):
        if not path.exists():
            raise UsageError(f"no such file or folder: {name}")
    root = _named(named, folder) if named is not None else find_root(folder, paths)
    return root, tuple(_part(root, path, name) for name, path in zip(names, paths, strict=True))


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
        policy_file=options.config or "",
    )


def within(path: str, parts: Sequence[str]) -> bool:
    """Whether ``path`` is one of ``parts`` or stands in one; always so if there are none."""
    return not parts or any(part == "." or path == part or path.startswith(f"{part}/") for part in parts)


def _named(name: str, folder: Path) -> Path:
    root = Path(normpath(folder / name))
    if not root.is_dir():
        raise UsageError(f"--root: no such folder: {name}")
    return root


def _part(root: Path, path: Path, name: str) -> str:
    for candidate, base in ((path, root), (path.resolve(), root.resolve())):
        if candidate.is_relative_to(base):
            return candidate.relative_to(base).as_posix()
    raise UsageError(f"{name} is outside the project {root}")
