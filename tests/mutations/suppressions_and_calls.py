"""Edits that break GOV0 and GOV1: files and settings, and plugins that are run past the choke point."""

from __future__ import annotations

from tests.mutations.model import HERE, Edit, Mutation
from tests.mutations.places import (
    APP,
    ERRORS,
    EXTRA,
    FOUND,
    HAND_DOWN,
    ONE_BY_ONE,
    PLUGINS,
    RAISES,
    RESULT,
    SETUP,
    SHIPPED,
)


def _past_the_runner(call: str) -> Edit:
    """``call`` is what comes back of every plugin that has a name."""
    return Edit(
        PLUGINS, HAND_DOWN, f"        if plugin_name:\n            return {call}, {{}}{HERE}\n{HAND_DOWN}"
    )


MUTATIONS = (
    Mutation(
        "GOV001",
        "a plugin's file does not parse",
        (Edit("reference_runtime/plugins/images.py", "class Statistics:", f"class Statistics(:{HERE}"),),
        SHIPPED,
    ),
    Mutation(
        "GOV002",
        "a suppression that suppresses nothing",
        (
            Edit(
                ERRORS,
                "Envelope = dict[str, Any]\n",
                f"Envelope = dict[str, Any]  # noqa: GOV101 long gone{HERE}\n",
            ),
        ),
        "a comment",
    ),
    Mutation(
        "GOV003",
        "a suppression without a reason",
        (
            Edit(SETUP, "", "[phase12-lint]\nrequire-suppression-reason = true\n"),
            Edit(
                EXTRA,
                "",
                "from reference_runtime.plugins.base import Plugin\n\n\n"
                f"def warm_up(plugin: Plugin) -> None:\n    plugin.run({{}})  # noqa: GOV101{HERE}\n",
            ),
        ),
        "a comment",
    ),
    Mutation(
        "GOV004",
        "the policy names a metrics update that there is not",
        (
            Edit(
                SETUP,
                "",
                f"[phase12-lint]\nmetrics-update = update_execution_metrics, update_metrics{HERE}\n",
            ),
        ),
        "a setting of the linter",
    ),
    Mutation(
        "GOV005",
        "the policy leaves out all that it governs",
        (
            Edit(SETUP, "", f"[phase12-lint]{HERE}\nexclude = reference_runtime/\n"),
            Edit("version.py", "", "VERSION = 1\n"),
        ),
        "a setting of the linter",
    ),
    Mutation(
        "GOV101",
        "the service above the runner runs the plugin itself",
        (_past_the_runner(f"{FOUND}.run(payload)"),),
        RAISES,
    ),
    Mutation(
        "GOV102",
        "it hands the bound method to a thread",
        (
            Edit(
                PLUGINS, "from typing import Any\n", "from asyncio import to_thread\nfrom typing import Any\n"
            ),
            _past_the_runner(f"await to_thread({FOUND}.run, payload)"),
        ),
        RAISES,
    ),
    Mutation(
        "GOV103",
        "it reaches the method by reflection",
        (_past_the_runner(f'getattr({FOUND}, "r" + "un")(payload)'),),
        RAISES,
    ),
    Mutation(
        "GOV104",
        "it calls the method on the class",
        (
            Edit(
                PLUGINS,
                "from reference_runtime.tool_runner import ToolRunner\n",
                "from reference_runtime.plugins.base import Plugin\n"
                "from reference_runtime.tool_runner import ToolRunner\n",
            ),
            _past_the_runner(f"Plugin.run({FOUND}, payload)"),
        ),
        ONE_BY_ONE,
    ),
    Mutation(
        "GOV105",
        "the wiring replaces the runner's entry",
        (
            Edit(
                APP,
                "    runner = ToolRunner(registry, workers)\n",
                f"    runner = ToolRunner(registry, workers)\n    ToolRunner.run = _nothing{HERE}\n",
            ),
            Edit(
                APP,
                "def create_app(",
                "async def _nothing(self, plugin_name, payload):\n    return {}, {}\n\n\ndef create_app(",
            ),
        ),
        RESULT,
    ),
)
