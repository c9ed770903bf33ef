"""The ways through an entry of the choke point: its control flow, with what it calls of its own followed."""
