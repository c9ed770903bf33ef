"""The linked program: one place to ask what an expression is, who calls what, and what the policy governs."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar

from phase12_lint.policy import Policy
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Definition, Path, Scope
from phase12_lint.values import (
    attributes,
    calling,
    choke_point,
    containers,
    declared_types,
    expressions,
    filled_names,
    names,
    narrowing,
    parameters,
    unseen,
)
from phase12_lint.values.atoms import (
    ANYTHING,
    Atom,
    ClassRef,
    Container,
    External,
    Function,
    Instance,
    Kept,
    ModuleRef,
    Site,
    Value,
    of_any_call,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.evidence import described
from phase12_lint.values.frames import Argument, Frame, Shape
from phase12_lint.values.loads import Place
from phase12_lint.values.ordering import order
from phase12_lint.values.policy_names import UNGOVERNED, meant
from phase12_lint.values.project import Project
from phase12_lint.values.questions import ANSWERS, FAR, VALUED
from phase12_lint.values.roles import Governed
from phase12_lint.values.room import with_room
from phase12_lint.values.solver import EMPTY, Answer, Key, Solver

_T = TypeVar("_T")
_MOST_ATOMS, _MANY_ATOMS = 60, 30
_NEARBY_STEPS, _BYTES_PER_STEP = 2_000, 1_000


class Program:
    """The modules of a project under one policy. Nothing is read or evaluated before it is asked for."""

    builtins = frozenset(dir(builtins))
    stdlib = sys.stdlib_module_names

    def __init__(self, project: Project, policy: Policy) -> None:
        self.project = project
        self.meant = meant(policy, lambda: Program(project, UNGOVERNED))
        self.policy = self.meant.policy
        self.governed = Governed(self, self.policy)
        self.notes: dict[str, None] = {}
        self._solver = Solver(self._compute, self._cut)
        project.on_read = lambda size: self._solver.spend(size // _BYTES_PER_STEP)
        self._near = Solver(self._compute, self._cut, _NEARBY_STEPS)
        self._nearby = False
        self._classes: dict[Scope, ClassInfo] = {}
        self._frames: dict[tuple[object, ...], Frame] = {}
        self._undecorated: dict[tuple[Scope, int], expressions.Undecorated] = {}
        self._receivers: dict[Atom, expressions.Receiver] = {}
        self._constants: dict[str, ast.Constant] = {}
        self._quoted: dict[str, ast.expr | None] = {}
        self._made: dict[Callable[[Program], Any], Any] = {}

    @cached_property
    def choke(self) -> choke_point.ChokePoint:
        """The choke point: looked for when it is first asked for, for it needs all classes below its bases."""
        self.__dict__["choke"] = choke = choke_point.ChokePoint(self)
        choke.add_bases(self)
        return choke

    @cached_property
    def entries(self) -> frozenset[str]:
        """The names of the choke point's methods through which plugins run."""
        return choke_point.entries(self)

    @with_room
    def settle(self) -> Program:
        """Find the choke point now: in the middle of another question it would count as work of that one."""
        _ = self.choke, self.entries
        return self

    # asking

    def ask(self, key: Key) -> Answer:
        """The answer to a question of ``_compute``."""
        return self._solver.ask(key)

    def spend(self, steps: int) -> None:
        """Count work that answering a question takes besides asking others."""
        self._solver.spend(steps)

    def all_hold(self, *conditions: Callable[[], object]) -> bool:
        """Whether all ``conditions`` hold, refuted by what is cheapest to ask."""
        return self._solver.all_hold(conditions)

    def once(self, make: Callable[[Program], _T]) -> _T:
        """What ``make`` makes of this program, made when it is first asked for."""
        if make not in self._made:
            self._made[make] = make(self)
        found: _T = self._made[make]
        return found

    def sources(self, key: Key) -> list[Key]:
        """What the answer to ``key`` was made from."""
        return self._solver.sources(key)

    def note(self, text: str) -> None:
        """Say that something was cut: what, and where."""
        self.notes[text] = None

    def _cut(self, key: Key, from_outside: bool) -> Answer:
        if from_outside:
            self.note(f"what {described(key)} may be depends on too much of the program, and is not known")
        if key[0] in VALUED and not self._nearby:
            return self._answer_nearby(key)
        return ANYTHING if key[0] in VALUED else EMPTY

    def lacks(self, key: Key) -> bool:
        """Whether the answer to ``key``, a question of what is elsewhere, leaves out what was not looked for."""
        return self._nearby or self._solver.is_cut(key)

    def _answer_nearby(self, key: Key) -> Answer:
        """The answer without looking for callers or for stores elsewhere: what is unknown then stays open."""
        whole, self._nearby = self._solver, True
        self._solver = self._near
        try:
            return self._solver.ask(key)
        finally:
            self._solver, self._nearby = whole, False

    def _compute(self, key: Key) -> Answer:
        if self._nearby and key[0] in FAR:
            return EMPTY
        answer: Answer = ANSWERS[str(key[0])](self, *key[1:])
        if len(answer) > _MANY_ATOMS and key[0] in VALUED:
            answer = frozenset(map(of_any_call, answer))
        if len(answer) > _MOST_ATOMS and key[0] in VALUED:
            kept = frozenset(atom for atom in answer if self.governed.is_governed(atom))
            if any(isinstance(atom, (Function, Instance)) for atom in answer - kept):
                self.note(f"{described(key)} may be more than {_MOST_ATOMS} things, and is not known")
            return kept | ANYTHING
        return answer

    # values

    def evaluate(self, node: ast.expr, scope: Scope, frame: Frame | None = None) -> Value:
        """What ``node`` in ``scope`` may be under the call ``frame`` (None: under any)."""
        if isinstance(node, ast.Constant):
            return expressions.expression(self, node, scope, frame)
        return self.ask(("value", node, scope, frame))

    def evaluate_raw(self, node: ast.expr, scope: Scope, frame: Frame | None) -> Value:
        """The same without what tests and stores nearby say of the name, attribute or element ``node``."""
        if isinstance(node, ast.Attribute):
            return expressions.raw_attribute(self, node, scope, frame)
        if isinstance(node, ast.Subscript):
            return expressions.raw_subscript(self, node, scope, frame)
        if isinstance(node, ast.Name):
            return names.lexical(self, node.id, scope, frame)
        return self.evaluate(node, scope, frame)

    def define(self, definition: Definition, frame: Frame | None) -> Value:
        """What a name is, right after ``definition``."""
        return self.ask(("define", definition, frame))

    def argument(self, argument: Argument) -> Value:
        """What an argument of a call is."""
        return containers.take(self, argument.node, argument.path, argument.scope, argument.frame)

    def take(self, node: ast.expr, path: Path, scope: Scope, frame: Frame | None = None) -> Value:
        """What ``path`` takes out of ``node``."""
        return containers.take(self, node, path, scope, frame)

    def attribute(self, value: Value, name: str) -> Value:
        """The attribute ``name`` of ``value``."""
        return attributes.of_value(self, value, name)

    def apply(self, atom: Atom, site: ast.AST, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
        """What calling ``atom`` gives."""
        return calling.apply(self, atom, site, scope, frame, shape)

    def call_value(self, value: Value, site: ast.AST, scope: Scope, frame: Frame | None) -> Value:
        """What calling ``value`` without arguments gives."""
        return self.join(calling.apply(self, atom, site, scope, frame, Shape((), ())) for atom in value)

    def call_method(self, atom: Instance, name: str, shape: Shape | None = None) -> Value | None:
        """What method ``name`` of ``atom`` gives; None if no class of the program defines it."""
        function = attributes.method_of(self, atom, name)
        if function is None:
            return None
        return self.apply(function, function.scope.node, function.scope, None, shape or Shape((), ()))

    def method(self, atom: Instance | ClassRef, name: str) -> Function | None:
        """Method ``name`` bound to ``atom``."""
        return attributes.method_of(self, atom, name)

    def iterate(self, value: Value) -> Value:
        """What a loop over ``value`` gives."""
        return containers.iterate(self, value)

    def awaited(self, value: Value) -> Value:
        """What waiting for ``value`` gives."""
        return containers.awaited(self, value)

    def unpacked(self, value: Value, index: int) -> Value:
        """The element of ``value`` at ``index``."""
        return containers.unpack(self, value, index)

    def element(self, container: Atom, which: object) -> Value:
        """``which`` elements of a container atom."""
        return self.ask(("elements", container, which))

    def item(self, owner: Value, index: ast.expr, scope: Scope, frame: Frame | None) -> Value:
        """``owner[index]``."""
        return containers.item(self, owner, index, scope, frame)

    def enter(self, value: Value) -> Value:
        """What ``with value as x`` binds to x."""
        return containers._enter(self, value)

    def annotated(self, node: ast.expr, scope: Scope, frame: Frame | None = None) -> Value:
        """An instance of the type that ``node`` writes."""
        return declared_types.instance(self, node, scope, frame)

    def narrow(self, value: Value, pattern: ast.pattern, scope: Scope, frame: Frame | None) -> Value:
        """``value`` where it has matched ``pattern``."""
        return narrowing.pattern(self, value, pattern, scope, frame)

    @staticmethod
    def join(values: Iterable[Value]) -> Value:
        """Anything that one of ``values`` may be."""
        found: set[Atom] = set()
        for value in values:
            found |= value
        return frozenset(found)

    # frames

    def frame(self, frame: Frame) -> Frame:
        """``frame`` itself, or the same call met before."""
        key = (frame.scope, frame.site, frame.receiver, frame.closure, frame.shape, frame.caller)
        known = self._frames.get(key)
        if known is None:
            self._frames[key] = known = frame
            parameters.complete(self, frame)
        return known

    def call_frame(
        self, function: Function, site: ast.AST, shape: Shape, caller: Frame | None
    ) -> Frame | None:
        """The call of ``function`` at ``site``."""
        return parameters.frame_for(self, function, site, shape, caller)

    def receiver_frame(self, atom: Instance | ClassRef, scope: Scope) -> Frame:
        """A frame that only says what ``self`` is."""
        return self.frame(Frame(scope, scope.node, atom, None, Shape((), ()), None))

    def decoration_shape(self, decorator: ast.AST, decorated: Scope) -> Shape:
        """The argument that ``decorator`` is given: what those below it made of ``decorated``."""
        outer = decorated.parent or decorated
        every: list[ast.expr] = getattr(decorated.node, "decorator_list", [])
        behind = next((every[i + 1 :] for i, each in enumerate(every) if each is decorator), [])
        return Shape((Argument(self._under(decorated, behind), outer, None),), (), outer)

    def decoration(self, atom: Function, decorator: ast.expr, decorated: Scope) -> Frame | None:
        """The call of a decorator of the program on ``decorated``."""
        return self.call_frame(atom, decorator, self.decoration_shape(decorator, decorated), None)

    def _under(self, scope: Scope, last: Sequence[ast.expr]) -> ast.expr:
        """An expression that stands for the function or class ``scope`` under the ``last`` of its decorators."""
        key = (scope, len(last))
        if key not in self._undecorated:
            node = expressions.Undecorated()
            node.scope, node.last = scope, last
            self._undecorated[key] = node
        return self._undecorated[key]

    def receiving(self, atom: Atom) -> ast.expr:
        """An expression that stands for ``atom``, which a function is bound to; the same node each time."""
        if atom not in self._receivers:
            node = expressions.Receiver()
            node.atom = atom
            self._receivers[atom] = node
        return self._receivers[atom]

    def default_receiver(self, scope: Scope) -> Instance | None:
        """``self`` where a method is called on something unknown."""
        owner = scope.class_scope
        return (
            Instance(self.class_of(owner)) if owner is not None and parameters.takes_receiver(scope) else None
        )

    # forward

    def places(self, node: ast.AST, scope: Scope, within: int = 0) -> frozenset[Place]:
        """Where the value made at ``node`` goes, or what is so deep ``within`` it."""
        return self.ask(("places", node, scope, within))

    def container_of(self, atom: Atom, key: str | None = None) -> Container | None:
        """What belongs to a library as the container that it may be; ``key`` is what is taken out."""
        return unseen.container_of(atom, key)

    def told_apart(self, value: Value, node: ast.AST, scope: Scope) -> Value:
        """``value``, which comes in at ``node``, with the unknown containers in it told apart from others."""
        return unseen.told_apart(self, value, node, scope)

    def is_filled(self, site: Site) -> bool:
        """Whether something is put into what comes in at ``site``, as far as names tell."""
        return self.once(filled_names.Filled).at(site.node, site.scope)

    def kept(self, atom: Atom, name: str) -> Value:
        """What is kept in the attribute ``name`` of something that belongs to a library."""
        return unseen.kept(self, atom, name)

    def places_of(self, kept: Kept) -> Iterator[Place]:
        """Where something that belongs to a library is read."""
        return unseen.places_of(self, kept)

    def references(self, scope: Scope) -> frozenset[Place]:
        """Where the function or class ``scope`` goes."""
        return self.ask(("references", scope))

    def constructions(self, cls: ClassInfo) -> list[Site]:
        """The calls that make instances of ``cls`` or of a class below it."""
        return sorted(self.ask(("constructions", cls)), key=lambda site: order(site.scope, site.node))

    def import_source(self, module: Module, statement: ast.ImportFrom) -> ModuleRef | External | None:
        """The module that a ``from`` import reads."""
        return names.source_of(self, module, statement)

    def module_named(self, name: str, importer: Module, level: int = 0) -> Value:
        """The module that an import of ``name`` in ``importer`` loads, ``level`` folders up (0: from the top)."""
        return names.named(self, name, importer, level)

    def written(self, text: str) -> ast.Constant:
        """A constant ``text``, the same node each time."""
        return self._constants.setdefault(text, ast.Constant(text))

    def constructed(self, atom: ClassRef, call: ast.Call, scope: Scope, frame: Frame | None) -> Instance:
        """The instance that ``call`` makes."""
        return Instance(atom.cls, Site.of(call, scope, frame), atom.arguments)

    def is_inside(self, scope: Scope) -> bool:
        """Whether the code of ``scope`` is part of the choke point."""
        return self.choke.is_there and self.is_part_of(scope, self.choke)

    def is_part_of(self, scope: Scope, home: choke_point.Home) -> bool:
        """Whether the code of ``scope`` stands in ``home``, or only ``home`` calls it."""
        return home.holds(scope) or any(
            self.ask(("inside", outer, home)) for outer in scope.chain() if outer.kind != "module"
        )

    # classes

    def class_of(self, scope: Scope) -> ClassInfo:
        """The class that ``scope`` is the body of."""
        if scope not in self._classes:
            self._classes[scope] = ClassInfo(scope)
        return self._classes[scope]

    def subclasses(self, cls: ClassInfo) -> list[ClassInfo]:
        """Every governed class below ``cls``."""
        return sorted(self.ask(("subclasses", cls)), key=lambda below: order(below.scope, below.node))

    def is_subclass(self, cls: ClassInfo | str, base: ClassInfo | str) -> bool:
        """Whether ``cls`` is ``base`` or below it."""
        return cls is base or cls == base or (isinstance(cls, ClassInfo) and base in cls.ancestors(self))

    def related(self, one: ClassInfo | str, other: ClassInfo | str) -> bool:
        """Whether one is the other or below it, either way."""
        return self.is_subclass(one, other) or self.is_subclass(other, one)

    def quoted_text(self, text: str) -> ast.expr | None:
        """An annotation given as text, parsed; None if it does not parse."""
        if text not in self._quoted:
            try:
                self._quoted[text] = ast.parse(text.strip(), mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self._quoted[text] = None
        return self._quoted[text]
