"""A small image analysis service whose plugins run only through ToolRunner: what the linter proves, at work."""
