"""The presets as text, JSON and Markdown, and the page that explains them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from phase12_lint.presets import DEFAULT, Preset, preset, preset_names

_PAGE = """\
# Presets

A preset is a policy that comes with the linter. `extends = NAME` takes one; what you write yourself goes before its
keys, key by key. Each pipeline has its own:

```ini
[phase12-lint]
extends = langchain
choke-point = app.agents.executor.ToolHub

[phase12-lint:tasks]
extends = celery
```

The framework need not be installed where the linter runs, nor be part of your repository: its classes are known by the
names under which they are imported. What is yours is the choke point: name the class, function or module that alone may
run them under `choke-point`. A preset asks for no layers, validators, error envelope or metrics, but for that of
Phase 12; name yours, and their rules apply. Names of a preset that your program lacks are no finding (GOV004).
`phase12-lint init` proposes the preset whose packages your code imports. `phase12-lint rules --presets` prints this
list.
"""


def render(form: str) -> str:
    """Every preset in ``form``: ``text``, ``json`` or ``markdown``."""
    every = [preset(name) for name in preset_names()]
    if form == "json":
        return _json(every)
    if form == "markdown":
        return "\n".join(_table(every)) + "\n"
    return "\n".join(line for each in every for line in _text(each))


def page() -> str:
    """The page of the documentation."""
    return "\n".join((_PAGE, *(line for name in preset_names() for line in _section(preset(name)))))


def keys_of(each: Preset) -> Iterator[tuple[str, str]]:
    """The keys that a preset sets, with their values as they are written; of the default, all."""
    for key, value in each.keys.items():
        if each.name == DEFAULT or (value and value != preset(DEFAULT).keys[key]):
            yield key, ", ".join(value)


def _text(each: Preset) -> Iterator[str]:
    yield f"{each.name}: {each.title}"
    yield f"  governs {each.governs}"
    for key, value in keys_of(each):
        yield f"  {key} = {value}".rstrip()
    yield ""


def _json(every: list[Preset]) -> str:
    presets = [
        {"name": each.name, "title": each.title, "governs": each.governs, "keys": dict(each.keys)}
        for each in every
    ]
    return json.dumps({"version": 1, "presets": presets}, indent=2) + "\n"


def _table(every: list[Preset]) -> Iterator[str]:
    yield "| preset | for | governs | choke point |"
    yield "|---|---|---|---|"
    for each in every:
        yield f"| `{each.name}` | {each.title} | {each.governs} | `{', '.join(each.keys['choke-point'])}` |"


def _section(each: Preset) -> Iterator[str]:
    yield f"## {each.name}"
    yield ""
    yield f"For {each.title}. Governs {each.governs}."
    yield ""
    yield "\n".join(line.strip() for line in each.about.split("\n"))
    yield ""
    yield "```ini"
    for key, value in keys_of(each):
        words = value.split(", ")
        if len(value) < 90:
            yield f"{key} = {value}".rstrip()
        else:
            yield f"{key} ="
            yield from (f"    {word}" for word in words)
    yield "```"
    yield ""
