"""One file as a tree: scopes, definitions and uses, and what reaches each use within its function.

Knows Python's grammar and scoping. May ask ``index``. Must not know the policy or other files.
"""
