"""Adopting the linter on an old codebase: what is there already is known, what is added is reported."""
