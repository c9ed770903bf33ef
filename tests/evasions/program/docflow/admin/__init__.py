"""What operators use."""
