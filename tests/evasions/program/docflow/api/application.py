"""Wires the service together."""

from __future__ import annotations

from fastapi import FastAPI

from docflow.api.routes import router
from docflow.extensions import install
from docflow.plugins import OcrPlugin, PipelinePlugin, SummaryPlugin, TranslatePlugin
from docflow.registry import PluginRegistry
from docflow.services.analysis import AnalysisService
from docflow.services.jobs import JobManagementService
from docflow.services.plugin_management import PluginManagementService
from docflow.tool_runner import ToolRunner


def create_app() -> FastAPI:
    """The application, with every plugin registered."""
    registry = PluginRegistry()
    summary = SummaryPlugin()
    registry.register(OcrPlugin())
    registry.register(TranslatePlugin(summary))
    registry.register(PipelinePlugin(OcrPlugin(), summary))
    install(registry)
    management = PluginManagementService(ToolRunner(registry), registry)
    app = FastAPI()
    app.state.registry = registry
    app.state.analysis = AnalysisService(JobManagementService(management))
    app.include_router(router)
    return app


def serve():
    """Serve for ever."""
    import uvicorn

    app = create_app()
    uvicorn.run(app)  # ok: a server
    app.run(debug=True)  # ok: an application
