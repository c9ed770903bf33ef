"""The service for the tests of this phase."""

from __future__ import annotations

from tests.runtime_fixture import faulty

__all__ = ["faulty"]
