"""Finds plugins: the entry points of the group ``phase12.plugins``, and the files of a folder."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any
from zlib import crc32

from reference_runtime.plugins.base import Plugin

Plugins = dict[str, Plugin]
Reasons = dict[str, str]


class _Folder:
    """Finds the packages ``mount(folder) + "1"``, ``"2"`` and so on: the folder, as often as it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.prefix = f"phase12_plugins_{crc32(self.folder.encode()):08x}_"

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if not name.startswith(self.prefix) or "." in name:
            return None
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [self.folder]
        return spec


def mount(folder: Path) -> str:
    """Make ``folder`` importable in this process; returns what the names of its packages begin with."""
    finder = _Folder(folder)
    if not any(isinstance(each, _Folder) and each.folder == finder.folder for each in sys.meta_path):
        sys.meta_path.append(finder)
    return finder.prefix


def discover(folder: Path, generation: int) -> tuple[Plugins, Reasons]:
    """The plugins by name, and for each that could not be loaded the reason, and what to do.

    Modules of ``folder`` are imported anew for each ``generation``. Never raises.
    """
    plugins: Plugins = {}
    reasons: Reasons = {}
    package = f"{mount(folder)}{generation}"
    importlib.invalidate_caches()
    for point in entry_points(group="phase12.plugins"):
        _add(point.name, _classes_at(point), plugins, reasons)
    for file in sorted(folder.glob("[!_]*.py")):
        _add(file.stem, _classes_in(f"{package}.{file.stem}"), plugins, reasons)
    return plugins, reasons


def _add(label: str, classes: Iterator[Any], plugins: Plugins, reasons: Reasons) -> None:
    try:
        made = [cls() for cls in classes]
        if not made:
            raise TypeError("no class here has a text `name` and a method `run(payload)`")
    except BaseException as error:  # a module may do anything while it is imported
        reasons[label] = f"{type(error).__name__}: {error}; mend {label} and load the plugins again"
        return
    for plugin in made:
        if plugin.name in plugins:
            reasons[label] = f"the name {plugin.name!r} is taken by another plugin; give it a name of its own"
        else:
            plugins[plugin.name] = plugin


def _classes_at(point: EntryPoint) -> Iterator[Any]:
    yield point.load()


def _classes_in(name: str) -> Iterator[type]:
    module = importlib.import_module(name)
    for _, cls in inspect.getmembers(module, inspect.isclass):
        if cls.__module__ == name and isinstance(vars(cls).get("name"), str) and hasattr(cls, "run"):
            yield cls
