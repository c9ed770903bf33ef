"""What a team needs to take the linter up and to keep it in force."""

from __future__ import annotations
