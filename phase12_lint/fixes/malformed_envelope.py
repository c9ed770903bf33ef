"""GOV305: the keys that an envelope lacks, each with what is at hand for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import libcst as cst

from phase12_lint.calls.envelope_builder import is_of_builder
from phase12_lint.fixes.base import Found, NoFix, demand
from phase12_lint.fixes.blocks import handler_around, stores_of
from phase12_lint.fixes.commas import with_comment_of, without_comment
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.errors_at_hand import exception_given, plugin_named
from phase12_lint.fixes.imports import importing_all, importing_module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.domain import ERROR_KEY, INTERNAL_KEY
from phase12_lint.taint.envelopes import FIELDS, MalformedEnvelope

SAFE = True
_WIDEST = 100
_ORDER = (*FIELDS, "traceback", ERROR_KEY, INTERNAL_KEY)


def draft(found: Found) -> Draft:
    """The keys that are missing. A key too many has no fix: somebody may read it."""
    fact = found.fact(MalformedEnvelope)
    node = fact.node
    demand(not fact.unknown and not fact.no_error, "the envelope is another one")
    if not isinstance(node, ast.Dict):
        raise NoFix("the envelope is not written out")
    change = Draft(found.module, "add the keys that are missing")
    fields = _Fields(found, change)
    added: dict[ast.Dict, list[tuple[str, str]]] = {}
    if fact.no_traceback:
        demand("trace" not in "".join(_keys(node)), "the traceback stands elsewhere")
        traceback = ("traceback", fields.traceback())
        if INTERNAL_KEY in _keys(node):
            added[_written_at(node, INTERNAL_KEY, found.scope)] = [traceback]
        else:
            added[node] = [(INTERNAL_KEY, f'{{"{traceback[0]}": {traceback[1]}}}')]
    if fact.missing:
        added[_written_at(node, ERROR_KEY, found.scope)] = [
            (each, fields.value(each)) for each in fact.missing
        ]
    for each, lines in _laid_out(change, node, added).items():
        change.change(each, partial(_extended, added.get(each, []), lines))
    return change


def _keys(node: ast.Dict) -> list[str]:
    """The keys of a dict and of the dicts in it."""
    dicts = [each for each in ast.walk(node) if isinstance(each, ast.Dict)]
    return [str(key.value) for each in dicts for key in each.keys if isinstance(key, ast.Constant)]


def _laid_out(
    change: Draft, node: ast.Dict, added: dict[ast.Dict, list[tuple[str, str]]]
) -> dict[ast.Dict, tuple[str, str] | None]:
    """The dicts that change, each with the indentation around and in it where it is broken into lines."""
    found: dict[ast.Dict, tuple[str, str] | None] = dict.fromkeys(added)
    inside = {*ast.walk(node)}
    depth = 0
    for each in dict.fromkeys((node, *added)):
        line = change.module.lines.text(each.lineno)
        new = [pair for other, pairs in added.items() if other.lineno == each.lineno for pair in pairs]
        width = len(line) + sum(len(key) + len(value) + len('"": , ') for key, value in new)
        if each.end_lineno == each.lineno and width > _WIDEST:
            around = line[: len(line) - len(line.lstrip())] + change.indent * (depth if each in inside else 0)
            found[each] = (around, around + change.indent)
            depth += each is node
    return found


class _Fields:
    """What is at hand for the fields of an envelope."""

    def __init__(self, found: Found, change: Draft) -> None:
        self._found = found
        self._change = change
        self._scope = found.scope
        handler = handler_around(found.scope, found.node)
        self._is_handled = handler is not None
        self._exception = handler.name if handler is not None else exception_given(found.scope)

    def value(self, field: str) -> str:
        """What stands under ``field`` of the error."""
        if field == "details":
            return "{}"
        if field == "plugin":
            return plugin_named(self._found.program, self._scope)
        if field == "timestamp":
            names = ("datetime", "timezone")
            clock, zone = importing_all(self._change, "datetime", names, self._scope)
            return f"{clock}.now({zone}.utc).isoformat()"
        demand(self._exception, "no exception is at hand")
        return {"type": f"type({self._exception}).__name__", "message": f"str({self._exception})"}[field]

    def traceback(self) -> str:
        """The traceback, which only the builder may read: elsewhere there is none to tell without an exception."""
        if is_of_builder(self._found.program, self._scope):
            name = importing_module(self._change, "traceback", self._scope)
            if self._is_handled or self._exception is None:
                return f"{name}.format_exc()"
            return f'"".join({name}.format_exception({self._exception}))'
        demand(not self._is_handled and self._exception is None, "the envelope builder is due here")
        return '""'


def _written_at(node: ast.Dict, name: str, scope: Scope) -> ast.Dict:
    """The dict that is written out under the key ``name``, or is what the variable there is set to."""
    for key, value in zip(node.keys, node.values):
        if isinstance(key, ast.Constant) and key.value == name:
            stored = stores_of(scope, value.id) if isinstance(value, ast.Name) else [value]
            if len(stored) == 1 and isinstance(stored[0], ast.Dict):
                return stored[0]
    raise NoFix(f"`{name}` is not written out in the envelope")


def _extended(added: list[tuple[str, str]], lines: tuple[str, str] | None, node: cst.Dict) -> cst.Dict:
    """``node`` with more keys, each before the first that comes behind it in an envelope, else at the end: laid out as
    those that are there, or in ``lines`` indented so.
    """
    quote = next(iter(_quotes(node)), '"')
    gap = _gap(node)
    elements, rbrace = list(node.elements), node.rbrace
    for key, value in added:
        new = cst.DictElement(
            cst.SimpleString(f"{quote}{key}{quote}"), cst.parse_expression(value), comma=gap
        )
        at = next((at for at, each in enumerate(elements) if _order(each) > _ORDER.index(key)), None)
        if at is not None:
            elements.insert(at, new)
            continue
        if elements:
            after, end, rbrace = _at_the_end(elements[-1].comma, gap, rbrace)
            elements[-1] = elements[-1].with_changes(comma=after)
            new = new.with_changes(comma=end)
        else:
            new = new.with_changes(comma=cst.MaybeSentinel.DEFAULT)
        elements.append(new)
    if lines is not None:
        return _on_lines(node, elements, *lines)
    return node.with_changes(elements=elements, rbrace=rbrace)


def _gap(node: cst.Dict) -> cst.Comma:
    """The comma between elements, as those that are there have it."""
    if len(node.elements) > 1 and isinstance(node.elements[-2].comma, cst.Comma):
        return cst.ensure_type(without_comment(node.elements[-2].comma), cst.Comma)
    if isinstance(node.lbrace.whitespace_after, cst.ParenthesizedWhitespace):
        return cst.ensure_type(
            without_comment(cst.Comma(whitespace_after=node.lbrace.whitespace_after)), cst.Comma
        )
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _at_the_end(
    end: Any, gap: cst.Comma, rbrace: cst.RightCurlyBrace
) -> tuple[cst.Comma, Any, cst.RightCurlyBrace]:
    """The commas behind what was the last element and behind the new one, and the bracket: the comment stays behind
    the element that it is beside, also where it stands before the bracket, as there is no comma.
    """
    if isinstance(end, cst.Comma):
        return with_comment_of(gap, end), without_comment(end), rbrace
    before = cst.Comma(whitespace_after=rbrace.whitespace_before)
    bare = cst.ensure_type(without_comment(before), cst.Comma)
    return with_comment_of(gap, before), end, rbrace.with_changes(whitespace_before=bare.whitespace_after)


def _order(element: cst.BaseDictElement) -> int:
    """The place of the element's key in an envelope; -1 if it has none there."""
    key = element.key if isinstance(element, cst.DictElement) else None
    text = key.raw_value if isinstance(key, cst.SimpleString) else ""
    return _ORDER.index(text) if text in _ORDER else -1


def _on_lines(node: cst.Dict, elements: Sequence[cst.BaseDictElement], around: str, indent: str) -> cst.Dict:
    """A dict with an element a line."""
    gap = cst.ParenthesizedWhitespace(indent=False, last_line=cst.SimpleWhitespace(indent))
    end = gap.with_changes(last_line=cst.SimpleWhitespace(around))
    return node.with_changes(
        lbrace=cst.LeftCurlyBrace(gap),
        elements=[
            *(each.with_changes(comma=cst.Comma(whitespace_after=gap)) for each in elements[:-1]),
            elements[-1].with_changes(comma=cst.Comma()),
        ],
        rbrace=cst.RightCurlyBrace(end),
    )


def _quotes(node: cst.Dict) -> Iterator[str]:
    for each in node.elements:
        if isinstance(each, cst.DictElement) and isinstance(each.key, cst.SimpleString):
            yield each.key.quote
