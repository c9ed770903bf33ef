"""The tools that stand beside ours, in a virtual environment of their own.

ast-grep and semgrep get a rule by the receiver's name, which is as far as they can say it; import-linter
sees imports only; ruff does another job.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from benchmarks.corpora import CACHE

VERSIONS = {
    "ast-grep": "ast-grep-cli==0.51.1",
    "semgrep": "semgrep==1.182.0",
    "import-linter": "import-linter==2.16",
    "ruff": "ruff==0.17.6",
}
_AST_GREP = """\
id: direct-plugin-run
language: python
rule:
  any:
    - pattern: $P.run($$$)
    - pattern: getattr($P, "run")
constraints:
  P: {regex: "(?i)plugin"}
"""
_SEMGREP = """\
rules:
  - id: direct-plugin-run
    languages: [python]
    severity: ERROR
    message: direct plugin run
    patterns:
      - pattern-either: [{pattern: $P.run(...)}, {pattern: 'getattr($P, "run")'}]
      - metavariable-regex: {metavariable: $P, regex: "(?i).*plugin.*"}
"""
_IMPORTS = """\
[importlinter]
root_packages =
    django
    sqlalchemy
    airflow
    celery
    prefect
    dagster
[importlinter:contract:1]
name = celery does not know prefect
type = forbidden
source_modules =
    celery
forbidden_modules =
    prefect
"""


class Peer(NamedTuple):
    """A tool of others: its command, and the folder and caches it runs with."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = MappingProxyType({})


def install(semgrep: bool) -> Path:
    """The folder of the peers' programs, installed on first use; semgrep, which is large, only if wanted."""
    home = CACHE / "peers"
    wanted = [version for name, version in VERSIONS.items() if semgrep or name != "semgrep"]
    record = home / "installed.json"
    if not record.exists() or not set(wanted) <= set(json.loads(record.read_text())):
        print("installing the peers ...", file=sys.stderr)
        venv.create(home, with_pip=True)
        subprocess.run([home / "bin" / "python", "-m", "pip", "install", "--quiet", *wanted], check=True)
        record.write_text(json.dumps(wanted))
    return home / "bin"


def peers(programs: Path, corpus: Path, semgrep: bool) -> Iterator[Peer]:
    """The peers, ready to look through the folder ``corpus``."""
    rules = CACHE / "rules"
    rules.mkdir(exist_ok=True)
    for name, text in {"ast-grep.yml": _AST_GREP, "semgrep.yml": _SEMGREP, "imports.ini": _IMPORTS}.items():
        (rules / name).write_text(text)
    yield Peer("ast-grep", (f"{programs}/ast-grep", "scan", "--rule", f"{rules}/ast-grep.yml", str(corpus)))
    yield Peer(
        "ruff F401", (f"{programs}/ruff", "check", "--isolated", "--no-cache", "--select=F401", str(corpus))
    )
    if corpus.name == "A":
        command = (
            f"{programs}/lint-imports",
            "--config",
            f"{rules}/imports.ini",
            "--cache-dir",
            f"{CACHE}/imports",
        )
        yield Peer("import-linter, warm", command, {"PYTHONPATH": str(corpus)})
    if semgrep:
        command = (f"{programs}/semgrep", "scan", "--quiet", "--metrics=off", "--disable-version-check")
        yield Peer("semgrep", (*command, "--config", f"{rules}/semgrep.yml", str(corpus)))
