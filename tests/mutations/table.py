"""The edits. A line that ends in ``# <-`` is where the finding stands; the mark is taken out.

``python -m tests.mutations.table`` writes the page of the docs.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "mutations.md"
MARK = "  # <-"
HEAD = """\
# What the linter catches in the runtime

Made by `make docs`: each edit of `reference_runtime/` breaks one rule. The tests make every edit in a copy and demand
exactly that finding at exactly that place, and where the defect shows at run time, that the named test of the runtime
fails on the copy (`tests/mutations/test_mutations.py`).

| code | edit | where | at run time |
|---|---|---|---|
"""


class Edit(NamedTuple):
    """In ``path``, ``old`` (which occurs once; empty: the file is new) becomes ``new``."""

    path: str
    old: str
    new: str


class Mutation(NamedTuple):
    """Edits that break the rule ``code``. ``fails`` are the arguments of the pytest run that then fails, or a word
    of why none does. ``policy`` are lines of the policy.
    """

    code: str
    does: str
    edits: tuple[Edit, ...]
    fails: tuple[str, ...] | str
    policy: str = ""


P = "reference_runtime"
RUNNER, PLUGINS, JOBS, ANALYSIS = (
    f"{P}/tool_runner.py",
    f"{P}/services/plugins.py",
    f"{P}/services/jobs.py",
    f"{P}/services/analysis.py",
)
API, APP, ERRORS, VALIDATION = f"{P}/api.py", f"{P}/app.py", f"{P}/errors.py", f"{P}/validation.py"
LOOKUP = "            plugin = self._registry.get(plugin_name)\n"
INPUT = "            payload = validate_input(payload)\n"
RUN = "                output = await self._workers.call(plugin.run, payload, plugin_name)"
WITHIN = "            with self._registry.running(plugin_name):\n"
OUTPUT = "            validate_plugin_output(output)\n"
FAILED = "            return {}, envelope"
STATE = '            state = "FAILED" if had_error else "INITIALIZED"\n'
UPDATE = "            self._registry.update_execution_metrics(plugin_name, state, elapsed_ms, had_error)"
HAND_DOWN = "        return await self._runner.run(plugin_name, payload)"
QUICK = "        if plugin_name:\n            return {}, {{}}{}\n" + HAND_DOWN
ANSWER = '        return _failure(error) if error else AsciiJSON({"result": result, "plugin": asked.plugin})'
ASK = "        result, error = await analysis.analyze(asked.plugin, asked.payload())\n"
FOUND = "self._runner._registry.get(plugin_name)"


def faults(*names: str) -> tuple[str, ...]:
    """The runtime's test of these faults."""
    return ("tests/phase_12/test_faults.py", "-k", " and ".join(("table_says", *names)))


def api(name: str) -> tuple[str, ...]:
    """A runtime's test of the API."""
    return ("tests/phase_12/test_api.py", "-k", name)


RESULT = api("a_result_stands_beside")
RAISES = faults("raises")


