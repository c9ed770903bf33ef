"""The language server, asked by a real client over the protocol, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcRequestCancelled

from phase12_lint.values import solver
from tests.doors import analysed
from tests.functional.test_flake8 import PROJECT, write
from tests.lsp_client import ROOT, START, able, editor
from tests.unit.test_bounds import CODE

CLEAN = "def work(item, payload):\n    return payload\n"
JOBS = PROJECT["service/jobs.py"]
RUN = (2, "GOV101")

# Governed from the route down; `sneak` is not.
GOVERNED = {
    "setup.cfg": "[phase12-lint]\n",
    "app/__init__.py": "",
    "app/plugins.py": (
        "class Plugin:\n    def run(self, payload):\n        raise NotImplementedError\n\n\n"
        "class Resize(Plugin):\n    def run(self, payload):\n        return payload\n"
    ),
    "app/runner.py": (
        "from app.plugins import Plugin\n\n\nclass ToolRunner:\n"
        "    def execute(self, plugin: Plugin, payload):\n        return plugin.run(payload)\n"
    ),
    "app/services.py": (
        "from app.plugins import Resize\nfrom app.runner import ToolRunner\n\n\n"
        "class PluginManagementService:\n    def call(self, payload):\n"
        "        return ToolRunner().execute(Resize(), payload)\n\n\n"
        "class JobManagementService:\n    def work(self, payload):\n"
        "        return PluginManagementService().call(payload)\n\n\n"
        "class AnalysisService:\n    def analyze(self, payload):\n"
        "        return JobManagementService().work(payload)\n"
    ),
    "app/api.py": (
        "from fastapi import APIRouter\n\nfrom app.services import AnalysisService\n\nrouter = APIRouter()\n\n\n"
        '@router.post("/analyze")\ndef analyze(payload: dict):\n    return AnalysisService().analyze(payload)\n'
    ),
    "app/sneak.py": (
        "from app.plugins import Resize\n\n\ndef sneak(payload):\n    return Resize().run(payload)\n"
    ),
}

BODY = "\n".join(f"def f{n}(a, b=[{n}]):\n    return [a + {n} for a in b]\n" for n in range(300))
MANY = {f"many/m{n}.py": f"{BODY}\nX = {n}\n" for n in range(150)}  # what takes its time to read


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a finding that only the whole program shows."""
    root = tmp_path / "project"
    write(root, {name: text for name, text in PROJECT.items() if name != "service/other.py"})
    write(root, {"setup.cfg": "[phase12-lint]\nignore = GOV5\n"})
    return root


@pytest.fixture
def governed(tmp_path: Path) -> Path:
    """A project whose plugin runs are proved, but one."""
    root = tmp_path / "governed"
    write(root, GOVERNED | {"setup.cfg": "[phase12-lint]\nselect = GOV1\n"})
    return root


def at(range: types.Range) -> tuple[int, int, int, int]:
    return range.start.line, range.start.character, range.end.line, range.end.character


def applied(text: str, action: types.CodeAction, uri: str) -> str:
    """``text`` with the edits of ``action``, which is about one line and a text without wide characters."""
    assert action.edit is not None
    changes = action.edit.document_changes or ()
    edits = [
        each for change in changes if isinstance(change, types.TextDocumentEdit) for each in change.edits
    ]
    edits += (action.edit.changes or {}).get(uri, ())
    lines = text.splitlines(keepends=True)
    for edit in edits:
        assert isinstance(edit, types.TextEdit)
        row, start, end_row, end = at(edit.range)
        assert row == end_row
        lines[row] = lines[row][:start] + edit.new_text + lines[row][end:]
    return "".join(lines)


