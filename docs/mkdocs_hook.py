"""What the site does to the pages: README.md and CHANGELOG.md are pages too, and links out of the site are text."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import dirname, normpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
FROM_ABOVE = {"README.md": "index.md", "CHANGELOG.md": "changes.md"}
LINK = re.compile(r"\[([^]]+)\]\((?!\w+:|#)([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand above the folder of the documents."""
    for name, page in FROM_ABOVE.items():
        text = (ROOT / name).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Take away the links out of the site."""

    def kept(link: re.Match[str]) -> str:
        target = normpath(f"{dirname(page.file.src_uri)}/{link[2]}".lstrip("/"))
        return link[0] if files.get_file_from_path(target) else link[1]

    return LINK.sub(kept, markdown)