MUTATIONS = (
    Mutation(
        "GOV001",
        "a file that does not parse",
        (Edit(f"{P}/extra.py", "", f"def extra(:{MARK}\n"),),
        "nothing imports it",
    ),
    Mutation(
        "GOV002",
        "a suppression that suppresses nothing",
        (Edit(ERRORS, "_MOST_TEXT = 20_000\n", f"_MOST_TEXT = 20_000  # noqa: GOV101 long gone{MARK}\n"),),
        "a comment",
    ),
    Mutation(
        "GOV003",
        "a suppression without a reason",
        (
            Edit(
                f"{P}/extra.py",
                "",
                "from reference_runtime.plugins.base import Plugin\n\n\n"
                f"def warm_up(plugin: Plugin) -> None:\n    plugin.run({{}})  # noqa: GOV101{MARK}\n",
            ),
        ),
        "a comment",
        "require-suppression-reason = true\n",
    ),
    Mutation(
        "GOV004",
        "a policy that names what is not there",
        (Edit("setup.cfg", "", f"[phase12-lint]{MARK}\n"),),
        "a setting",
        "metrics-update = update_execution_metrics, update_metrics\n",
    ),
    Mutation(
        "GOV101",
        "the service above the runner runs the plugin itself",
        (Edit(PLUGINS, HAND_DOWN, QUICK.format(f"{FOUND}.run(payload)", MARK)),),
        RAISES,
    ),
    Mutation(
        "GOV102",
        "it hands the bound method to a thread",
        (
            Edit(
                PLUGINS, "from typing import Any\n", "from asyncio import to_thread\nfrom typing import Any\n"
            ),
            Edit(PLUGINS, HAND_DOWN, QUICK.format(f"await to_thread({FOUND}.run, payload)", MARK)),
        ),
        RAISES,
    ),
    Mutation(
        "GOV103",
        "it reaches the method by reflection",
        (Edit(PLUGINS, HAND_DOWN, QUICK.format(f'getattr({FOUND}, "r" + "un")(payload)', MARK)),),
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
            Edit(PLUGINS, HAND_DOWN, QUICK.format(f"Plugin.run({FOUND}, payload)", MARK)),
        ),
        RESULT,
    ),
    Mutation(
        "GOV105",
        "the wiring replaces the runner's entry",
        (
            Edit(
                APP,
                "    runner = ToolRunner(registry, workers)\n",
                f"    runner = ToolRunner(registry, workers)\n    ToolRunner.run = _nothing{MARK}\n",
            ),
            Edit(
                APP,
                "def _queue(",
                "async def _nothing(self, plugin_name, payload):\n    return {}, {}\n\n\ndef _queue(",
            ),
        ),
        RAISES,
    ),
    Mutation(
        "GOV201",
        "the input is not validated",
        (
            Edit(RUNNER, INPUT, ""),
            Edit(RUNNER, RUN, RUN + MARK),
        ),
        faults("lying"),
    ),
    Mutation(
        "GOV202",
        "the output is not validated",
        (
            Edit(RUNNER, OUTPUT, ""),
            Edit(RUNNER, RUN, RUN + MARK),
        ),
        "the worker process validates, too",
    ),
    Mutation(
        "GOV203",
        "an input that is refused is used all the same",
        (
            Edit(
                RUNNER,
                INPUT,
                f"            try:\n                payload = validate_input(payload){MARK}\n"
                "            except ValueError:\n                pass\n"
                "            except Exception:\n                _LOG.warning('odd input')\n",
            ),
        ),
        faults("lying"),
    ),
    Mutation(
        "GOV204",
        "the output validator looks for None only",
        (
            Edit(
                VALIDATION,
                "def validate_plugin_output(output: object) -> bytes:\n",
                f"def validate_plugin_output(output: object) -> bytes:{MARK}\n",
            ),
            Edit(VALIDATION, "    if not isinstance(output, dict):\n", "    if output is None:\n"),
            Edit(
                VALIDATION,
                "        _check_keys(output)\n",
                "",
            ),
        ),
        faults("list"),
    ),
    Mutation(
        "GOV301",
        "the service above the runner catches what the runner raises",
        (
            Edit(
                PLUGINS,
                HAND_DOWN,
                f"        try:{MARK}\n            return await self._runner.run(plugin_name, payload)\n"
                "        except ValueError:\n            return {}, {}\n",
            ),
        ),
        "the runner never raises",
    ),
    Mutation(
        "GOV302",
        "the first service catches everything",
        (
            Edit(
                ANALYSIS,
                "        return await self._jobs.run_job(plugin_name, payload)\n",
                f"        try:{MARK}\n            return await self._jobs.run_job(plugin_name, payload)\n"
                "        except Exception:\n            return {}, {}\n",
            ),
        ),
        "the layers below never raise",
    ),
    Mutation(
        "GOV303",
        "the lookup stands before the try",
        (
            Edit(RUNNER, LOOKUP, ""),
            Edit(
                RUNNER,
                "        started = perf_counter()\n",
                f"        plugin = self._registry.get(plugin_name){MARK}\n        started = perf_counter()\n",
            ),
        ),
        faults("unavailable"),
    ),
    Mutation(
        "GOV303",
        "the handler raises",
        (Edit(RUNNER, FAILED, f"            raise{MARK}"),),
        "the application's own handler answers the same",
    ),
    Mutation(
        "GOV304",
        "the handler returns the text of the exception",
        (Edit(RUNNER, FAILED, f'            return {{}}, {{"failed": str(exc)}}{MARK}'),),
        RAISES,
    ),
    Mutation(
        "GOV305",
        "the envelope has no details",
        (
            Edit(ERRORS, '    return {\n        "error": {\n', f'    return {{{MARK}\n        "error": {{\n'),
            Edit(
                ERRORS,
                '            "details": {} if type(exc) is kind else {"exception": type(exc).__name__},\n',
                "",
            ),
        ),
        ("tests/phase_12/test_validation.py", "-k", "exactly_its_fields"),
    ),
    Mutation(
        "GOV306",
        "the handler returns no envelope",
        (Edit(RUNNER, FAILED, f"            return {{}}, {{}}{MARK}"),),
        RAISES,
    ),
    Mutation(
        "GOV401",
        "the metrics are updated only after success",
        (
            Edit(RUNNER, RUN, RUN + MARK),
            Edit(
                RUNNER,
                "            had_error = False\n            return output, {}\n",
                "            had_error = False\n            elapsed_ms = (perf_counter() - started) * 1000\n"
                f"{STATE}{UPDATE}\n            return output, {{}}\n",
            ),
            Edit(
                RUNNER,
                "        finally:\n            elapsed_ms = (perf_counter() - started) * 1000\n"
                + STATE
                + UPDATE
                + "\n",
                "        finally:\n            _LOG.debug('ran')\n",
            ),
        ),
        RAISES,
    ),
    Mutation(
        "GOV402",
        "the service counts on its own",
        (
            Edit(
                PLUGINS,
                HAND_DOWN,
                "        self._runner._registry.update_execution_metrics("
                f"plugin_name, 'RUNNING', 0.0, False){MARK}\n" + HAND_DOWN,
            ),
        ),
        RAISES,
    ),
    Mutation(
        "GOV403",
        "a script writes a metric past the registry",
        (Edit(f"{P}/extra.py", "", f"def forgive(entry):\n    entry.error_count = 0{MARK}\n"),),
        "nothing calls it",
    ),
    Mutation(
        "GOV404",
        "the update is told a literal",
        (Edit(RUNNER, UPDATE, UPDATE.replace("had_error)", "False)") + MARK),),
        RAISES,
    ),
    Mutation(
        "GOV405",
        "the time is taken from the wall clock",
        (
            Edit(RUNNER, "from time import perf_counter\n", "from time import time\n"),
            Edit(RUNNER, "        started = perf_counter()\n", f"        started = time(){MARK}\n"),
            Edit(
                RUNNER,
                "            elapsed_ms = (perf_counter() - started) * 1000\n",
                f"            elapsed_ms = (time() - started) * 1000{MARK}\n",
            ),
        ),
        "only when the clock is set",
    ),
    Mutation(
        "GOV406",
        "a state of its own",
        (Edit(RUNNER, STATE + UPDATE, STATE.replace("FAILED", "BROKEN") + UPDATE + MARK),),
        ("tests/phase_11/test_registry.py", "-k", "loaded_then_initialized"),
    ),
    Mutation(
        "GOV501",
        "the job service calls the runner",
        (
            Edit(
                JOBS,
                "        result, error = await self._plugins.run_plugin(plugin_name, payload)\n",
                "        if job_id:\n"
                f"            result, error = await self._plugins._runner.run(plugin_name, payload){MARK}\n"
                "        else:\n"
                "            result, error = await self._plugins.run_plugin(plugin_name, payload)\n",
            ),
        ),
        ("tests/phase_12/test_layers.py", "-k", "one_by_one"),
    ),
    Mutation(
        "GOV502",
        "the plugin service calls the first service again",
        (
            Edit(
                PLUGINS,
                HAND_DOWN + "\n",
                HAND_DOWN + "\n\n    async def again(self, analysis: AnalysisService, name: str) -> Any:\n"
                f'        return await analysis.analyze(name, {{"image": b""}}){MARK}\n',
            ),
            Edit(
                PLUGINS,
                "from typing import Any\n",
                "from typing import TYPE_CHECKING, Any\n\nif TYPE_CHECKING:\n"
                "    from reference_runtime.services.analysis import AnalysisService\n",
            ),
        ),
        "nothing calls it",
    ),
    Mutation(
        "GOV503",
        "the job service imports the runner",
        (
            Edit(
                JOBS,
                "from reference_runtime.services.plugins import PluginManagementService\n",
                "from reference_runtime.services.plugins import PluginManagementService\n"
                f"from reference_runtime.tool_runner import ToolRunner{MARK}\n",
            ),
            Edit(
                JOBS,
                "    def start(self) -> None:\n",
                "    def knows(self, runner: ToolRunner) -> bool:\n        return bool(runner)\n\n"
                "    def start(self) -> None:\n",
            ),
        ),
        "an import",
    ),
    Mutation(
        "GOV504",
        "the plugin service answers by itself",
        (
            Edit(PLUGINS, "class PluginManagementService:\n", f"class PluginManagementService:{MARK}\n"),
            Edit(PLUGINS, HAND_DOWN, "        return {}, {}"),
        ),
        RAISES,
    ),
    Mutation(
        "GOV505",
        "the wiring runs a plugin at the start",
        (
            Edit(
                APP,
                "        analysis.start()\n",
                f'        analysis.start()\n        await runner.run("statistics", {{}}){MARK}\n',
            ),
        ),
        "the result is dropped",
    ),
    Mutation(
        "GOV601",
        "a route answers with the text of an exception",
        (
            Edit(
                API,
                "        asked = await read_request(request, most_body)\n" + ASK,
                "        try:\n            asked = await read_request(request, most_body)\n"
                "        except ValidationError as error:\n"
                f'            return AsciiJSON({{"detail": str(error)}}, 400){MARK}\n' + ASK,
            ),
        ),
        faults("missing"),
    ),
    Mutation(
        "GOV602",
        "the error leaves with status 500",
        (Edit(API, ANSWER, ANSWER.replace("_failure(error)", "_failure(error, 500)") + MARK),),
        RAISES,
    ),
    Mutation(
        "GOV603",
        "the error is never looked at",
        (
            Edit(API, ASK, ASK.replace("result, error", "result, _").rstrip("\n") + f"{MARK}\n"),
            Edit(API, ANSWER, '        return AsciiJSON({"result": result, "plugin": asked.plugin})'),
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
                f'        if error:\n            return AsciiJSON({{"detail": error}}, 400){MARK}\n'
                '        return AsciiJSON({"result": result, "plugin": asked.plugin})',
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
                f"        if error:\n            return _failure(error)\n        return result{MARK}",
            ),
            Edit(API, "        response_model=schemas.AnalyzeResponse,\n", ""),
            Edit(API, "def analyze(request: Request) -> Response:", "def analyze(request: Request):"),
        ),
        RESULT,
    ),
)


def page() -> str:
    """The table as a page of the docs."""
    rows = []
    for each in MUTATIONS:
        path = next(edit.path for edit in each.edits if MARK in edit.new)
        shows = each.fails if isinstance(each.fails, str) else f"`{' '.join(each.fails)}` fails"
        rows.append(f"| [{each.code}](rules/{each.code}.md) | {each.does} | `{path}` | {shows} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
