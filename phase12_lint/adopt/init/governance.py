"""The governance README of the seed, with the names of the project's own policy, and with the rules that hold it."""

from __future__ import annotations

import re

from phase12_lint.policy import Policy
from phase12_lint.rulebook import built_in

_TEXT = """\
# Phase 12: Execution Governance & Safety Layer

Phase 12 is a governed execution pipeline for all plugins. It ensures safety, consistency, observability and backward
compatibility. `phase12-lint check` enforces it; `phase12-lint explain CODE` says more of a rule.

## 1. Execution Path Invariant

All plugin execution MUST follow this path:

    @PATH@

No other execution path is allowed.

`@CHOKE@` is the **single choke point** for:

- input validation
- output validation
- error wrapping
- lifecycle state
- registry metrics
- execution timing

@GOV1@

## 2. Validation

Before plugin execution, the input:

- image must be non-empty
- mime_type must be a valid string

After plugin execution, the output:

- plugin output must be a dict
- None or non-dict is a structured error

@GOV2@

## 3. Structured Error Envelopes

All exceptions MUST be wrapped in:

```json
{
  "error": {
    "type": "...",
    "message": "...",
    "details": {},
    "plugin": "<name>",
    "timestamp": "<iso8601>"
  },
  "_internal": {
    "traceback": "<string>"
  }
}
```

No raw exceptions may escape `@CHOKE@`.

@GOV3@

## 4. Registry Metrics

After every execution, `@CHOKE@` MUST call:

    @UPDATE@(plugin_name, state, elapsed_ms, had_error)

Metrics include:

@FIELDS@

@GOV4@

## 5. Service Layer Rules

@LAYERS@

@GOV5@

## 6. API Layer Rules

A route that runs a plugin, such as `/v1/analyze`, MUST:

- return structured success
- return structured error via HTTP 400
- never expose raw exceptions

@GOV6@

## 7. Mechanical Enforcement

The following MUST pass before merging:

- Phase 12 mechanical scanner (`python scripts/scan_phase_12_violations.py`)
@TESTS@- CI pipeline

@GOV7@

## 8. Forbidden Patterns

The following patterns are PROHIBITED:

- `@RUN@` outside `@CHOKE@` (GOV1)
- try/except around `@CHOKE@` (GOV301, GOV302)
- returning raw exceptions (GOV304, GOV601)
- bypassing registry metrics (GOV4)
- bypassing validation (GOV2)

## 9. Completion Criteria

Phase 12 is complete when:

- All invariants are enforced mechanically
- All tests pass
- Scanner passes
- CI pipeline passes
- No Phase 11 behavior is broken

`phase12-lint certify --run-tests` shows each of these with its evidence, and exits with 0 when all are met.
"""


TITLE = _TEXT.partition("\n")[0]


def governance(policy: Policy) -> str:
    """The whole document for ``policy``, as Markdown."""
    choke = _last(policy.choke_point[0])
    layers = [_last(name) for name in policy.layers]
    run = f"plugin.{policy.plugin_methods[0]}()"
    words = {
        "PATH": " → ".join(["API", *layers, choke, run]),
        "CHOKE": choke,
        "RUN": run,
        "UPDATE": (policy.metrics_update or Policy().metrics_update)[0],
        "FIELDS": "\n".join(f"- `{field}`" for field in policy.metrics_fields),
        "TESTS": "".join(f"- All tests in `{folder}`\n" for folder in policy.phase_tests),
        "LAYERS": _layers([*layers, choke], run),
    }
    return re.sub(r"@(\w+)@", lambda match: words[match[1]] if match[1] in words else _rules(match[1]), _TEXT)


def section_of(policy: Policy, sign: str) -> tuple[str, str]:
    """The title and the text of the section ``sign``, such as ``§3``, for ``policy``; both empty if there is none."""
    for part in governance(policy).split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        number, _, name = title.partition(". ")
        if f"§{number}" == sign:
            return name, body.partition("\n| code |")[0].strip()
    return "", ""


def _last(name: str) -> str:
    """The name as a message has it: without its module, a method with its class."""
    module, _, within = name.rpartition(":")
    parts = within.split(".")
    if module or (len(parts) > 1 and parts[-2][:1].isupper()):
        return ".".join(parts if module else parts[-2:])
    return parts[-1]


def _layers(line: list[str], run: str) -> str:
    """What each of ``line`` but the last must and must not call."""
    rules = [] if line[1:] else [f"Whatever runs a plugin MUST call `{line[0]}` and MUST NOT call `{run}`"]
    for number, layer in enumerate(line[:-1]):
        forbidden = " or ".join(f"`{name}`" for name in [*line[number + 2 :], run])
        rules.append(f"- `{layer}` MUST call `{line[number + 1]}` and MUST NOT call {forbidden}")
    return "\n".join(rules)


def _rules(beginning: str) -> str:
    rows = ["| code | rule | what it reports |", "|---|---|---|"]
    for code, entry in built_in().items():
        if code.startswith(beginning):
            summary = entry.summary.replace("|", "\\|")
            rows.append(f"| {code} | {entry.name} | {summary} |")
    return "\n".join(rows)