@pytest.mark.asyncio
async def test_files_that_are_not_open_have_diagnostics_that_say_all(project: Path) -> None:
    jobs = project / "service" / "jobs.py"
    async with editor(project) as e:
        await e.shows(jobs, RUN)
        (found,) = e.diagnostics(jobs)
    assert found.source == "phase12-lint"
    assert found.severity == types.DiagnosticSeverity.Error
    assert at(found.range) == (1, 11, 1, 19)
    assert found.message.startswith("`item.run` runs a plugin outside the choke point")
    related = [(each.location.uri, at(each.location.range)) for each in found.related_information or ()]
    assert ((project / "service" / "app.py").as_uri(), (5, 16, 5, 22)) in related
    assert found.code_description is not None
    assert "GOV101" in found.code_description.href


@pytest.mark.asyncio
async def test_what_is_typed_is_the_program_until_it_is_closed(project: Path) -> None:
    jobs, app = project / "service" / "jobs.py", project / "service" / "app.py"
    async with editor(project) as e:
        await e.shows(jobs, RUN)
        e.open(app)
        e.type(app, "def main(payload):\n    return payload\n")
        await e.shows(jobs)  # in another file, for nobody hands a plugin to it any more
        e.type(app, PROJECT["service/app.py"])
        await e.shows(jobs, RUN)
        e.open(jobs)
        e.type(jobs, f"# one\n# two\n{JOBS}")
        await e.shows(jobs, (4, "GOV101"))
        assert jobs.read_text() == JOBS
        e.close(jobs)
        await e.shows(jobs, RUN)
        e.open(jobs)
        e.type(jobs, CLEAN)
        await e.shows(jobs)
        e.save(jobs, CLEAN)
        e.close(jobs)
        await asyncio.sleep(0.5)
        await e.shows(jobs)
        e.save(jobs, JOBS)  # by another program
        e.on_disk(jobs)
        await e.shows(jobs, RUN)


@pytest.mark.asyncio
async def test_a_new_file_counts_before_it_is_saved_but_not_one_that_is_excluded(project: Path) -> None:
    write(
        project, {"setup.cfg": "[phase12-lint]\nexclude = old/\n", "old/there.py": "", ".gitignore": "gen/\n"}
    )
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    text = "from service.resize import Resize\n\n\ndef one(payload):\n    return Resize().run(payload)\n"
    async with editor(project) as e:
        await e.shows(project / "service" / "jobs.py", RUN)
        outside = [project / name for name in ("old/there.py", "old/new.py", "gen/new.py", ".venv/new.py")]
        for file in outside:
            e.open(file, text)
        e.open(project / "service" / "new.py", text)
        await e.shows(project / "service" / "new.py", (5, "GOV101"))
        assert not any(e.codes(file) for file in outside)
        e.close(project / "service" / "new.py")
        await e.shows(project / "service" / "new.py")


@pytest.mark.asyncio
async def test_the_last_text_wins(project: Path) -> None:
    jobs = project / "service" / "jobs.py"
    async with editor(project) as e:
        e.open(jobs)
        for number in range(40):
            e.type(jobs, "\n" * number + (JOBS if number % 2 else CLEAN))
            await asyncio.sleep(0.01 * (number % 3))
        version = e.type(jobs, "\n" * 7 + JOBS)
        await e.shows(jobs, (9, "GOV101"))
        await asyncio.sleep(0.5)
        assert e.codes(jobs) == [(9, "GOV101")]
        assert version == 42
        e.type(jobs, "\n" * 8 + JOBS)
        assert await e.actions(jobs, 8) == {}  # a place of the text before
        await e.shows(jobs, (10, "GOV101"))
        assert await e.actions(jobs, 9)


WIDE = {"utf-16": 2, "utf-32": 1, "utf-8": 4, "": 2}  # units of a character that is not in the first 65,536


