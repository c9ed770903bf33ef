"""Steps that inherit from nothing; what is registered is a plugin all the same."""

from __future__ import annotations

from docflow.registry import PluginRegistry


class WatermarkStep:
    """Registered, so a plugin."""

    name = "watermark"

    def run(self, payload):
        """Stamp the payload."""
        return {**payload, "watermark": True}


class AuditStep:
    """Never registered, so none."""

    name = "audit"

    def run(self, payload):
        """Write the payload down."""
        return {**payload, "audited": True}


def install(registry: PluginRegistry) -> None:
    """Register the steps of this module."""
    registry.register(WatermarkStep())


def stamp(payload):
    """Both steps by hand."""
    payload = AuditStep().run(payload)  # ok: no place takes it for a plugin
    return WatermarkStep().run(payload)  # error: GOV101


def stamp_unbound(payload):
    """Both steps through their classes."""
    payload = AuditStep.run(AuditStep(), payload)  # ok: no place takes it for a plugin
    return WatermarkStep.run(WatermarkStep(), payload)  # error: GOV104
