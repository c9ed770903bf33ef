"""What the command raises of its own."""

from __future__ import annotations


class UsageError(Exception):
    """What is asked for cannot be done; each argument is a line that says what to change."""
