"""What is known at single places: one file a kind of fact, found by being there.

May ask everything below. A rule judges facts; nothing here says whether one is a violation.
"""
