"""Takes plugins and engines alike, and tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Optional

from docflow.engines import LayoutEngine, RenderEngine
from docflow.plugins import Plugin

if TYPE_CHECKING:
    from docflow.plugins import SummaryPlugin as Summary


def export(item, page):
    """Whatever it is."""
    if isinstance(item, Plugin):
        return item.run(page)  # error: GOV101
    if isinstance(item, LayoutEngine):
        return item.run(page)  # ok: narrowed to an engine
    return item.run(page)  # ok: no plugin is left


def export_either(item: Plugin | RenderEngine, page):
    """One or the other."""
    if not isinstance(item, Plugin):
        return item.run(page)  # ok: narrowed to an engine
    return item.run(page)  # error: GOV101


def export_matched(item: object, page):
    """By pattern."""
    match item:
        case RenderEngine():
            return item.run(page)  # ok: narrowed to an engine
        case Plugin():
            return item.run(page)  # error: GOV101
        case _:
            return None


def export_early(item: Any, page):
    """With an early way out."""
    if isinstance(item, Plugin):
        return item.describe()
    return item.run(page)  # ok: no plugin is left


def export_asserted(item, page):
    """By assertion."""
    assert isinstance(item, (RenderEngine, Plugin))
    return item.run(page)  # error: GOV101


def export_quoted(item: "Plugin", other: "Optional[Plugin]", page):
    """Annotations in quotes."""
    if other:
        other.run(page)  # error: GOV101
    return item.run(page)  # error: GOV101


def export_annotated(item: Annotated[Plugin, "the summary"], other: Annotated[RenderEngine, Plugin], page):
    """Annotations with remarks."""
    other.run(page)  # ok: the plugin is only a remark
    return item.run(page)  # error: GOV101


def export_checked(summary: Summary, page):
    """A type that only a type checker imports."""
    return summary.run(page)  # error: GOV101


def export_named(plugin: RenderEngine, plugin_instance, page):
    """Names against types."""
    plugin.run(page)  # ok: annotated as an engine
    return plugin_instance.run(page)  # error: GOV101


def export_constructed(page):
    """A name against a constructor."""
    plugin = LayoutEngine()
    return plugin.run(page)  # ok: an engine was made
