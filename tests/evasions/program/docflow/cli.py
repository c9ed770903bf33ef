"""The command line."""

from __future__ import annotations

import argparse
import sys

from docflow.admin.introspect import field_of
from docflow.batch import REGISTRY
from docflow.engines import SvgRenderEngine
from docflow.plugins import OcrPlugin, SummaryPlugin
from docflow.services.analysis import AnalysisService
from docflow.shared_helpers import execute_step
from docflow.worker.retry import Retrying


class Application:
    """Commands by name."""

    def __init__(self, service: AnalysisService) -> None:
        self.service = service
        self.engine = SvgRenderEngine()

    def run(self, arguments):
        """Do what is asked."""
        if arguments.draw:
            return self.engine.run(arguments.draw)  # ok: an engine
        return self.service.run(arguments.name, {})  # ok: a service

    def once(self, payload):
        """A plugin by a helper of the runner."""
        return execute_step(SummaryPlugin(), payload)

    def patiently(self, payload):
        """A plugin by a class that tries again."""
        return Retrying(OcrPlugin(), 3).call(payload)

    def fields(self, name):
        """A field of a plugin."""
        return field_of(REGISTRY.get(name), "version")


def suppressed(payload):
    """Allowed for the time being."""
    return SummaryPlugin().run(payload)  # noqa: GOV101 until the nightly check has a job of its own  # ok: suppressed


def main(service: AnalysisService):
    """Read the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--draw")
    application = Application(service)
    application.run(parser.parse_args())  # ok: an application
    sys.exit(0)
