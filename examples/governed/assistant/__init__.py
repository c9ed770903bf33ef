"""An agent that answers with the help of tools: the second governed pipeline."""
