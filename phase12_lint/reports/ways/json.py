"""The stable form for programs (PRODUCT, "JSON")."""

from __future__ import annotations

import json

from phase12_lint.reports.printable import plain
from phase12_lint.reports.ways import WaysReport

VERSION = 1


def render(report: WaysReport, colour: bool) -> str:
    """The report, in ASCII, as ``json`` escapes; ``colour`` changes nothing."""
    paths = [
        {
            "verdict": way.verdict,
            "reason": plain(way.reason),
            "hops": [
                hop._asdict() | {"name": plain(hop.name), "layer": plain(hop.layer), "path": plain(hop.path)}
                for hop in way.hops
            ],
        }
        for way in report.ways
    ]
    return json.dumps({"version": VERSION, "paths": paths}, indent=2) + "\n"
