"""The golden reports: ``python -m tests.golden.golden`` (``make golden``) writes them anew, to be read as a diff."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from phase12_lint import __version__
from phase12_lint.reports import format_names
from tests.golden.program import write

HERE = Path(__file__).parent
REPORTS = HERE / "reports"
_ENDINGS = {
    "markdown": "md",
    "html": "html",
    "junit": "xml",
    "json": "json",
    "sarif": "json",
    "gitlab": "json",
}
_ENDINGS |= {"rdjson": "json"}


def golden(name: str) -> Path:
    """The golden file of the format called ``name``."""
    return REPORTS / f"{name}.{_ENDINGS.get(name, 'txt')}"


def reports(root: Path) -> dict[str, str]:
    """The project of the golden files, written to ``root``, in every format, by one run of the real command."""
    write(root)
    arguments = [f"--format={name}={name}.report" for name in format_names()]
    done = subprocess.run(
        [sys.executable, "-m", "phase12_lint", "check", "--no-cache", "--show-suppressed", *arguments],
        cwd=root,
        env={name: value for name, value in os.environ.items() if name != "GITHUB_STEP_SUMMARY"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    return {name: (root / f"{name}.report").read_bytes().decode() for name in format_names()}


def comparable(name: str, report: str) -> str:
    """``report`` without what differs from run to run or from version to version, and in lines."""
    report = re.sub(r'"elapsed_s": [\d.]+', '"elapsed_s": 0.0', report)
    if name != "sarif":
        return report
    document = json.loads(report)
    run = document["runs"][0]
    named = {result["ruleId"] for result in run["results"]}
    run["tool"]["driver"]["semanticVersion"] = run["tool"]["driver"]["semanticVersion"].replace(
        __version__, "VERSION"
    )
    run["tool"]["driver"]["rules"] = [rule for rule in run["tool"]["driver"]["rules"] if rule["id"] in named]
    for result in run["results"]:
        del result["ruleIndex"]  # into the list of all rules
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every golden file, and take away what is none."""
    REPORTS.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        made = {golden(name): comparable(name, text) for name, text in reports(Path(folder)).items()}
    for path in set(REPORTS.iterdir()) - made.keys():
        path.unlink()
    for path, text in made.items():
        path.write_bytes(text.encode())


if __name__ == "__main__":
    main()
