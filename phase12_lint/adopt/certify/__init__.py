"""The completion criteria as a checklist, each line with its evidence (seed, "9. Completion Criteria")."""

from __future__ import annotations
