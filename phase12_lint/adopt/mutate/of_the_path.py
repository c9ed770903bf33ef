"""A plugin is run beside the choke point (GOV1)."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.adopt.mutate.ground import NAME, Ground
from phase12_lint.adopt.mutate.mutants import Mutant
from phase12_lint.values.choke_point import entry_scopes

_PLUGIN = f"{NAME}_plugin"


def direct(ground: Ground) -> Iterator[Mutant]:
    """``plugin.run()``, also in a lambda, of a plugin from a list."""
    method = ground.method
    yield _used(ground, "GOV101", "a plugin is run", f"return plugin.{method}({{}})")
    body = f"return lambda: [one.{method}({{}}) for one in (plugin,)]"
    yield _used(ground, "GOV101", "a lambda runs each plugin of a tuple", body)


def escaping(ground: Ground) -> Iterator[Mutant]:
    """``plugin.run`` is given away."""
    method = ground.method
    yield _used(ground, "GOV102", "the run of a plugin is returned", f"return plugin.{method}")
    body = f"import functools; return functools.partial(plugin.{method}, {{}})"
    yield _used(ground, "GOV102", "`partial` takes the run of a plugin", body)


def dynamic(ground: Ground) -> Iterator[Mutant]:
    """``getattr`` and its like."""
    method = ground.method
    yield _used(ground, "GOV103", "`getattr` reaches the run", f'return getattr(plugin, "{method}")({{}})')
    body = f'import operator; return operator.methodcaller("{method}", {{}})(plugin)'
    yield _used(ground, "GOV103", "`methodcaller` reaches the run", body)


def unbound(ground: Ground) -> Iterator[Mutant]:
    """``Plugin.run(plugin)``."""
    body = f"return {_PLUGIN}.{ground.method}(plugin, {{}})"
    yield _used(ground, "GOV104", "the run is taken from the class", body)


def tampered(ground: Ground) -> Iterator[Mutant]:
    """The entry, or a plugin's run, is replaced from outside."""
    body = f"plugin.{ground.method} = lambda *given: {{}}"
    yield _used(ground, "GOV105", "the run of a plugin is replaced", body)
    for scope, owner in entry_scopes(ground.program).items():
        cls = owner or scope.class_scope
        if cls is not None and scope.name in ground.program.entries:
            lines = (
                ground.imported(cls, ground.host, f"{NAME}_runner"),
                f"{NAME}_runner.{scope.name} = lambda *given: ({{}}, {{}})",
            )
            yield ground.added("GOV105", "the entry of the choke point is replaced", *lines)
            return


def _used(ground: Ground, code: str, does: str, body: str) -> Mutant:
    """``body`` in a function that is given a plugin, in which the plugins' class is called ``_PLUGIN``."""
    statement = ground.imported(ground.plugin, ground.host, _PLUGIN)
    function = f"def {NAME}(plugin: {_PLUGIN}): {body}"
    return ground.added(code, does, statement, "", "", function)
