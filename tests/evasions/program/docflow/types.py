"""Names for types, kept free of imports at run time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional, TypeVar, Union

if TYPE_CHECKING:
    from docflow.engines import RenderEngine
    from docflow.plugins.base import Plugin

Payload = dict[str, Any]
MaybePlugin = Optional["Plugin"]
PluginOrEngine = Union["Plugin", "RenderEngine"]
Toolbox = Mapping[str, "Plugin"]
PluginT = TypeVar("PluginT", bound="Plugin")
EngineT = TypeVar("EngineT", bound="RenderEngine")
