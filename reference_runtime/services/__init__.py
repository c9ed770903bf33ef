"""The layers between the API and the choke point; each calls the next one and nothing else (seed, section 5)."""
