"""What setup.cfg cannot say: on an index README's links into the repository lead nowhere, so there they are text."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import setup

README = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
setup(long_description=re.sub(r"\[([^]]+)\]\((?!https?:)[^)]+\)", r"\1", README))
