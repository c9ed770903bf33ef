"""All edits, and the page of the docs about them: ``python -m tests.mutations.table`` prints it."""

from __future__ import annotations

import sys

from tests.mutations import layers_and_api, metrics, runner, suppressions_and_calls
from tests.mutations.model import Mutation

MUTATIONS = (
    *suppressions_and_calls.MUTATIONS,
    *runner.MUTATIONS,
    *metrics.MUTATIONS,
    *layers_and_api.MUTATIONS,
)
HEAD = """\
# What the linter catches in the runtime

Made by `make docs`: each edit of `reference_runtime/` breaks one rule. The tests make every edit in a copy and demand
exactly that finding on exactly that line, and where the defect shows at run time, that the named test of the runtime,
which passes on the runtime as it is, fails on the copy (`tests/mutations/test_mutations.py`).

| code | edit | where | at run time |
|---|---|---|---|
"""


def page() -> str:
    """The table as a page of the docs."""
    return HEAD + "".join(map(_row, MUTATIONS))


def _row(mutation: Mutation) -> str:
    where = "<br>".join(f"`{path}`: `{text}`" for path, text in mutation.places)
    shows = f"fails `{mutation.fails}`" if mutation.visible else f"not visible: {mutation.fails}"
    return f"| [{mutation.code}](rules/{mutation.code}.md) | {mutation.does} | {where} | {shows} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
