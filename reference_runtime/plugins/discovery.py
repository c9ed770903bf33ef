"""Where plugins are: the entry points of the group ``phase12.plugins``, and the files of a folder.

The service only knows where they are. What imports them is called in a worker.
"""

from __future__ import annotations

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
_NOT_PLUGINS = ("_", ".", "test_", "conftest")


@dataclass
class Found:
    """A plugin by its place, as the service holds it. Pickled and sent to a worker, it is the plugin itself there.

    ``module`` is a module's name, or the path of a file; ``attribute`` its class.
    """

    name: str
    module: str
    attribute: str

    def run(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Runs in a worker only."""
        raise NotImplementedError("a plugin is not imported in the service")

    def __reduce__(self) -> tuple[Callable[[str, str], Plugin], tuple[str, str]]:
        return _load, (self.module, self.attribute)


def sources(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Label, module and attribute (empty: any) of what may hold plugins."""
    for point in entry_points(group="phase12.plugins"):
        yield point.name, point.module, point.attr
    for file in sorted(folder.glob("*.py")):
        if not file.name.startswith(_NOT_PLUGINS) and not file.stem.endswith("_test"):
            yield re.sub(r"[^A-Za-z0-9._-]", "_", file.name)[:100], str(file), ""


def names_in(payload: dict[str, Any]) -> dict[str, Any]:
    """In a worker: by name of plugin, the class in ``payload``'s module that is one."""
    module, attribute = _module(payload["module"]), payload["attribute"]
    own = [cls for _, cls in inspect.getmembers(module, inspect.isclass) if cls.__module__ == module.__name__]
    classes = [getattr(module, attribute)] if attribute else own
    found: dict[str, Any] = {}
    for cls in classes:
        name = getattr(cls, "name", None)
        if isinstance(name, str) and PLUGIN_NAME.fullmatch(name) and callable(getattr(cls, "run", None)):
            cls()  # it must be possible to make one
            found[str(name)] = cls.__name__
    if not found:
        raise TypeError("no class here has a `name` of letters, digits and ._- and a method `run(payload)`")
    return found


def _load(module: str, attribute: str) -> Plugin:
    made: Plugin = getattr(_module(module), attribute)()
    return made


def _module(name: str) -> ModuleType:
    if not name.endswith(".py"):
        return importlib.import_module(name)
    package = ModuleType(_PACKAGE)  # so that a file may be called as an installed module is
    package.__path__ = [str(Path(name).parent)]
    sys.modules[_PACKAGE] = package
    return importlib.import_module(f"{_PACKAGE}.{Path(name).stem}")
