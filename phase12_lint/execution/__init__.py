"""The paths through an entry of the choke point: its control flow, with what it calls of its own followed.

May ask ``taint``, ``calls`` and ``values``. Must not know the rules.
"""
