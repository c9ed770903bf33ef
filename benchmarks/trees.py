"""Trees of files: laid out by hard links, edited without touching what is linked, measured, and doubled."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def fresh(folder: Path) -> Path:
    """``folder``, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def link(source: Path, target: Path) -> None:
    """Put the files below ``source`` below ``target``, as hard links or, where that cannot be, as copies."""
    for parent, _, names in os.walk(source):
        folder = target / Path(parent).relative_to(source)
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            try:
                os.link(Path(parent, name), folder / name)
            except OSError:
                shutil.copyfile(Path(parent, name), folder / name)


def rewrite(path: Path, text: str) -> None:
    """Give ``path`` a new content; other links to its file keep the old one."""
    written = path.with_name(path.name + ".new")
    written.write_text(text, encoding="utf-8")
    written.replace(path)


@contextmanager
def restored(path: Path) -> Iterator[str]:
    """The text of ``path``, which has it again at the end."""
    text = path.read_text(encoding="utf-8")
    try:
        yield text
    finally:
        rewrite(path, text)


def packages(tree: Path) -> list[str]:
    """The top-level packages of ``tree``."""
    return sorted(path.parent.name for path in tree.glob("*/__init__.py"))


def add_again(sources: Iterable[Path], target: Path) -> None:
    """Put every package of the folders ``sources`` into ``target``, under another name, which its imports follow."""
    folders = list(sources)
    names = {path.name for source in folders for path in source.iterdir() if path.is_dir()}
    name = re.compile(rb"\b(%s)\b" % b"|".join(re.escape(each.encode()) for each in sorted(names)))
    for source in folders:
        for path in source.rglob("*.py"):
            first, *rest = path.relative_to(source).parts
            copy = target.joinpath(f"{first}_again" if rest else f"again_{first}", *rest)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(name.sub(rb"\1_again", path.read_bytes()))


def size(tree: Path) -> str:
    """How large ``tree`` is, in words."""
    files = lines = total = 0
    for path in tree.rglob("*.py"):
        text = path.read_bytes()
        files, lines, total = files + 1, lines + text.count(b"\n"), total + len(text)
    return f"{files:,} files, {lines:,} lines, {total / 1e6:.1f} MB"
