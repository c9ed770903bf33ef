"""Packages of PyPI, downloaded and unpacked once into a cache folder. Only their Python files are kept."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "phase12-lint-bench"
_DOWNLOAD = (sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--only-binary=:all:")


def unpacked(package: str) -> Path:
    """The folder with the Python files of ``package``, written ``name==version``."""
    folder = CACHE / "unpacked" / package
    if not folder.exists():
        print(f"unpacking {package} ...", file=sys.stderr)
        unfinished = folder.with_name(f"{package}.{os.getpid()}")
        with zipfile.ZipFile(_wheel(package)) as wheel:
            wheel.extractall(unfinished, [name for name in wheel.namelist() if name.endswith(".py")])
        unfinished.rename(folder)
    return folder


def _wheel(package: str) -> Path:
    wheels = CACHE / "wheels"
    if not _found(wheels, package):
        subprocess.run(
            [*_DOWNLOAD, "--disable-pip-version-check", "--dest", str(wheels), package], check=True
        )
    return _found(wheels, package)[0]


def _found(wheels: Path, package: str) -> list[Path]:
    """The wheels of ``package`` that are there; a wheel may write the name in capitals, and with other dashes."""
    name, version = package.split("==")
    return [
        wheel
        for wheel in wheels.glob(f"*-{version}-*.whl")
        if _plain(wheel.name.split("-")[0]) == _plain(name)
    ]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()
