"""Who calls whom: layers, routes, governed calls, and the paths from an entry to a plugin run with their verdicts.

May ask ``values``. Must not know what happens inside an entry, or what becomes of an error.
"""
