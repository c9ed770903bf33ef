"""The self-test: each forbidden pattern is put into a copy of the user's own code, and has to be found there.

The copy is held in memory: nothing is written, and nothing of the code is run.
"""
