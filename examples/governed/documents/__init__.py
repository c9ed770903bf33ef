"""Reads scanned documents through plugins, each run by ToolRunner and by nothing else."""
