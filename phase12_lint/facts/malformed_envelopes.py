"""The envelopes that lack something: what GOV305 judges."""

from __future__ import annotations

from phase12_lint.taint.envelopes import malformed_envelopes

OF_THE_PROGRAM = (malformed_envelopes,)
