"""What the pages show of a terminal is what the commands print today, in the project that the page tells of."""

from __future__ import annotations

from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from docs.sessions import ROOT, acted, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_shows_what_the_commands_print(page: Path) -> None:
    assert acted(page) == page.read_text(encoding="utf-8"), "make docs writes it anew"


def test_the_site_has_no_dead_link(tmp_path: Path) -> None:
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path), strict=True)
    build(config)
    assert 'href="pull-request.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")
