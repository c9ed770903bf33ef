"""What the names of a class and of its methods say: that it is run, that it does something, or is a mere aid."""

from __future__ import annotations

import re

_PLUGINS = {
    *("Plugin", "Tool", "Task", "Step", "Handler", "Extension", "Command", "Processor", "Check"),
    *("Action", "Provider", "Connector", "Operator", "Job", "Stage", "Agent", "Analyzer", "Detector"),
    *("Gateway", "Rule", "Middleware", "Addon", "Hook", "Metric"),
}
_AIDS = {
    *("Mixin", "Config", "Settings", "Options", "Store", "Storage", "Repository", "Database", "Cache"),
    *(
        "Session",
        "Manager",
        "Registry",
        "Factory",
        "Serializer",
        "Encoder",
        "Decoder",
        "Formatter",
        "Visitor",
    ),
    *("Event", "Message", "Result", "State", "Context", "Model", "Field", "Type", "Node", "Test", "Writer"),
}
_EMPTY = {"Base", "Abstract", "Interface", "Protocol", "Class", "Mixin", "Async", "ABC"}
_RUNS = {
    "run": 3,
    "execute": 3,
    "process": 2,
    "perform": 2,
    "handle": 2,
    "apply": 1,
    "call": 1,
    "invoke": 2,
}
CLEARLY = 3
_SHORTEST_VERB = 4
_AIDING = {
    *(
        "get",
        "set",
        "is",
        "has",
        "to",
        "from",
        "as",
        "should",
        "can",
        "supports",
        "needs",
        "requires",
        "list",
    ),
    *("count", "before", "after", "pre", "post", "on", "setup", "teardown", "init", "initialize", "open"),
    *("close", "start", "stop", "reset", "clear", "configure", "register", "connect", "disconnect", "load"),
    *("save", "store", "cleanup", "add", "remove", "delete", "update", "create", "build", "make", "find"),
    *(
        "serialize",
        "deserialize",
        "format",
        "copy",
        "clone",
        "describe",
        "validate",
        "verify",
        "check",
        "name",
        "prepare",
        "clean",
        "shutdown",
        "unregister",
    ),
}


def words_of(name: str) -> list[str]:
    """The words of the name of a class, without those that say only what kind of class it is: ``BaseTool``."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]+", name)
    return [word for word in words if word not in _EMPTY]


def is_plugin(name: str) -> bool:
    """Whether the class ``name`` calls itself a plugin: what a ``PluginRepository`` is does not."""
    return words_of(name)[-1:] == ["Plugin"]


def said_by_class(name: str) -> float:
    """How much the name of a class says that it is something that is run, by its last word above all."""
    words = words_of(name)
    if not words or name.endswith("Mixin") or words[-1] in _AIDS:
        return -2
    if words[-1] in _PLUGINS:
        return CLEARLY
    return CLEARLY / 2 if words[-1].endswith(("er", "or")) or _PLUGINS & set(words) else 0


def speaks(method: str) -> int:
    """How much the name of ``method`` says that it is run: ``run``, ``run_json``, ``try_run``."""
    first, last = _ends(method)
    return 0 if first in _AIDING else max(_RUNS.get(first, 0), _RUNS.get(last, 0))


def said_by_method(method: str, name: str) -> float:
    """How much the name of ``method`` says that it is what the class ``name`` is for: ``Loader.load_data``."""
    first, last = _ends(method)
    if said := speaks(method):
        return said
    if any(_is_what_does(word.lower(), verb) for word in words_of(name) for verb in (first, last)):
        return 2
    return -3 if first in _AIDING else 0


def _ends(method: str) -> tuple[str, str]:
    words = method.strip("_").split("_")
    return words[0], words[-1]


def _is_what_does(noun: str, verb: str) -> bool:
    """Whether ``noun`` is made from ``verb``: what validates is a validator."""
    return len(noun) > len(verb) >= _SHORTEST_VERB and noun.startswith(verb.removesuffix("e"))
