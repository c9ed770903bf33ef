"""Shared by the tests."""

from docflow.plugins import OcrPlugin
from docflow.shared_helpers import drive


def pytest_configure(config):
    drive(OcrPlugin(), {"image": b""})  # ok: for tests, and drive is not tainted by it
    OcrPlugin().run({"image": b""})  # ok: for tests
