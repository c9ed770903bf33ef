"""The configuration: ``setup.cfg`` or ``pyproject.toml`` to the policies and options of a run.

Everything that is wrong is told at once, as one :class:`ConfigError`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from phase12_lint.config.keys import KEYS, Key, convert, nearest_key
from phase12_lint.config.written import ConfigError, Entry, Problem, Text, Written
from phase12_lint.model import Confidence
from phase12_lint.policy import Origin, Policy
from phase12_lint.presets import preset

__all__ = [
    "KEYS",
    "ConfigError",
    "Key",
    "Settings",
    "amend",
    "extended",
    "file_for",
    "find_root",
    "is_root",
    "load",
]

_FILES = ("setup.cfg", "pyproject.toml")
_OF_FLAKE8 = ("tox.ini", ".flake8")  # flake8 reads its options there, and a policy may be expected to count


def file_for(root: Path) -> str:
    """The file that takes a policy where none is written: the first of those that may and exist, else a new one."""
    return next((name for name in _FILES if os.path.lexists(root / name)), _FILES[0])


class Settings(NamedTuple):
    """What a run is told: its policies, the one without a name first, and what it reports.

    ``notes`` say where it all comes from, for a person who wonders; ``file`` is it, empty for the defaults.
    """

    policies: tuple[Policy, ...] = (Policy(),)
    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_confidence: Confidence = Confidence.NAMED
    notes: tuple[str, ...] = ()
    file: str = ""


def find_root(start: Path) -> Path:
    """The nearest root of a project from ``start`` upwards; without one, ``start``, which is absolute."""
    return next(filter(is_root, (start, *start.parents)), start)


def is_root(folder: Path) -> bool:
    """Whether ``folder`` is the root of a project: it holds ``.git``, ``setup.cfg`` or ``pyproject.toml``."""
    return any((folder / mark).exists() for mark in (".git", *_FILES))


def load(root: Path, config_file: Path | None = None, isolated: bool = False) -> Settings:
    """The settings of the project at ``root``; of ``config_file`` if given, the defaults if ``isolated``.

    Raises ``ConfigError`` with all that is wrong. Source: PRODUCT, "Policy": ``setup.cfg`` wins.
    """
    if isolated:
        return Settings(notes=("configuration: the defaults, as nothing else is read when isolated",))
    if config_file is not None:
        name = str(config_file)
        written = _read(config_file, name)
        if not written.found:
            raise ConfigError((f"{name}: has no section [{_section(name)}]; write one, or use --isolated",))
        return _settings(written, name, Path(os.path.relpath(config_file, root)).as_posix())
    _refuse_elsewhere(root)
    ours = {name: written for name in _FILES if (written := _read(root / name, name, only_ours=True)).found}
    if not ours:
        return Settings(notes=("configuration: the defaults, as no file has a section for phase12-lint",))
    first, *others = ours
    settings = _settings(ours[first], first)
    return settings._replace(
        notes=(*settings.notes, *(f"configuration: {first} wins over {name}" for name in others))
    )


def amend(settings: Settings, texts: Mapping[str, str], prefix: str = "--") -> Settings:
    """``settings`` with the keys of ``texts`` replaced, as options say that are called ``prefix`` + key.

    A policy's key is replaced in the first pipeline. Raises ``ConfigError`` with all that is wrong.
    """
    fields, _, problems = _fields(Entry("", key, 0, (Text(text, 0),)) for key, text in texts.items())
    if problems:
        raise ConfigError(tuple(prefix + problem.message for problem in problems))
    first, *others = settings.policies
    kept = tuple(origin for origin in first.origins if origin[0] not in texts)
    return _with(settings._replace(policies=(first._replace(origins=kept), *others)), {"": fields[""]})


def _read(path: Path, name: str, only_ours: bool = False) -> Written:
    """What the file says to us; ``only_ours`` passes over a file that is absent or does not speak of us."""
    try:
        if only_ours and not path.is_file():
            return Written(False, (), ())
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError((f"{name}: cannot be read: {error.strerror}",)) from None
    if only_ours and b"phase12" not in data.replace(b"\0", b"").lower():  # in UTF-16 every other byte is null
        return Written(False, (), ())
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError((f"{name}:{line}: not UTF-8: byte {data[error.start]:#04x}",)) from None
    if path.suffix == ".toml":
        from phase12_lint.config.toml import read
    else:
        from phase12_lint.config.ini import read
    written = read(text)
    if written.problems and not written.found:
        raise ConfigError(_told(written.problems, name))
    return written


def _refuse_elsewhere(root: Path) -> None:
    for name in _OF_FLAKE8:
        for pipeline, line in _read(root / name, name, only_ours=True).sections:
            section = _section(name, pipeline)
            told = f"[{section}] does not count here; move it to setup.cfg, or use --config {name}"
            raise ConfigError((f"{name}:{line}: {told}",))


def _settings(written: Written, name: str, place: str = "") -> Settings:
    """What ``written`` says; the user calls its file ``name``, and from the root it is at ``place``, if not so."""
    place = place or name
    fields, parts, problems = _fields(written.entries, name)
    if problems or written.problems:
        raise ConfigError(_told([*written.problems, *problems], name))
    lines = dict(written.sections)
    for pipeline in ("", *(each for each in lines if each)):
        origins = tuple(
            (key, part.text, Origin(place, part.line)) for at, key, part in parts if at == pipeline
        )
        section = Origin(place, lines[pipeline]) if pipeline in lines else None
        fields.setdefault(pipeline, {}).update(origins=origins, section=section)
    return _with(Settings(notes=(f"configuration: {name}",), file=place), fields)


def _with(settings: Settings, fields: Mapping[str, Mapping[str, Any]]) -> Settings:
    """``settings`` with the ``fields`` of each pipeline replaced, new pipelines added."""
    policies = {policy.name: policy for policy in settings.policies}
    for pipeline, values in fields.items():
        governs = {field: value for field, value in values.items() if field in Policy._fields}
        base = policies.get(pipeline, Policy(name=pipeline))
        if "extends" in governs:
            base = extended(base, governs["extends"])
        policies[pipeline] = base._replace(**governs).settled()
        settings = settings._replace(
            **{field: value for field, value in values.items() if field not in governs}
        )
    return settings._replace(policies=tuple(policies.values()))


def extended(policy: Policy, name: str) -> Policy:
    """``policy`` with the keys of the preset ``name`` where the user wrote none, empty ones included."""
    before = preset(policy.extends).keys
    written = {key for key, _, _ in policy.origins}
    written |= {key for key, value in before.items() if getattr(policy, KEYS[key].field) != value}
    keys = {key: value for key, value in preset(name).keys.items() if key not in written}
    return policy._replace(**{KEYS[key].field: value for key, value in keys.items()})  # type: ignore[arg-type]


def _fields(
    entries: Iterable[Entry], file: str = ""
) -> tuple[dict[str, dict[str, Any]], list[tuple[str, str, Text]], list[Problem]]:
    """The fields of each pipeline; the parts of their values, as (pipeline, key, part); what is wrong."""
    fields: dict[str, dict[str, Any]] = {"": {}}
    parts, problems = [], []
    for entry in entries:
        section = _section(file, entry.pipeline)
        key = KEYS.get(entry.key)
        if key is None:
            tables = ("pipelines",) if file.endswith(".toml") and not entry.pipeline else ()
            nearest = nearest_key(entry.key, within_pipeline=bool(entry.pipeline), others=tables)
            problems.append(
                Problem(
                    entry.line,
                    f"unknown key '{entry.key}' in [{section}]; the nearest right key is '{nearest}'",
                )
            )
        elif key.shared and entry.pipeline:
            problems.append(
                Problem(entry.line, f"'{entry.key}' is in [{section}] but belongs in [{_section(file)}]")
            )
        else:
            value, written, wrong = convert(key, entry.value)
            fields.setdefault(entry.pipeline, {})[key.field] = value
            parts += [(entry.pipeline, entry.key, part) for part in written]
            problems += [
                Problem(problem.line or entry.line, f"{entry.key}: {problem.message}") for problem in wrong
            ]
    return fields, parts, problems


def _section(file: str, pipeline: str = "") -> str:
    if file.endswith(".toml"):
        return "tool.phase12-lint" + (f".pipelines.{pipeline}" if pipeline else "")
    return "phase12-lint" + (f":{pipeline}" if pipeline else "")


def _told(problems: Iterable[Problem], name: str) -> tuple[str, ...]:
    ordered = sorted(problems, key=lambda problem: problem.line)
    return tuple(f"{name}:{line}: {message}" if line else f"{name}: {message}" for line, message in ordered)
