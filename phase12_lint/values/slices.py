"""Slices, and what a starred target takes: of a display whose elements are known, only some of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.values import folding
from phase12_lint.values.atoms import NOTHING, Atom, Container, Text, Value

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_MOST = 16


def sliced(program: Program, owner: Value, index: ast.Slice) -> Value:
    """``owner[index]``."""
    bounds = _bounds(index)
    is_whole = bounds == slice(None)
    return program.join(
        folding.sliced(atom.text, index)
        if isinstance(atom, Text)
        else frozenset({atom if is_whole else _cut(program, atom, bounds)})
        for atom in owner
    )


def less(program: Program, value: Value, count: int) -> Value:
    """``value`` without its last ``count`` elements."""
    return frozenset(_cut(program, atom, slice(None, -count)) for atom in value)


def rest(program: Program, value: Value, start: int) -> Value:
    """The list of what is in ``value`` from the position ``start`` on."""
    cut = [_cut(program, atom, slice(start, None)) for atom in value]
    exact = [atom for atom in cut if isinstance(atom, Container) and atom.exact]
    if cut and len(exact) == len(cut):
        return frozenset(Container("list", None, atom.items, True) for atom in exact)
    return frozenset({Container("list", None, (program.iterate(value),))}) if value else NOTHING


def _cut(program: Program, atom: Atom, bounds: slice | None) -> Atom:
    """What is within ``bounds`` of ``atom``; anything of it where they are not known, or nothing that is seen is."""
    parts = _parts(program, atom)
    if parts is None or not isinstance(atom, Container):
        return atom
    within = parts[bounds] if bounds is not None else []
    if not within:
        return Container(atom.kind, None, (program.join(parts),))
    return Container(atom.kind, None, tuple(within), True)


def _parts(program: Program, atom: Atom) -> list[Value] | None:
    """What is at each position of ``atom``, where that is written out, and nothing is put in later."""
    if not isinstance(atom, Container):
        return None
    if atom.exact:
        return [*atom.items]
    node = atom.made.node if atom.made is not None else None
    if not isinstance(node, (ast.List, ast.Tuple)) or len(node.elts) > _MOST:
        return None
    if any(isinstance(item, ast.Starred) for item in node.elts):
        return None
    if atom.kind != "tuple" and program.ask(("mutations", atom.made)):
        return None
    return [program.element(atom, position) for position in range(len(node.elts))]


def _bounds(index: ast.Slice) -> slice | None:
    """The bounds that ``index`` writes out; None where they are not known."""
    try:
        bounds = [ast.literal_eval(each) if each else None for each in (index.lower, index.upper, index.step)]
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    known = all(each is None or isinstance(each, int) for each in bounds) and bounds[2] != 0
    return slice(*bounds) if known else None
