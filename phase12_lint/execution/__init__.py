"""The ways through an entry of the choke point: its control flow, with what it calls of its own followed.

`entries` finds the entries. `reach` says which functions lead to something that the policy names; `builder` (on
`context_managers`, `statements`, `expressions`, `steps`) writes out the ways through an entry, entering those functions
and summarising the others. `rounds` and `silencing` say how tests come out in the rounds of a loop and in an
``__exit__``. `values` says what variables hold on given ways, `truth` which way a test goes by that,
`envelope_paths` whether what is returned is an envelope. `origins` and `lookups` say what an expression was made from.

May ask ``taint``, ``calls`` and ``values``. Must not know the rules.
"""
