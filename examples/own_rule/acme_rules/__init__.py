"""The rules of Acme, beside those of phase12-lint."""
