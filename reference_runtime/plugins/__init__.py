"""What a plugin is, how plugins are found, and the three that are shipped."""
