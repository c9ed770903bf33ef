"""What the linter costs, next to tools that look for the same. ``make bench``; not a test."""
