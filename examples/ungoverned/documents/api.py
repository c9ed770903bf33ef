"""The route of the service."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request

from documents.app import build_analysis, build_registry

router = APIRouter()
analysis = build_analysis(build_registry())


@router.post("/v1/analyze/{plugin_name}")
async def analyze(plugin_name: str, request: Request) -> dict[str, Any]:
    mime_type = request.headers.get("content-type", "")
    result, envelope = analysis.analyze(plugin_name, await request.body(), mime_type)
    if envelope is not None:
        raise HTTPException(status_code=400, detail=envelope["error"])
    return {"plugin": plugin_name, "result": result}
