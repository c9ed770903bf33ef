"""Rules: what one is, how they are asked, what is underlined; and the same places in libcst, for what changes code."""
