"""Caught exceptions, envelopes and governed results as values: where they come from and what still holds them.

May ask ``calls`` and ``values``. Must not know the rules.
"""
