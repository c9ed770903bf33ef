"""The ledger: what is suppressed, by ``noqa`` and in the baseline, why, by whom and since when."""

from __future__ import annotations

FORMATS = ("json", "markdown", "text")
