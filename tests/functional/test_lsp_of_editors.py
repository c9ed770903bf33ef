"""The language server in editors that lack something, and with rules of a team's own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest
from lsprotocol import types

from tests.functional.test_flake8 import PROJECT, write
from tests.functional.test_lsp import CLEAN, GOVERNED, RUN
from tests.functional.test_own_rules import rule
from tests.lsp_client import PATIENCE, ROOT, Editor, able, editor
from tests.own_package import GROUP, Site


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one finding."""
    root = tmp_path / "project"
    write(root, PROJECT | {"setup.cfg": "[phase12-lint]\nignore = GOV5\n"})
    return root


async def hover(e: Editor, file: Path, line: int, character: int, word: str) -> str:
    """What is told at a place once the open text is analysed, and ``word`` is told."""
    end = monotonic() + PATIENCE
    while word not in (told := await e.hover(file, line, character)):
        assert monotonic() < end, told
        await asyncio.sleep(0.1)
    return told


@asynccontextmanager
async def plain_editor(root: Path) -> AsyncIterator[tuple[Editor, Path, Path]]:
    """An editor without Markdown on a governed project with one finding: with the file of that, and of the API."""
    write(root, GOVERNED | {"setup.cfg": "[phase12-lint]\nselect = GOV1\n"})
    sneak, api = root / "app" / "sneak.py", root / "app" / "api.py"
    plain = able()
    plain.text_document.hover = types.HoverClientCapabilities(content_format=[types.MarkupKind.PlainText])
    async with editor(root, capabilities=plain) as e:
        await e.shows(sneak, (5, "GOV101"))
        for file in (sneak, api):
            e.open(file)
        yield e, sneak, api


@pytest.mark.asyncio
async def test_an_editor_that_cannot_watch_files_is_served_all_the_same(project: Path) -> None:
    jobs = project / "service" / "jobs.py"
    async with editor(project, refuses=True) as e:
        await e.shows(jobs, RUN)
        assert e.watched
        assert not e.said()
        (told,) = (each.message for each in e.client.log_messages)
        assert told.startswith("phase12-lint: the editor does not tell of changes on disk: ")
        e.open(jobs)
        e.type(jobs, CLEAN)
        await e.shows(jobs)


@pytest.mark.asyncio
async def test_an_editor_without_markdown_is_told_in_plain_text(tmp_path: Path) -> None:
    async with plain_editor(tmp_path) as (e, sneak, api):
        told = await hover(e, sneak, 4, 20, "GOV101")
        assert told.startswith("GOV101 direct-plugin-run (§1, certain)\n\n`Resize().run` runs a plugin")
        assert not {"**", "```", "\\"} & {
            told[at : at + size] for at in range(len(told)) for size in (1, 2, 3)
        }
        assert (await e.hover(api, 9, 34)).startswith("PROVED\n  analyze [API]  app/api.py:9  (route)\n  └─ ")
        e.type(sneak, "X = 1  # noqa: GOV101 moves next week\n")
        assert "\n\ndef analyse(" in await e.hover(sneak, 0, 17)


@pytest.mark.asyncio
async def test_the_page_shows_what_is_told_and_offered(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "editor.md").read_text(encoding="utf-8")
    shown = "".join(page.split())  # lines are broken at the width of a window
    async with plain_editor(tmp_path) as (e, sneak, api):
        for told in (await hover(e, sneak, 4, 20, "GOV101"), await e.hover(api, 9, 34)):
            assert "".join(told.split()) in shown
        for number, title in enumerate(await e.actions(sneak, 4), 1):
            assert f"\n{number}: {title}\n" in page
    for text in GOVERNED["app/sneak.py"], GOVERNED["app/api.py"]:
        assert all(line in page for line in text.splitlines())


@pytest.mark.asyncio
async def test_a_rule_of_a_teams_own_is_told_as_any_other(tmp_path: Path, project: Path) -> None:
    site = Site(tmp_path / "site")
    site.install(
        "acme", {GROUP: "ACM101 = acme:Rule"}, {"acme.py": rule("ACM101", "self.report(node, 'a call')")}
    )
    start = (
        f"import sys; sys.path.insert(0, {str(site.folder)!r}); "
        "from phase12_lint.cli import main; sys.exit(main(['lsp']))"
    )
    app = project / "service" / "app.py"
    async with editor(project, start=[sys.executable, "-c", start]) as e:
        e.open(app)
        await e.until(lambda: "ACM101" in [code for _, code in e.codes(app)], lambda: e.codes(app))
        line = next(line for line, code in e.codes(app) if code == "ACM101")
        assert "**ACM101 rule-acm101** (own, certain)\n\na call" in await hover(e, app, line - 1, 8, "ACM101")
        assert {"Suppress ACM101 with a reason", "Explain ACM101 (rule-acm101)"} <= set(
            await e.actions(app, line - 1)
        )
        e.type(app, "X = 1  # noqa: ACM101 kept\n")
        assert (await e.hover(app, 0, 17)).startswith("# ACM101 rule-acm101 (own)\n\nWhat ACM101 does.\n")
        assert not e.said()