@pytest.mark.asyncio
@pytest.mark.parametrize("asked", WIDE)
async def test_positions_are_in_the_units_that_were_agreed_on(tmp_path: Path, asked: str) -> None:
    line = f"\tx = '{chr(0x1F600) * 8}' or Resize().run(payload)  # GOV101"
    shift = 8 * (WIDE[asked] - 1)
    start, stop, code = (line.index(word) + shift for word in ("Resize", "(payload", "GOV101"))
    end = line.index("GOV101") + shift + len("GOV101")
    write(tmp_path, {**PROJECT, "setup.cfg": "[phase12-lint]\nselect = GOV101\n"})
    wide = tmp_path / "service" / "wide.py"
    text = "\r\n".join(["from service.resize import Resize", "\x0c", "def one(payload):", line, ""])
    wide.write_bytes(text.encode())
    async with editor(tmp_path, capabilities=able([asked] if asked else [])) as e:
        assert e.answer.capabilities.position_encoding == (asked or "utf-16")
        await e.shows(wide, (4, "GOV101"))
        assert at(e.diagnostics(wide)[0].range) == (3, start, 3, stop)
        e.open(wide)
        e.type(wide, text.replace("\r\n", "\n"))
        e.type(wide, f"\r{text}")
        await e.shows(wide, (5, "GOV101"))
        assert at(e.diagnostics(wide)[0].range) == (4, start, 4, stop)
        for place, is_code in ((code - 1, False), (code, True), (end, True), (end - 7, False)):
            assert ("# GOV101 direct" in await e.hover(wide, 4, place)) == is_code
        (done,) = [each for title, each in (await e.actions(wide, 4)).items() if title.startswith("Suppress")]
        assert done.edit is not None
        (change,) = done.edit.document_changes or ()
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 3
        assert at(change.edits[0].range) == (4, end, 4, end)


