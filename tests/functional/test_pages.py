"""What the pages show of a terminal is what the commands print today, in the project that the page tells of."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import jsonschema_rs
import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from docs.sessions import ROOT, acted, pages
from phase12_lint.cli.parser import parse

TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^(?:\$ |.*\brun: |)(?:cd \S+ && )?(phase12-lint .*)$", re.MULTILINE)
SPAN = re.compile(r"`(phase12-lint [^`]*)`")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_shows_what_the_commands_print(page: Path) -> None:
    assert acted(page) == page.read_text(encoding="utf-8"), "make docs writes it anew"


def test_the_site_has_no_dead_link(tmp_path: Path) -> None:
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path), strict=True)
    build(config)
    assert 'href="pull-request.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")


def commands(page: Path) -> Iterator[list[str]]:
    """The arguments of each call of the linter on a page: in a shell, in a workflow, and in what is told."""
    text = page.read_text(encoding="utf-8")
    told = SPAN.findall(" ".join(FENCED.sub("", text).split()))
    for kind, block in FENCED.findall(text):
        told += LINE.findall(block) if kind in ("sh", "console", "yaml") else []
    for command in told:
        words = shlex.split(command, comments=True)
        ends = [at for at, word in enumerate(words) if word in ("|", "&&", ";", ">", "2>")]
        yield words[1 : ends[0] if ends else None]


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.name)
def test_the_command_takes_what_a_page_tells_to_call(page: Path) -> None:
    for words in commands(page):
        with suppress(SystemExit):  # where it prints something and ends; a wrong word is a UsageError
            parse(words)


def test_the_examples_of_reports_keep_the_schemas() -> None:
    page = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    examples = [json.loads(block) for kind, block in FENCED.findall(page) if kind == "json"]
    schemas = [
        json.loads((ROOT / "docs" / "schema" / name).read_text()) for name in ("check.json", "paths.json")
    ]
    for example, schema in zip(examples, schemas, strict=True):
        jsonschema_rs.validate(schema, example)
