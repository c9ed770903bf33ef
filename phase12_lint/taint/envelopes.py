"""Error envelopes: which dict displays are envelopes, what they lack, and whether an expression is an envelope."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from phase12_lint.calls.envelope_builder import is_builder
from phase12_lint.calls.layer_code import layer_classes
from phase12_lint.calls.layers import API, layer_of
from phase12_lint.calls.policy_calls import calls_one_of
from phase12_lint.calls.routes import is_error_handler
from phase12_lint.model import Confidence
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.domain import ERROR_KEY, INTERNAL_KEY
from phase12_lint.taint.outcomes import Leaf, leaves
from phase12_lint.values import folding
from phase12_lint.values.atoms import Container, Site
from phase12_lint.values.evidence import describe
from phase12_lint.values.frames import Frame
from phase12_lint.values.places import Evidence, Fact
from phase12_lint.values.program import Program
from phase12_lint.values.roles import last_part

FIELDS = ("type", "message", "details", "plugin", "timestamp")
_TELLING = {"type", "message"}
_TRACEBACK = "traceback"
_MAY_WRITE = re.compile(rb"error", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MalformedEnvelope(Fact):
    """A dict display that is an envelope and lacks something: fields of ``error``, its ``_internal.traceback``."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    no_error: bool
    no_traceback: bool


@dataclass(frozen=True, slots=True)
class Display:
    """A dict as written: its known keys with their values, and whether it may have others."""

    values: dict[str, list[Leaf]]
    is_open: bool


def is_envelope(program: Program, node: ast.expr, scope: Scope, frame: Frame | None = None) -> bool:
    """Whether ``node`` is an envelope whatever way it came about: made by the builder, or written out as one."""
    found = [
        leaf
        for leaf in leaves(program, Leaf(node, scope, frame), lambda leaf: _is_built(program, leaf))
        if not (isinstance(leaf.node, ast.Constant) and leaf.node.value is None)
    ]
    return bool(found) and all(is_envelope_leaf(program, leaf) for leaf in found)


def is_envelope_leaf(program: Program, leaf: Leaf) -> bool:
    """Whether ``leaf`` is an envelope, built or written out."""
    return _is_built(program, leaf) or _is_written(program, leaf)


def _is_built(program: Program, leaf: Leaf) -> bool:
    """Whether ``leaf`` calls the envelope builder."""
    if leaf.path or not isinstance(leaf.node, ast.Call):
        return False
    return calls_one_of(program, leaf.node, leaf.scope, leaf.frame, program.policy.envelope_builders)


def _is_written(program: Program, leaf: Leaf) -> bool:
    return (
        not leaf.path
        and isinstance(leaf.node, ast.Dict)
        and _error_of(program, leaf.node, leaf.scope, leaf.frame) is not None
    )


def malformed_envelopes(program: Program) -> Iterator[Fact]:
    """Every malformed envelope of a program that has a pipeline."""
    if not _has_pipeline(program):
        return
    built = {node: scope for module in _modules(program) for node, scope in _built(program, module)}
    for node, scope in built.items():
        yield from _judged(program, node, scope, True)
    for module in _modules(program):
        for child in [node for node in module.scopes if isinstance(node, ast.Dict)]:
            if child not in built:
                scope = module.scopes[child]
                if _error_of(program, child, scope, None) is not None:
                    yield from _judged(program, child, scope, False)


def _has_pipeline(program: Program) -> bool:
    choke = program.choke
    return bool(choke.functions or choke.modules or layer_classes(program))


def _modules(program: Program) -> Iterator[Module]:
    """The files that may write an envelope out."""
    builders = [re.escape(last_part(name)) for name in program.policy.envelope_builders]
    words = re.compile(
        "|".join(name.replace(r"\*", r"\w*").replace(r"\?", r"\w") for name in builders).encode()
    )
    for path, text in sorted(program.project.texts().items()):
        if _MAY_WRITE.search(text) or (builders and words.search(text)):
            module = program.project.module(path)
            if module is not None and not module.exempt:
                yield module