@pytest.mark.asyncio
async def test_hover_has_the_proof_of_a_call_or_where_it_breaks(governed: Path) -> None:
    api, sneak, services = (governed / "app" / f"{name}.py" for name in ("api", "sneak", "services"))
    async with editor(governed) as e:
        await e.shows(sneak, (5, "GOV101"))
        for file in (api, sneak, services):
            e.open(file)
        proof = await e.hover(api, 9, 34)
        paths = subprocess.run(
            [sys.executable, "-m", "phase12_lint", "paths"],
            cwd=governed,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        whole = [each for each in paths.stdout.split("\n\n") if each.startswith("PROVED")]
        assert len(whole) == 1
        assert whole[0] in proof
        assert whole[0] in await e.hover(services, 11, 43)  # in the middle of the path
        assert await e.hover(services, 0, 3) == ""
        broken = await e.hover(sneak, 4, 21)
        assert "**GOV101 direct-plugin-run**" in broken
        assert "**How to fix**" in broken
        assert "VIOLATED: `Resize().run` runs a plugin outside `ToolRunner`" in broken
        e.type(services, GOVERNED["app/services.py"].replace("JobManagementService().work", "str"))
        await asyncio.sleep(1)
        assert "PROVED" not in await e.hover(api, 9, 34)


@pytest.mark.asyncio
async def test_the_code_in_a_suppression_is_explained(project: Path) -> None:
    jobs = project / "service" / "jobs.py"
    async with editor(project) as e:
        await e.shows(jobs, RUN)
        e.open(jobs)
        e.type(jobs, JOBS.replace("(payload)\n", "(payload)  # noqa: GOV101 moved next week\n"))
        await e.shows(jobs)
        assert "# GOV101 direct-plugin-run" in await e.hover(jobs, 1, 43)
        assert await e.hover(jobs, 1, 50) == ""


SUPPRESSED = {
    "    return item.run(payload)": "    return item.run(payload)  # noqa: GOV101 reason",
    "    return item.run(payload)  # noqa: E501": "    return item.run(payload)  # noqa: E501,GOV101 reason",
    "    return item.run(payload)  # noqa: E501 long": "    return item.run(payload)  # noqa: E501,GOV101 long",
    "    return item.run(payload)  # type: ignore": (
        "    return item.run(payload)  # type: ignore  # noqa: GOV101 reason"
    ),
    "    return \\\n    item.run(payload) \\\n    or 1": (
        "    return \\\n    item.run(payload) \\\n    or 1  # noqa: GOV101 reason"
    ),
    '    return item.run("""\n    a\n    """)': '    return item.run("""\n    a\n    """)  # noqa: GOV101 reason',
    "    return item.run(\n        payload,\n    )": (
        "    return item.run(  # noqa: GOV101 reason\n        payload,\n    )"
    ),
    "    return item.run(payload)  # NOQA": "    return item.run(payload)  # NOQA: GOV101 reason",
}
NOT_SUPPRESSED = (
    '    return item.run("# noqa: E501")',
    '    return item.run("""# noqa: E501\n    """)',
    "    return item.run(payload) \\",
)


@pytest.mark.asyncio
async def test_a_finding_is_suppressed_with_a_reason(project: Path) -> None:
    jobs = project / "service" / "jobs.py"
    uri = jobs.as_uri()
    async with editor(project) as e:
        await e.shows(jobs, RUN)
        e.open(jobs)
        for before, after in SUPPRESSED.items():
            text = f"def work(item, payload):\n{before}\n"
            line = before[: before.index("item")].count("\n") + 2
            e.type(jobs, text)
            await e.until(lambda: e.codes(jobs) == [(line, "GOV101")], lambda: (text, e.codes(jobs)))  # noqa: B023
            action = next(
                each
                for title, each in (await until_actions(e, jobs, line - 1)).items()
                if title.startswith("Suppress GOV101 with a reason")
            )
            done = applied(text, action, uri)
            assert done == f"def work(item, payload):\n{after}\n"
            if action.command is not None:
                row, start, end = (each for each in action.command.arguments or () if isinstance(each, int))
                assert done.splitlines()[row][start:end] == "reason"
            e.type(jobs, done)
            await e.shows(jobs)
        for before in NOT_SUPPRESSED:
            e.type(jobs, f"def work(item, payload):\n{before}")
            await e.shows(jobs, RUN)
            assert [title for title in await until_actions(e, jobs, 1) if "Suppress" in title] == []


async def until_actions(e: Any, file: Path, line: int) -> dict[str, types.CodeAction]:
    """The actions of ``line`` once what is shown is about the text that is there."""
    found: dict[str, types.CodeAction] = {}
    for _ in range(100):
        found = await e.actions(file, line)
        if found:
            break
        await asyncio.sleep(0.05)
    return found


@pytest.mark.asyncio
async def test_actions_that_are_commands_open_what_they_tell(project: Path) -> None:
    jobs = project / "service" / "jobs.py"
    async with editor(project, capabilities=able(versions=False)) as e:
        await e.shows(jobs, RUN)
        e.open(jobs)
        actions = await until_actions(e, jobs, 1)
        assert list(actions) == ["Suppress GOV101 with a reason", "Explain GOV101 (direct-plugin-run)"]
        assert all(each.kind == "quickfix" for each in actions.values())
        edit = actions["Suppress GOV101 with a reason"].edit
        assert edit is not None
        assert edit.document_changes is None
        assert list(edit.changes or ()) == [jobs.as_uri()]
        assert await e.actions(jobs, 1, only=["source.organizeImports"]) == {}
        assert list(await e.actions(jobs, 1, only=["quickfix"])) == list(actions)
        assert await e.actions(jobs, 0) == {}
        for action in actions.values():
            assert action.command is not None
            asked = types.ExecuteCommandParams(action.command.command, action.command.arguments)
            await e.client.workspace_execute_command_async(asked)
        await e.until(lambda: len(e.client.shown_documents) == 2)
        reason, page = e.client.shown_documents
        assert reason.uri == jobs.as_uri()
        assert reason.selection is not None
        assert at(reason.selection) == (1, 45, 1, 51)
        text = Path(page.uri.removeprefix("file://")).read_text()
        assert text.startswith("# GOV101 direct-plugin-run")


@pytest.mark.asyncio
async def test_the_configuration_is_read_anew_and_a_bad_one_is_told_in_its_file(project: Path) -> None:
    jobs, config = project / "service" / "jobs.py", project / "setup.cfg"
    async with editor(project) as e:
        await e.shows(jobs, RUN)
        await e.until(lambda: "**/setup.cfg" in e.watched)
        assert not re.search(r"[{}\[\]?]", "".join(e.watched)), "not every editor knows them"
        config.write_text("[phase12-lint]\nignore = GOV5\nchoke-pointt = Runner\n")
        e.on_disk(config)
        await e.until(lambda: bool(e.diagnostics(config)))
        (found,) = e.diagnostics(config)
        assert at(found.range) == (2, 0, 2, 21)
        assert "the nearest right key is 'choke-point'" in found.message
        assert e.codes(jobs) == [RUN]  # the last good analysis stays
        config.write_text("[phase12-lint]\nignore = GOV1, GOV5\n")
        e.open(jobs)  # nobody tells of the change: it is seen when there is something to analyse
        await e.shows(jobs)
        await e.until(lambda: not e.diagnostics(config))
        config.unlink()
        (project / "pyproject.toml").write_text('[tool.phase12-lint]\nignore = ["GOV5"]\n')
        e.on_disk(config)
        await e.shows(jobs, RUN)


@pytest.mark.asyncio
async def test_the_baseline_and_ignored_files_are_read_anew(project: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    jobs, baseline = project / "service" / "jobs.py", project / ".phase12-lint-baseline.json"
    async with editor(project) as e:
        await e.shows(jobs, RUN)
        create = [sys.executable, "-m", "phase12_lint", "baseline", "create"]
        subprocess.run(create, cwd=project, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
        e.on_disk(baseline)
        await e.shows(jobs)
        baseline.write_text(baseline.read_text().replace('"version": 1', '"version": 2'))
        e.on_disk(baseline)
        await e.until(lambda: bool(e.diagnostics(baseline)))
        assert at(e.diagnostics(baseline)[0].range)[0] == 1
        baseline.unlink()
        e.on_disk(baseline)
        await e.shows(jobs, RUN)
        await e.until(lambda: not e.diagnostics(baseline))
        write(project, {".gitignore": "service/jobs.py\n"})
        e.on_disk(project / ".gitignore")
        await e.shows(jobs)


@pytest.mark.asyncio
async def test_a_file_that_python_cannot_read_costs_no_other_its_diagnostics(project: Path) -> None:
    write(project, {"service/resize.py": PROJECT["service/resize.py"]})
    jobs, other = project / "service" / "jobs.py", project / "service" / "more.py"
    async with editor(project) as e:
        await e.shows(jobs, RUN)
        e.open(other, "def broken(:\n")
        await e.shows(other, (1, "GOV001"))
        assert e.codes(jobs) == [RUN]
        assert list(await until_actions(e, other, 0)) == ["Explain GOV001 (unparsable-file)"]
        e.type(other, "def whole():\n    pass\n")
        await e.shows(other)


@pytest.mark.asyncio
async def test_each_folder_is_a_project_of_its_own(project: Path, governed: Path) -> None:
    jobs, sneak = project / "service" / "jobs.py", governed / "app" / "sneak.py"
    inner, inside = project / "inner", project / "inner" / "app" / "sneak.py"
    write(inner, GOVERNED | {"setup.cfg": "[phase12-lint]\nignore = GOV\n"})
    folders = [types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in (governed, inner)]
    added = types.WorkspaceFoldersChangeEvent(folders, [])
    removed = types.WorkspaceFoldersChangeEvent([], folders)
    async with editor(project) as e:
        await e.shows(jobs, RUN)
        await e.shows(inside, (5, "GOV101"))
        e.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(added))
        await e.shows(sneak, (5, "GOV101"))
        await e.shows(inside)  # by its own policy
        e.open(sneak)
        e.type(sneak, "")
        await e.shows(sneak)
        e.open(jobs)
        e.type(jobs, f"\n{JOBS}")
        await e.shows(jobs, (3, "GOV101"))
        assert e.codes(inside) == []
        e.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(removed))
        await e.shows(inside, (5, "GOV101"))
        e.type(sneak, GOVERNED["app/sneak.py"])
        await asyncio.sleep(0.5)
        assert e.codes(sneak) == []


@pytest.mark.asyncio
async def test_a_file_without_a_folder_opens_the_project_around_it(project: Path) -> None:
    jobs = project / "service" / "jobs.py"
    async with editor() as e:
        e.open(jobs)
        await e.shows(jobs, RUN)


@pytest.mark.asyncio
async def test_the_first_analysis_shows_how_far_it_is_and_blocks_nothing(project: Path) -> None:
    write(project, MANY)
    jobs = project / "service" / "jobs.py"
    async with editor(project) as e:
        await e.until(lambda: bool(e.client.progress_reports))
        (token,) = e.client.progress_reports
        reports = e.client.progress_reports[token]
        await e.until(lambda: bool(reports))
        assert not e.diagnostics(jobs)
        e.open(jobs, JOBS + "# noqa: GOV101\n")
        assert "# GOV101 direct-plugin-run" in await e.hover(jobs, 2, 10)
        assert not e.diagnostics(jobs), "it was over before the hover was answered"
        await e.shows(jobs, RUN, (3, "GOV002"))
        tokens = list(e.client.progress_reports)
        for each in tokens:
            reported = e.client.progress_reports[each]
            await e.until(lambda: isinstance(reported[-1], types.WorkDoneProgressEnd))  # noqa: B023
        e.type(jobs, CLEAN)
        await e.shows(jobs)
        assert list(e.client.progress_reports) == tokens  # later ones are not shown


@pytest.mark.asyncio
async def test_an_analysis_that_the_user_stops_is_not_shown_until_something_changes(project: Path) -> None:
    write(project, MANY)
    jobs = project / "service" / "jobs.py"
    async with editor(project) as e:
        await e.until(lambda: any(e.client.progress_reports.values()))
        (token,) = e.client.progress_reports
        e.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
        reports = e.client.progress_reports[token]
        await e.until(lambda: isinstance(reports[-1], types.WorkDoneProgressEnd))
        assert not e.client.diagnostics
        e.open(jobs)
        await e.shows(jobs, RUN)


@pytest.mark.asyncio
async def test_what_fails_is_one_line_and_the_server_lives(project: Path, tmp_path: Path) -> None:
    faulty = (
        "import sys; import phase12_lint.integrations.lsp.analyst as a; run = a.run\n"
        "def fail(request, *rest):\n"
        "    if any('FAIL' in text for text in request.overlay.values()): raise ValueError('lost\\nits way')\n"
        "    return run(request, *rest)\n"
        "def prove(*_): raise ValueError('no way')\n"
        "a.run, a.prove = fail, prove; from phase12_lint.cli import main; sys.exit(main(['lsp']))\n"
    )
    jobs = project / "service" / "jobs.py"
    async with editor(project, start=[sys.executable, "-c", faulty]) as e:
        await e.shows(jobs, RUN)
        e.open(jobs)
        for number in range(2):
            e.type(jobs, f"# FAIL {number}\n")
            await asyncio.sleep(0.5)
        await e.until(lambda: bool(e.said()))
        assert e.said() == ["phase12-lint: internal error: ValueError: lost its way"]
        e.type(jobs, f"\n{JOBS}")
        await e.shows(jobs, (3, "GOV101"))
        with pytest.raises(JsonRpcException):
            await e.hover(jobs, 2, 17)
        await e.until(lambda: len(e.said()) == 2)
        assert e.said()[1].startswith("phase12-lint: internal error: ")
        assert "no way" in e.said()[1]
        assert "\n" not in e.said()[1]
        e.type(jobs, JOBS)
        await e.shows(jobs, RUN)


@pytest.mark.asyncio
async def test_a_hover_that_nobody_waits_for_any_more_is_given_up(project: Path) -> None:
    write(project, MANY)
    jobs = project / "service" / "jobs.py"
    async with editor(project) as e:
        await e.until(lambda: any(e.client.progress_reports.values()))
        e.open(jobs)
        place = types.HoverParams(types.TextDocumentIdentifier(jobs.as_uri()), types.Position(1, 17))
        asked = e.client.protocol.send_request(types.TEXT_DOCUMENT_HOVER, place, msg_id="hover")
        e.client.cancel_request(types.CancelParams("hover"))
        with pytest.raises(JsonRpcRequestCancelled):
            await asyncio.wrap_future(asked)
        assert not e.diagnostics(jobs), "it was answered after the analysis"
        await e.shows(jobs, RUN)
        assert "VIOLATED" in await e.hover(jobs, 1, 17)


def test_an_editor_that_is_gone_ends_the_server(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [*START, "--stdio"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert (told.stdout, told.stderr) == (b"", b"")


@pytest.mark.asyncio
async def test_what_could_not_be_decided_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried = "import sys; import phase12_lint.values.solver as s; s._MOST_STEPS, s._WIDER = 1, 0\n"
    hurried += "from phase12_lint.cli import main; sys.exit(main(['lsp']))\n"
    work = tmp_path / "work.py"
    work.write_text(CODE)
    monkeypatch.setattr(solver, "_MOST_STEPS", 1)
    monkeypatch.setattr(solver, "_WIDER", 0)
    expected = [f"phase12-lint: incomplete: {line}" for line in analysed(tmp_path, {}).incomplete]
    assert len(expected) > 1
    async with editor(tmp_path, start=[sys.executable, "-c", hurried]) as e:
        await e.shows(work, (14, "GOV101"), (18, "GOV101"))
        await e.until(lambda: bool(e.said(types.MessageType.Warning)))
        assert [each.message for each in e.client.log_messages] == expected
        e.open(work)
        e.type(work, f"\n{CODE}")
        await e.shows(work, (15, "GOV101"), (19, "GOV101"))
        assert e.said(types.MessageType.Warning) == [f"{expected[0]} ({len(expected) - 1} more in the log)"]


def test_without_pygls_the_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nclass No:\n    def find_spec(self, name, *_):\n"
        "        if name.partition('.')[0] in ('pygls', 'lsprotocol'): raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, No())\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    told = subprocess.run(
        START, cwd=tmp_path, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr == "phase12-lint: lsp needs pygls; install it with: pip install 'phase12-lint[lsp]'\n"


def test_no_other_command_imports_pygls(project: Path) -> None:
    loaded = (
        "import sys; from phase12_lint.cli import main\n"
        "main(['check']); main(['paths']); main(['rules'])\n"
        "import phase12_lint.integrations.flake8\n"
        "sys.stderr.write(str([name for name in sys.modules if name.startswith(('pygls', 'lsprotocol'))]))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, "-c", loaded], cwd=project, env=environment, capture_output=True, text=True
    )
    assert told.stderr.endswith("[]")


def test_findings_are_those_of_check(project: Path) -> None:
    write(project, {"service/other.py": PROJECT["service/other.py"]})
    check = [sys.executable, "-m", "phase12_lint", "check", "--format", "json"]
    told = subprocess.run(
        check, cwd=project, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True
    )
    expected = {(each["path"], each["line"], each["code"]) for each in json.loads(told.stdout)["findings"]}

    async def shown() -> None:
        async with editor(project) as e:
            files = {path: project / path for path in PROJECT}

            def told() -> set[tuple[str, int, str]]:
                return {(path, *place) for path, file in files.items() for place in e.codes(file)}

            await e.until(lambda: told() == expected, told)

    asyncio.run(shown())
