"""Writes what the pages take from the program: rules, keys, presets, mutations, the governance, the JSON Schema of the
policy, and what a terminal shows.

``python -m docs.generate`` writes; ``--check`` writes nothing, names what is stale, and then exits with 1.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from docs.sessions import SAME_EVERYWHERE, acted, pages
from phase12_lint.adopt.init.governance import governance, section_of
from phase12_lint.config import KEYS, Settings
from phase12_lint.config.keys import Key
from phase12_lint.config.schema import schema
from phase12_lint.model import Confidence
from phase12_lint.policy import Policy
from phase12_lint.reports import presets
from phase12_lint.reports.glossary import glossary
from phase12_lint.reports.manual import manual
from phase12_lint.rulebook import Entry, built_in
from tests.forked import command
from tests.pull_request import pull_request

DOCS = Path(__file__).parent
REVIEW = DOCS / "pull-request.md"


def catalogue() -> str:
    """The table of all rules, as the command prints it, each with a link to its page."""
    table = command(DOCS, ["rules", "--format", "markdown"]).stdout
    return "# The rules\n\n" + re.sub(r"^\| (GOV\d{3}) ", r"| [\1](rules/\1.md) ", table, flags=re.MULTILINE)


def mutations() -> str:
    """The page of the edits that the tests make in the runtime."""
    made = [sys.executable, "-m", "tests.mutations.table"]
    return subprocess.run(made, cwd=DOCS.parent, capture_output=True, check=True).stdout.decode()


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


def keys(text: str) -> str:
    """``text`` with the table of the policy's keys as they are."""
    rows = "".join(
        f"| `{key.name}` | {_default(key)} | {key.doc} | {'run' if key.shared else 'pipeline'} |\n"
        for key in KEYS.values()
    )
    return re.sub(r"(?<=\n\|---\|---\|---\|---\|\n)(\| `.*\n)+", rows, text)


def _default(key: Key) -> str:
    value = getattr(Policy() if key.governs else Settings(), key.field)
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in value)
    return f"`{value.label if isinstance(value, Confidence) else str(value).lower()}`"


def reviewed(text: str) -> str:
    """``text``, the page of the pull request, with what each format says of that one today."""
    os.environ |= SAME_EVERYWHERE
    with TemporaryDirectory() as folder:
        service = pull_request(Path(folder, "service"))
        for language, end in (("text", "\0"), ("github", "\n\n"), ("markdown", "\n\n<details>")):
            said = service.run("check", "--diff-base", "main", "--format", language, status=1).stdout
            shown = re.sub(r"(?<=since )[0-9a-f]{12}", "0123456789ab", said).partition(end)[0].strip() + "\n"
            before, _, after = text.partition(f"````{language}\n")
            text = f"{before}````{language}\n{shown}````{after.partition('````')[2]}"
    return text


def wanted() -> dict[Path, str]:
    """All that is made, by where it stands; the pages that act something out apart."""
    policy = DOCS / "policy.md"
    return {
        DOCS / "rules.md": catalogue(),
        DOCS / "mutations.md": mutations(),
        DOCS / "presets.md": presets.page(),
        DOCS / "glossary.md": glossary(),
        DOCS / "schema" / "policy.json": json.dumps(schema(), indent=2) + "\n",
        DOCS / "governance.md": governance(Policy()),
        policy: keys(policy.read_text(encoding="utf-8")),
    } | {DOCS / "rules" / f"{entry.code}.md": page(entry) for entry in built_in().values()}


def stale(made: dict[Path, str]) -> list[Path]:
    """Which of these are not as they stand, and the pages of rules that are none."""
    gone = {*DOCS.glob("rules/*.md")} - made.keys()
    return sorted(
        gone | {path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text}
    )


def main() -> int:
    """Write the documents, or with ``--check`` compare them; the exit status."""
    made = wanted()
    made |= {each: acted(each) for each in pages()}
    made[REVIEW] = reviewed(REVIEW.read_text(encoding="utf-8"))
    old = stale(made)
    if "--check" in sys.argv[1:]:
        for path in old:
            sys.stderr.write(f"stale: {path}; make docs writes it anew\n")
        return 1 if old else 0
    for path in old:
        if path in made:
            path.parent.mkdir(exist_ok=True)
            path.write_text(made[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
