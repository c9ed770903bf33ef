"""Take the linter up on code that it has never seen: infer a policy, and write what is missing to enforce it."""

from __future__ import annotations
