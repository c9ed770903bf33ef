"""Writes ``docs/rules.md`` and a page for each rule from what the rules say of themselves, and ``docs/mutations.md``.

``python docs/generate.py`` writes; ``--check`` writes nothing, names what is stale, and then exits with 1.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from phase12_lint.adopt.init.governance import section_of
from phase12_lint.policy import Policy
from phase12_lint.reports.glossary import glossary
from phase12_lint.reports.manual import manual
from phase12_lint.rulebook import Entry, built_in

DOCS = Path(__file__).parent


def catalogue() -> str:
    """The table of all rules, as the command prints it, each with a link to its page."""
    command = [sys.executable, "-m", "phase12_lint", "rules", "--format", "markdown"]
    table = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return "# The rules\n\n" + re.sub(r"^\| (GOV\d{3}) ", r"| [\1](rules/\1.md) ", table, flags=re.MULTILINE)


def mutations() -> str:
    """The page of the edits that the tests make in the runtime."""
    command = [sys.executable, "-m", "tests.mutations.table"]
    return subprocess.run(command, cwd=DOCS.parent, capture_output=True, check=True).stdout.decode()


def page(entry: Entry) -> str:
    """The page of one rule."""
    return "\n\n".join(_paragraphs(entry)) + "\n"


def _paragraphs(entry: Entry) -> Iterator[str]:
    yield f"# {entry.code} {entry.name}"
    about = [f"{entry.section} of the governance README"] if entry.section.startswith("§") else []
    about += [] if entry.default else ["off by default"]
    yield entry.summary + (f" ({', '.join(about)})" if about else "")
    yield manual(entry)
    title, enforced = section_of(Policy(), entry.section)
    if enforced:
        yield f"## What it enforces\n\n{entry.section} of the governance, {title}:\n\n{enforced}"


def main() -> int:
    """Write the documents, or with ``--check`` compare them; the exit status."""
    wanted = {
        DOCS / "rules.md": catalogue(),
        DOCS / "mutations.md": mutations(),
        DOCS / "glossary.md": glossary(),
    }
    wanted |= {DOCS / "rules" / f"{entry.code}.md": page(entry) for entry in built_in().values()}
    present = {
        path: path.read_text(encoding="utf-8")
        for path in [DOCS / "rules.md", DOCS / "mutations.md", DOCS / "glossary.md", *DOCS.glob("rules/*.md")]
        if path.exists()
    }
    stale = sorted(path for path in wanted.keys() | present.keys() if wanted.get(path) != present.get(path))
    if "--check" in sys.argv[1:]:
        for path in stale:
            sys.stderr.write(f"stale: {path}; make docs writes it anew\n")
        return 1 if stale else 0
    for path in stale:
        if path in wanted:
            path.parent.mkdir(exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
