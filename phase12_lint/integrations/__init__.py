"""Ways to run the linter inside other tools."""
