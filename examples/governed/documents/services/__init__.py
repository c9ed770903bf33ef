"""The layers between the API and the choke point."""
