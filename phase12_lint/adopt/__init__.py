"""What a team needs to take the linter up on an old codebase, and to keep it in force."""
