"""How a project enforces its governance: hooks, workflows and the tests that its policy names, read from its own files.

Knows the files of the project that are no code (``found`` is the whole). May ask ``policy`` and ``sources``. Must not
know the program.
"""
