"""Edits that break GOV5 and GOV6: who calls whom, and what the routes answer."""

from __future__ import annotations

from tests.mutations.model import HERE, Edit, Mutation
from tests.mutations.places import (
    ANALYSIS,
    ANSWER,
    API,
    APP,
    ASK,
    HAND_DOWN,
    JOBS,
    MISSING,
    NOTHING_RUN,
    ONCE,
    ONE_BY_ONE,
    PLUGINS,
    RAISES,
    READ,
    RESULT,
)

SUCCESS = 'AsciiJSON({"result": result, "plugin": plugin})'
LAYERS = (
    Mutation(
        "GOV501",
        "the job service calls the runner",
        (
            Edit(
                JOBS,
                "            return await self._plugins.run_plugin(plugin_name, payload)\n",
                "            if plugin_name:\n"
                f"                return await self._plugins._runner.run(plugin_name, payload){HERE}\n"
                "            return await self._plugins.run_plugin(plugin_name, payload)\n",
            ),
        ),
        ONE_BY_ONE,
    ),
    Mutation(
        "GOV501",
        "the first service calls the plugin service",
        (
            Edit(
                ANALYSIS,
                "        return await self._jobs.run_job(plugin_name, payload)\n",
                f"        return await self._jobs._plugins.run_plugin(plugin_name, payload){HERE}\n",
            ),
        ),
        ONE_BY_ONE,
    ),
    Mutation(
        "GOV502",
        "the plugin service has the first service try again what failed",
        (
            Edit(
                PLUGINS,
                HAND_DOWN,
                "        result, error = await self._runner.run(plugin_name, payload)\n"
                '        if error and "again" not in payload:\n'
                '            return await self.analysis.analyze(plugin_name, {**payload, "again": 1})'
                f"{HERE}\n        return result, error",
            ),
            Edit(
                PLUGINS,
                '    """Hands runs to ``runner``."""\n',
                '    """Hands runs to ``runner``."""\n\n    analysis: "AnalysisService"\n',
            ),
            Edit(
                PLUGINS,
                "from typing import Any\n",
                "from typing import TYPE_CHECKING, Any\n\nif TYPE_CHECKING:\n"
                "    from reference_runtime.services.analysis import AnalysisService\n",
            ),
            Edit(
                APP,
                "    analysis = AnalysisService(jobs)\n",
                "    analysis = AnalysisService(jobs)\n    plugins.analysis = analysis\n",
            ),
        ),
        ONCE,
    ),
    Mutation(
        "GOV503",
        "the job service imports the runner",
        (
            Edit(
                JOBS,
                "from reference_runtime.services.plugins import PluginManagementService\n",
                "from reference_runtime.services.plugins import PluginManagementService\n"
                f"from reference_runtime.tool_runner import ToolRunner{HERE}\n",
            ),
            Edit(
                JOBS,
                "    def start(self) -> None:\n",
                "    def knows(self, runner: ToolRunner) -> bool:\n        return bool(runner)\n\n"
                "    def start(self) -> None:\n",
            ),
        ),
        "an import, with no call",
    ),
    Mutation(
        "GOV504",
        "the plugin service answers by itself",
        (
            Edit(PLUGINS, "class PluginManagementService:\n", f"class PluginManagementService:{HERE}\n"),
            Edit(PLUGINS, HAND_DOWN, "        return {}, {}"),
        ),
        RESULT,
    ),
    Mutation(
        "GOV505",
        "the wiring runs a plugin at the start",
        (
            Edit(
                APP,
                "        analysis.start()\n",
                f'        analysis.start()\n        await runner.run("statistics", {{}}){HERE}\n',
            ),
        ),
        NOTHING_RUN,
    ),
)
ROUTES = (
    Mutation(
        "GOV601",
        "a route answers with the text of an exception",
        (
            Edit(
                API,
                READ + ASK,
                f"        try:\n    {READ}    {ASK}"
                "        except ValidationError as error:\n"
                f'            return AsciiJSON({{"detail": str(error)}}, 400){HERE}\n',
            ),
        ),
        MISSING,
    ),
    Mutation(
        "GOV601",
        "the handler of exceptions answers with their text",
        (
            Edit(
                API,
                '    return failure(build_error_envelope(exc, ""), 404 if isinstance(exc, NotFound) else 400)\n',
                f'    return AsciiJSON({{"detail": str(exc)}}, 400){HERE}\n',
            ),
        ),
        MISSING,
    ),
    Mutation(
        "GOV602",
        "the error leaves with status 500",
        (Edit(API, ANSWER, ANSWER.replace("failure(error)", "failure(error, 500)") + HERE),),
        RAISES,
    ),
    Mutation(
        "GOV603",
        "the error is never looked at",
        (
            Edit(API, ASK, ASK.replace("result, error", "result, _").rstrip("\n") + f"{HERE}\n"),
            Edit(API, ANSWER, f"        return {SUCCESS}"),
        ),
        RAISES,
    ),
    Mutation(
        "GOV604",
        "the whole envelope leaves",
        (
            Edit(
                API,
                ANSWER,
                f'        if error:\n            return AsciiJSON({{"detail": error}}, 400){HERE}\n'
                f"        return {SUCCESS}",
            ),
        ),
        RAISES,
    ),
    Mutation(
        "GOV605",
        "the bare result leaves",
        (
            Edit(
                API,
                ANSWER,
                f"        if error:\n            return failure(error)\n        return result{HERE}",
            ),
            Edit(API, '"/v1/analyze", response_model=Analysis,', '"/v1/analyze",'),
            Edit(API, "def analyze(request: Request) -> Response:", "def analyze(request: Request):"),
        ),
        RESULT,
    ),
)
MUTATIONS = (*LAYERS, *ROUTES)
