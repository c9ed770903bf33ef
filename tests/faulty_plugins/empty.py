"""Holds no plugin."""
