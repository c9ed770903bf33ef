"""Why there is no change of the code that could be made."""

from __future__ import annotations


class NoChange(Exception):
    """There is no change that is sure, or no place for it; says why."""
