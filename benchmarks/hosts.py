"""P, the program of ``tests/evasions``, and the code that it is put beside, which does not know it."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.corpora import PACKAGES
from benchmarks.trees import add_again, fresh, link
from benchmarks.wheels import CACHE, unpacked

PROGRAM = Path(__file__).parents[1] / "tests" / "evasions" / "program"
HOSTS = {
    "celery": PACKAGES["A"][:1],
    "celery, prefect": PACKAGES["A"][:2],
    "celery, prefect, sqlalchemy": PACKAGES["A"][:3],
    "celery, prefect, sqlalchemy, django": PACKAGES["A"][:4],
    "all of A": PACKAGES["A"],
}
PARENTS = ("aa_app", "zz_app")
EDITED = "docflow/batch.py"


def alone() -> Path:
    """P and nothing else."""
    return _with_program(fresh(CACHE / "hosts" / "alone"))


def host(name: str, twice: bool = False) -> Path:
    """A host without P, under P's policy; with a second copy of itself, under other names, if ``twice``."""
    folder = fresh(CACHE / "hosts" / f"host-{len(HOSTS[name])}{'-twice' * twice}")
    _add_host(folder, name, twice)
    shutil.copyfile(PROGRAM / "setup.cfg", folder / "setup.cfg")
    return folder


def beside(name: str, parent: str = "", twice: bool = False) -> Path:
    """P beside a host; P's packages in the folder ``parent``, if one is named."""
    folder = fresh(CACHE / "hosts" / f"beside-{len(HOSTS[name])}{parent}{'-twice' * twice}")
    _add_host(folder, name, twice)
    return _with_program(folder, parent)


def _add_host(folder: Path, name: str, twice: bool) -> None:
    parts = [unpacked(package) for package in HOSTS[name]]
    for part in parts:
        link(part, folder)
    if twice:
        add_again(parts, folder)


def _with_program(folder: Path, parent: str = "") -> Path:
    for path in PROGRAM.rglob("*"):
        below = path.relative_to(PROGRAM)
        if path.suffix == ".py":
            copy = folder / parent / below
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    shutil.copyfile(PROGRAM / "setup.cfg", folder / "setup.cfg")
    return folder
