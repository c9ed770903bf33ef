"""What an expression may be, and where a value goes, across the whole program.

Knows the policy's words for plugins, sources and runners. May ask ``syntax``. Must not know layers, entries or rules.
"""
