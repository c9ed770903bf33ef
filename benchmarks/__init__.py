"""What the linter costs, next to tools that look for the same. ``make bench``; not a test.

The corpora: A, a million lines of which nearly nothing is governed; B, a service of which a twentieth is; B-all,
governed code only; C, where ``run`` is everywhere; the standard library and its tests; P, the program of
``tests/evasions``, beside nothing and beside parts of A; D, packages with policies that fit them (``policies/``).
"""
