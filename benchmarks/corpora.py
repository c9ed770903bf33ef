"""The code that is read: packages from PyPI and the standard library, laid out once in a cache folder.

Source: MEASURE, "Corpora". A holds next to nothing that is governed, C has a ``run`` everywhere.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

from benchmarks.seeds import plant
from benchmarks.trees import fresh, link
from benchmarks.wheels import CACHE, unpacked

PACKAGES = {
    "A": (
        "celery==5.7.0",
        "prefect==3.9.1",
        "sqlalchemy==2.1.9",
        "django==5.2.19",
        "apache-airflow-core==3.3.2",
        "dagster==1.13.29",
    ),
    "C": ("luigi==3.8.1", "celery==5.7.0", "volatility3==2.28.2", "errbot==6.2.1"),
}
EDITED = "celery/app/base.py"


def lay_out(name: str) -> Path:
    """The folder of the corpus ``name`` (A, C, stdlib or stdlib-tests), made on first use."""
    folder = CACHE / name
    done = CACHE / f"{name}.{'-'.join(PACKAGES.get(name, (sys.version.split()[0],)))}"
    if not done.exists():
        print(f"laying out corpus {name} ...", file=sys.stderr)
        fresh(folder)
        for package in PACKAGES.get(name, ()):
            link(unpacked(package), folder)
        if name not in PACKAGES:
            _copy_standard_library(folder, tests=name == "stdlib-tests")
        if name == "A":
            plant(folder / "seeded")
        done.touch()
    return folder


def _copy_standard_library(folder: Path, tests: bool) -> None:
    library = Path(sysconfig.get_path("stdlib"))
    for path in library.rglob("*.py"):
        parts = path.relative_to(library).parts
        if "site-packages" not in parts and ("test" in parts) == tests:
            target = folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
