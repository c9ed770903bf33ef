"""The terms of the reports, each explained once: ``explain`` and ``docs/glossary.md`` take them from here.

A meaning begins with a sentence that stands alone, in Markdown. Source: the governance README (``seed.md``), which
``explain`` quotes, and what the rules add to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SUBJECTS = {
    "§1": "execution path",
    "§2": "validation",
    "§3": "error envelopes",
    "§4": "registry metrics",
    "§5": "service layers",
    "§6": "API",
    "§7": "mechanical enforcement",
    "§8": "forbidden patterns",
    "§9": "completion",
}
"""What each section of the governance is about."""
TERMS = {
    "Phase 12": (
        "The governance that this linter enforces: every plugin runs through one governed pipeline. It is written down "
        "in nine sections (§1 to §9). The classes and functions that it names are defaults, which the policy replaces "
        "by those of your program."
    ),
    "Phase 11": (
        "The state of a project before Phase 12. Its tests show that what worked then still works (§9)."
    ),
    "section (§)": (
        "`§3` is section 3 of the governance README, and the first digit of a code is its section: GOV301 enforces §3. "
        f"{', '.join(f'{sign}: {subject}' for sign, subject in SUBJECTS.items())}. "
        "`phase12-lint explain CODE` quotes the section of a rule, `phase12-lint explain §3` a section alone; "
        "`phase12-lint init` writes the whole document for your project."
    ),
    "policy": (
        "What is governed, by the names of your program: the section `[phase12-lint]` in `setup.cfg`, or "
        "`[tool.phase12-lint]` in `pyproject.toml`. Keys that are not written have the default of Phase 12."
    ),
    "pipeline": (
        "One choke point with its plugins, layers and helpers. A second section `[phase12-lint:NAME]` of the policy is "
        "a second pipeline."
    ),
    "plugin": (
        "An object whose execution is governed: an instance of a class in `plugin-bases` or of a subclass. To run it "
        "is to call one of its `plugin-methods` (`run` by default)."
    ),
    "choke point": (
        "The one class, function or module through which every plugin must run (`choke-point` in the policy; the class "
        "`ToolRunner` by default). It alone validates, wraps errors and updates the metrics. Messages call it by its "
        "name in your program."
    ),
    "entry": (
        "A public function or method of the choke point that runs a plugin, such as `ToolRunner.run`. What other code "
        "calls to run a plugin."
    ),
    "layer": (
        "One of the stages between a request and the plugin: the API's routes, the service classes in `layers` of the "
        "policy, and the choke point. Each layer calls the next one and no other (§5)."
    ),
    "first service": (
        "The first class in `layers`, by default `AnalysisService`. Routes call it, and so does code that belongs to "
        "no layer: scripts, workers and tasks."
    ),
    "route": (
        "A function that a web framework calls for a request: one with a decorator such as `@app.post(...)`."
    ),
    "governed call": (
        "A call that leads to the choke point, directly or through any number of other calls. A governed route is one "
        "from which such a call or a plugin run can be reached."
    ),
    "error envelope": (
        "The one shape of an error: a dict whose `error` has the fields type, message, details, plugin and timestamp, "
        "and whose `_internal` has the traceback (§3). The part under `error` may be sent to a client, `_internal` may "
        "not."
    ),
    "envelope builder": (
        "The function that makes an error envelope of an exception (`error-envelope` in the policy; "
        "`build_error_envelope` by default)."
    ),
    "validator": (
        "A function that checks what a plugin is given (`input-validator`) or what it returned (`output-validator`), "
        "and raises an exception if it is wrong."
    ),
    "metrics update": (
        "The function that counts and times a run (`metrics-update` in the policy; `update_execution_metrics` by "
        "default). The choke point calls it once after every run (§4)."
    ),
    "wiring": (
        "Building objects and passing them on without calling them. It is legal everywhere; calling them is what is "
        "governed."
    ),
    "confidence": (
        "How an object is known to be a plugin or the choke point. `certain`: by its type (an annotation, a "
        "constructor, `isinstance`). `inferred`: by where the value comes from (assignments, parameters, returns, "
        "containers). `named`: only by the name of the variable, which nothing known contradicts. `--min-confidence` "
        "and `min-confidence` hide what is less sure."
    ),
    "path": (
        "A chain of calls from a route, task, thread or script to a plugin run; each call in it is a hop. "
        "`phase12-lint paths` shows all of them. `PROVED`: it goes through the layers in order and through the choke "
        "point, and every hop is known. `VIOLATED`: it bypasses one. `UNRESOLVED`: a hop is not known well enough; "
        "the reason says what to annotate."
    ),
    "call site": "The place in the code where a call is written.",
    "bypass": "To reach a plugin, or a layer further down, without going through what is due in between.",
    "suppression": (
        "A comment `# noqa: GOVnnn reason` that hides the findings of these codes on its line. "
        "`phase12-lint suppressions` lists them all."
    ),
    "baseline": (
        "A file of frozen findings, so that `check` fails only on new ones. `phase12-lint baseline create` writes it."
    ),
}
_OTHER_WORDS = {
    "§": "section (§)",
    "section": "section (§)",
    "sections": "section (§)",
    "governed route": "governed call",
    "governed": "governed call",
    "runner": "choke point",
    "envelope": "error envelope",
    "certain": "confidence",
    "inferred": "confidence",
    "named": "confidence",
    "hop": "path",
    "proved": "path",
    "violated": "path",
    "unresolved": "path",
    "noqa": "suppression",
}


def term_of(text: str) -> str:
    """The term that ``text`` means, however it is written; empty if there is none."""
    wanted = re.sub(r"[\s_-]+", " ", text).strip().lower()
    wanted = _OTHER_WORDS.get(wanted, wanted)
    singular = wanted.removesuffix("s")
    return next((term for term in TERMS if term.lower() in (wanted, singular)), "")


def glossary() -> str:
    """All terms as a page of Markdown."""
    terms = "\n\n".join(f"**{term}**: {meaning}" for term, meaning in TERMS.items())
    return f"# Glossary\n\n`phase12-lint explain TERM` shows one of these.\n\n{terms}\n"


def used_in(text: str) -> Iterator[tuple[str, str]]:
    """The terms that ``text`` uses and that need it, each with the first sentence of its meaning."""
    for term, meaning in TERMS.items():
        if re.search(rf"\b{re.escape(term)}s?\b", text, re.IGNORECASE) and " " in term:
            yield term, meaning.partition(". ")[0].rstrip(".") + "."
