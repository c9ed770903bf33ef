"""Many alike cases: one in some is tried with the other tests, the rest by ``make thorough``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest


def thinned(cases: Sequence[Any], every: int) -> list[Any]:
    """``cases`` as parameters of a test (tuples are several), of which one in ``every`` is not marked as thorough."""
    return [
        pytest.param(
            *(case if type(case) is tuple else (case,)), marks=[pytest.mark.thorough] if at % every else []
        )
        for at, case in enumerate(cases)
    ]
