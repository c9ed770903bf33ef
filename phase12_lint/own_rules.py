"""What a rule of a team's own stands on: a class in the team's package, a visitor of libcst that may ask the program.

Everything here is public: ``OwnRule``, what it may ask (``Known``, ``Evidence``, ``Confidence``), and the metadata
provider (``ProgramProvider``) for those who write a visitor of another kind. ``docs/own-rules.md`` is the guide.
"""

from __future__ import annotations

from phase12_lint.inspect.own import OwnRule
from phase12_lint.inspect.provider import Known, ProgramProvider
from phase12_lint.model import Confidence, Hop
from phase12_lint.values.places import Evidence

__all__ = ["Confidence", "Evidence", "Hop", "Known", "OwnRule", "ProgramProvider"]
