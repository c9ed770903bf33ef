"""Builds the objects and ties them together: the only wiring."""

from __future__ import annotations

from documents.plugins import BarcodePlugin, OcrPlugin
from documents.registry import PluginRegistry
from documents.services.analysis import AnalysisService
from documents.services.jobs import JobManagementService
from documents.services.plugins import PluginManagementService
from documents.tool_runner import ToolRunner


def build_registry() -> PluginRegistry:
    registry = PluginRegistry()
    for plugin in (OcrPlugin(), BarcodePlugin()):
        registry.register(plugin)
    return registry


def build_analysis(registry: PluginRegistry) -> AnalysisService:
    plugins = PluginManagementService(ToolRunner(registry))
    return AnalysisService(JobManagementService(plugins))
