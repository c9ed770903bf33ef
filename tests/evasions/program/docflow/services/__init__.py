"""The layers between the interface and the runner."""
