"""Programs that nobody wrote: whatever is read, the run goes on and says what it could not do.

``make fuzz`` tries as many as ``FUZZ`` times the few of a test run; what it finds becomes a case.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

SCALE = int(os.environ.get("FUZZ", "1"))


def tried(examples: int) -> settings:
    """So many examples in a test run, and none of them kept on disk."""
    return settings(
        max_examples=examples * SCALE,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
