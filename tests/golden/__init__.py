"""The reports of one small project, as they were read and found right."""

from __future__ import annotations
