"""Where plugins are: in entry points, and in a folder. The service knows the places; what imports is for a worker."""

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from reference_runtime.errors import PLUGIN_NAME
from reference_runtime.plugins.base import Plugin

_PACKAGE = "phase12_plugins"
_NO_PLUGINS = re.compile(r"[_.]|test_|conftest|.*_test\.py$")


@dataclass
class Found:
    """A plugin by its place, as the service holds it. Pickled and sent to a worker, it is the plugin itself there."""

    name: str
    module: str
    attribute: str

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Runs in a worker only."""
        raise NotImplementedError("a plugin is not imported in the service")

    def __reduce__(self) -> tuple[Callable[[str, str], Plugin], tuple[str, str]]:
        return _load, (self.module, self.attribute)


def sources(folder: Path) -> Iterator[dict[str, str]]:
    """Label, module (its name, or the path of its file) and class (empty: any) of what may hold plugins."""
    for point in entry_points(group="phase12.plugins"):
        module, cls = [*re.findall(r"[\w.]+", point.value), "", ""][:2]
        yield {"label": _label(point.name), "module": module, "class": cls}
    for file in sorted(folder.glob("*.py")):
        if not _NO_PLUGINS.match(file.name):
            yield {"label": _label(file.name), "module": str(file), "class": ""}


def names_in(place: dict[str, Any]) -> dict[str, str]:
    """In a worker: by name of plugin, the class in the module of ``place`` that is one."""
    module, found = _module(place["module"]), dict[str, str]()
    for attribute, cls in inspect.getmembers(module, inspect.isclass):
        is_meant = attribute == place["class"] if place["class"] else cls.__module__ == module.__name__
        name = getattr(cls, "name", None)
        if is_meant and isinstance(name, str) and PLUGIN_NAME.fullmatch(name) and callable(getattr(cls, "run", None)):
            cls()  # it must be possible to make one
            found[name] = attribute
    if not found:
        raise TypeError("no class here has a `name` of letters, digits and ._- and a method `run(payload)`")
    return found


def _label(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[:100]


def _load(module: str, attribute: str) -> Plugin:
    made: Plugin = getattr(_module(module), attribute)()
    return made


def _module(name: str) -> ModuleType:
    if not name.endswith(".py"):
        return importlib.import_module(name)
    sys.dont_write_bytecode = True  # a file may be edited twice in a second
    package = sys.modules[_PACKAGE] = ModuleType(_PACKAGE)  # a file may be called as an installed module is
    package.__path__ = [str(Path(name).parent)]
    return importlib.import_module(f"{_PACKAGE}.{Path(name).stem}")
