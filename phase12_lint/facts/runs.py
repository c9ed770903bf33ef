"""The places that reach a plugin's run: what GOV101 to GOV104 judge."""

from __future__ import annotations

from phase12_lint.calls.access import run_accesses
from phase12_lint.calls.reflection import reflections

OF_A_MODULE = (run_accesses, reflections)
