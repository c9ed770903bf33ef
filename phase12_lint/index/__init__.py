"""What one file says, without a tree of ours: its words, its imports, and whether Python can read it.

Knows bytes and text. May ask ``sources``. Must not know the policy or any other file.
"""
