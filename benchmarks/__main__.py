"""Measure, print the table, keep it in RESULTS.md. Arguments: ``--help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import corpora, ours, peers
from benchmarks.measure import Contestant, ast_floor, race
from benchmarks.table import Row, render
from phase12_lint import __version__

RESULTS = Path(__file__).with_name("RESULTS.md")
NAMES = ("A", "C", "stdlib", "stdlib-tests")
BESIDE = {
    "check, cold": ("ast.parse", "ruff F401", "ast-grep", "semgrep"),
    "check, unchanged": ("check, cold", "import-linter, warm"),
    "check, one file edited": ("check, unchanged",),
}
TARGETS = {
    ("A", "check, cold", "ast-grep"): 1 / 3,
    ("A", "check, cold", "semgrep"): 1 / 20,
    ("A", "check, unchanged", "import-linter, warm"): 1 / 10,
    ("A", "check, one file edited", "check, unchanged"): 2.0,
}


def main() -> None:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("corpora", nargs="*", metavar="CORPUS", help=f"of {', '.join(NAMES)}; default: all")
    parser.add_argument("--semgrep", action="store_true", help="run semgrep, too, which takes minutes")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if unknown := set(options.corpora) - set(NAMES):
        parser.error(f"no such corpus: {', '.join(sorted(unknown))}")
    programs = peers.install(options.semgrep)
    rows, notes = list[Row](), list[str]()
    for name in options.corpora or NAMES:
        corpus = corpora.lay_out(name)
        print(f"measuring {name} ...", file=sys.stderr)
        notes.append(_about(name, corpus))
        rows += _compare(name, corpus, programs, options)
    wanted = [version for name, version in peers.VERSIONS.items() if options.semgrep or name != "semgrep"]
    page = render(rows, notes, (f"phase12-lint=={__version__}", *wanted), options.rounds)
    print(page)
    if not options.corpora:
        RESULTS.write_text(page, encoding="utf-8")


def _about(name: str, corpus: Path) -> str:
    files = list(corpus.rglob("*.py"))
    size = sum(path.stat().st_size for path in files) / 1e6
    made_of = ", ".join(corpora.PACKAGES.get(name, ("of the Python above",)))
    found = ours.look(corpus)
    return f"{name}: {made_of}; {len(files):,} files, {size:.1f} MB, {found} finding{'s' * (found != 1)}"


def _compare(name: str, corpus: Path, programs: Path, options: argparse.Namespace) -> Iterator[Row]:
    others = [ast_floor(corpus)]
    if name in corpora.PACKAGES:
        others += [
            Contestant(peer.name, peer.command, environment=peer.environment)
            for peer in peers.peers(programs, corpus, options.semgrep)
        ]
    with ours.contestants(corpus) as moods:
        figures = race([*moods, *others], options.rounds)
    for mood in moods:
        for other in BESIDE[mood.name]:
            if other in figures:
                target = TARGETS.get((name, mood.name, other))
                yield Row(name, mood.name, figures[mood.name], other, figures[other], target)


if __name__ == "__main__":
    main()
