"""Edits that break GOV4: how runs are timed and counted."""

from __future__ import annotations

from tests.mutations.model import HERE, Edit, Mutation
from tests.mutations.places import (
    BEGUN,
    CLOCK,
    ELAPSED,
    EXTRA,
    HAND_DOWN,
    NEVER_RAISES,
    PLUGINS,
    RAISES,
    RUN,
    RUNNER,
    STARTED,
    STATES,
    SUCCEEDED,
    UPDATE,
)

AT_THE_RUN = Edit(RUNNER, RUN, RUN + HERE)

MUTATIONS = (
    Mutation(
        "GOV401",
        "the metrics are updated before the success is returned, and nowhere else",
        (
            AT_THE_RUN,
            Edit(RUNNER, SUCCEEDED, f"{SUCCEEDED}{ELAPSED}{UPDATE}\n"),
            Edit(
                RUNNER,
                f"        finally:\n{ELAPSED}{UPDATE}\n",
                "        finally:\n            logging.debug('ran')\n",
            ),
        ),
        NEVER_RAISES,
    ),
    Mutation(
        "GOV401",
        "the update in finally counts successes only",
        (AT_THE_RUN, Edit(RUNNER, UPDATE, f"            if not had_error:\n    {UPDATE}")),
        NEVER_RAISES,
    ),
    Mutation(
        "GOV402",
        "the service above the runner counts on its own",
        (
            Edit(
                PLUGINS,
                HAND_DOWN,
                "        self._runner._registry.update_execution_metrics("
                f"plugin_name, 'RUNNING', 0.0, False){HERE}\n{HAND_DOWN}",
            ),
        ),
        RAISES,
    ),
    Mutation(
        "GOV403",
        "a script writes a metric past the registry",
        (Edit(EXTRA, "", f"def forgive(entry):\n    entry.error_count = 0{HERE}\n"),),
        "the service keeps its metrics in a table, never in an attribute",
    ),
    Mutation(
        "GOV404",
        "the update is told a literal",
        (Edit(RUNNER, UPDATE, UPDATE.replace("had_error)", "False)") + HERE),),
        NEVER_RAISES,
    ),
    Mutation(
        "GOV405",
        "the time is taken from the wall clock",
        (
            Edit(RUNNER, "from time import perf_counter\n", "from time import time\n"),
            Edit(RUNNER, STARTED, f"        started = time(){HERE}\n"),
            Edit(RUNNER, ELAPSED, f"            elapsed_ms = (time() - started) * 1000{HERE}\n"),
        ),
        CLOCK,
    ),
    Mutation(
        "GOV406",
        "a run that fails leaves a state of its own",
        (Edit(RUNNER, BEGUN, BEGUN.replace("FAILED", "BROKEN")), Edit(RUNNER, UPDATE, UPDATE + HERE)),
        STATES,
    ),
)
