"""Edits of the reference runtime, each of which breaks one rule: the linter finds that one, and nothing else."""