def _built(program: Program, module: Module) -> Iterator[tuple[ast.Dict, Scope]]:
    """The dict displays that the envelope builders of ``module`` return."""
    for scopes in module.functions.values():
        for scope in scopes:
            if is_builder(program, scope):
                for value in module.bound(scope).returns:
                    for atom in program.evaluate(value, scope):
                        site = atom.site if isinstance(atom, Container) and atom.kind == "dict" else None
                        if site is not None and isinstance(site.node, ast.Dict):
                            yield site.node, site.scope


def _judged(program: Program, node: ast.Dict, scope: Scope, built: bool) -> Iterator[Fact]:
    display = _display(program, node, scope, None)
    error = _error_of(program, node, scope, None)
    if error is None and built:
        error = _resolved(program, display.values.get(ERROR_KEY, []))
    no_error = built and not display.is_open and ERROR_KEY not in display.values
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    if error is not None:
        missing = () if error.is_open else tuple(name for name in FIELDS if name not in error.values)
        unknown = tuple(sorted(set(error.values) - set(FIELDS)))
    no_traceback = not no_error and _lacks_traceback(program, display) and not _is_public(program, scope)
    if missing or unknown or no_error or no_traceback:
        evidence = Evidence(describe(node), Confidence.CERTAIN, ())
        inside = program.is_inside(scope)
        yield MalformedEnvelope(node, scope, evidence, inside, missing, unknown, no_error, no_traceback)


def _is_public(program: Program, scope: Scope) -> bool:
    """Whether it is code of the API, whose answers must not hold the internal part."""
    return any(
        outer.is_function and (layer_of(program, outer) == API or is_error_handler(program, outer))
        for outer in scope.chain()
    )


def _lacks_traceback(program: Program, display: Display) -> bool:
    if INTERNAL_KEY not in display.values:
        return not display.is_open
    internal = _resolved(program, display.values[INTERNAL_KEY])
    return internal is not None and not internal.is_open and _TRACEBACK not in internal.values


def _error_of(program: Program, node: ast.Dict, scope: Scope, frame: Frame | None) -> Display | None:
    """The dict under ``error``, written out in the same function, if it has a type or a message.

    An answer of JSON-RPC has an ``error`` of its own.
    """
    if any(isinstance(key, ast.Constant) and key.value == "jsonrpc" for key in node.keys):
        return None
    for key, value in zip(node.keys, node.values):
        if key is not None and _key(program, key, scope, frame) == [ERROR_KEY]:
            for leaf in leaves(program, Leaf(value, scope, frame), lambda leaf: leaf.scope is not scope):
                if isinstance(leaf.node, ast.Dict) and leaf.scope is scope and not leaf.path:
                    found = _display(program, leaf.node, scope, frame)
                    if not _TELLING.isdisjoint(found.values):
                        return found
    return None


def _key(program: Program, key: ast.expr, scope: Scope, frame: Frame | None) -> Sequence[str]:
    """The texts that a key may be."""
    if isinstance(key, ast.Constant):
        return [key.value] if isinstance(key.value, str) else []
    return folding.strings(program.evaluate(key, scope, frame))


def _resolved(program: Program, given: list[Leaf]) -> Display | None:
    """The dict that a value is known to be; None where it may be anything."""
    found: Display | None = None
    for start in given:
        for leaf in leaves(program, start):
            if not isinstance(leaf.node, ast.Dict) or leaf.path:
                return None
            inner = _display(program, leaf.node, leaf.scope, leaf.frame)
            found = inner if found is None or len(inner.values) < len(found.values) else found
    return found


def _display(program: Program, node: ast.Dict, scope: Scope, frame: Frame | None) -> Display:
    values: dict[str, list[Leaf]] = {}
    is_open = False
    for key, value in zip(node.keys, node.values):
        if key is None:
            inner = _resolved(program, [Leaf(value, scope, frame)])
            is_open = is_open or inner is None or inner.is_open
            values |= inner.values if inner is not None else {}
            continue
        known = _key(program, key, scope, frame)
        is_open = is_open or not known
        for name in known:
            values[name] = [Leaf(value, scope, frame)]
    for name, argument in program.ask(("mutations", Site.of(node, scope, frame))):
        is_open = is_open or name is None
        if name is not None:
            values[name] = [Leaf(argument.node, argument.scope, argument.frame, argument.path)]
    return Display(values, is_open)
