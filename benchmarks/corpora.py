"""The code that is read: packages from PyPI and the standard library, laid out once in a cache folder.

Source: MEASURE, "Corpora". A holds next to nothing that is governed, C has a ``run`` everywhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

from benchmarks.seeds import plant

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "phase12-lint-bench"
PACKAGES = {
    "A": (
        "django==5.2.19",
        "sqlalchemy==2.1.9",
        "apache-airflow-core==3.3.2",
        "celery==5.7.0",
        "prefect==3.9.1",
        "dagster==1.13.29",
    ),
    "C": ("luigi==3.8.1", "celery==5.7.0", "volatility3==2.28.2", "errbot==6.2.1"),
}
EDITED = {"A": "celery/app/base.py", "C": "celery/app/base.py", "stdlib": "argparse.py"}


def lay_out(name: str) -> Path:
    """The folder of the corpus ``name`` (A, C, stdlib or stdlib-tests), made on first use."""
    folder = CACHE / name
    done = CACHE / f"{name}.{'-'.join(PACKAGES.get(name, (sys.version.split()[0],)))}"
    if not done.exists():
        print(f"laying out corpus {name} ...", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if name in PACKAGES:
            _unpack(PACKAGES[name], folder)
        else:
            _copy_standard_library(folder, tests=name == "stdlib-tests")
        if name == "A":
            plant(folder / "seeded")
        done.touch()
    return folder


def _unpack(packages: tuple[str, ...], folder: Path) -> None:
    wheels = CACHE / "wheels"
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    for package in packages:
        name, version = package.split("==")
        pattern = f"{name.replace('-', '_')}-{version}-*.whl"
        if not any(wheels.glob(pattern)):
            subprocess.run([*download, "--dest", str(wheels), package], check=True)
        with zipfile.ZipFile(next(wheels.glob(pattern))) as wheel:
            wheel.extractall(folder, [each for each in wheel.namelist() if each.endswith(".py")])


def _copy_standard_library(folder: Path, tests: bool) -> None:
    library = Path(sysconfig.get_path("stdlib"))
    for path in library.rglob("*.py"):
        parts = path.relative_to(library).parts
        if "site-packages" not in parts and ("test" in parts) == tests:
            target = folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
