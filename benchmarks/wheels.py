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
    name, version = package.split("==")
    pattern = f"{re.sub('[-.]', '_', name)}-{version}-*.whl"
    if not any(wheels.glob(pattern)):
        subprocess.run(
            [*_DOWNLOAD, "--disable-pip-version-check", "--dest", str(wheels), package], check=True
        )
    return next(wheels.glob(pattern))
