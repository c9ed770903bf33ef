"""Reads scanned documents through plugins, which run wherever someone found it handy."""
