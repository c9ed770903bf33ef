"""B: ordinary service packages of which one file in twenty is governed; B-all: governed files and nothing else.

What is governed is ``reference_runtime`` under other names. A tenth of its files, rounded down, have one violation
each, marked as in the test cases.
"""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

from benchmarks.trees import fresh, link
from benchmarks.wheels import CACHE, unpacked

RUNTIME = Path(__file__).parents[1] / "reference_runtime"
PACKAGES = ("litestar==2.25.0", "uvicorn==0.54.0", "apscheduler==3.11.3")
LINES_OF_ALL = 10_000
EDITED = "service_01/services/plugins.py"
_HEAD = "\n\nfrom {package}.plugins.base import Plugin as Governed\n\n\ndef violate(governed: Governed, payload):\n"
_VIOLATIONS = (
    "    return governed.run(payload)  # error: GOV101\n",
    "    return {'later': governed.run, 'payload': payload}  # error: GOV102\n",
    "    return getattr(governed, 'run')(payload)  # error: GOV103\n",
    "    return Governed.run(governed, payload)  # error: GOV104\n",
)
_VIOLATED = ("errors.py", "database.py", "settings.py", "plugins/discovery.py")


def mixed() -> Path:
    """Corpus B."""
    folder = fresh(CACHE / "B")
    for package in PACKAGES:
        link(unpacked(package), folder)
    _add_services(folder, 1)
    return folder


def governed() -> Path:
    """Corpus B-all."""
    folder = fresh(CACHE / "B-all")
    lines = sum(path.read_bytes().count(b"\n") for path in RUNTIME.rglob("*.py"))
    _add_services(folder, round(LINES_OF_ALL / lines))
    return folder


def _add_services(folder: Path, count: int) -> None:
    files = sorted(RUNTIME.rglob("*.py"))
    wrong = len(files) * count // 10
    kinds = cycle(_VIOLATIONS)
    for number in range(1, count + 1):
        package = f"service_{number:02}"
        violated = _VIOLATED[: wrong * number // count - wrong * (number - 1) // count]
        for path in files:
            below = path.relative_to(RUNTIME)
            copy = folder / package / below
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8").replace("reference_runtime", package)
            copy.write_text(text, encoding="utf-8")
        for name in violated:
            with (folder / package / name).open("r+", encoding="utf-8") as file:  # fails if there is none
                file.seek(0, 2)
                file.write(_HEAD.format(package=package) + next(kinds))
