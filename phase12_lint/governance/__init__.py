"""What the policy demands of the linked program: layers, governed calls, ways through an entry, errors as values."""
