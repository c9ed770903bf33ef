"""The routes."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from docflow.api.dependencies import current_engine, current_tool
from docflow.engines import LayoutEngine
from docflow.plugins import Plugin

router = APIRouter()


@router.post("/v1/analyze")
async def analyze(request: Request):
    """The way that is meant."""
    body = await request.json()
    return {"result": request.app.state.analysis.analyze(body["plugin"], body)}


@router.post("/v1/shortcut")
async def shortcut(request: Request, tool: Plugin = Depends(current_tool)):
    """The injected plugin is run on the spot."""
    return tool.run(await request.json())  # error: GOV101


@router.post("/v1/layout")
async def layout(request: Request, plugin: LayoutEngine = Depends(current_engine)):
    """An engine under the name of a plugin."""
    return plugin.run(await request.json())  # ok: annotated as an engine


@router.get("/v1/everything")
async def everything(request: Request):
    """Nothing is known of these but their names."""
    results = []
    for plugin in request.app.state.catalogue:
        results.append(plugin.run({}))  # error: GOV101
    for step in request.app.state.steps:
        results.append(step.run({}))  # ok: nothing says that this is a plugin
    return results


@router.get("/v1/named")
async def named(request: Request):
    """Known by their names alone."""
    ocr_plugin = request.app.state.reader
    plugins = request.app.state.catalogue
    plugin_name = request.app.state.name
    plugin_name.run()  # ok: not the name of a plugin
    plugins["ocr"].run({})  # error: GOV101
    return ocr_plugin.run({})  # error: GOV101
