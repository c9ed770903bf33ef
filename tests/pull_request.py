"""A pull request acted out in a real repository: a service with one old shortcut, and a branch that leaves ``main``."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.old_codebase import Codebase

GOVERNED = Path(__file__).parents[1] / "examples" / "governed"
_OLD_SHORTCUT = '''"""What the start page shows of a document."""

from __future__ import annotations

from documents.app import build_registry


def preview(image: bytes) -> dict[str, object]:
    return build_registry().get("ocr").run(image, "image/png")
'''
_NEW_SHORTCUT = '''"""Captions of pictures, at once: a job takes too long."""

from __future__ import annotations

from documents.app import build_registry

registry = build_registry()


def reader_of(plugin_name: str):
    return registry.get(plugin_name)


def caption(plugin_name: str, image: bytes) -> dict[str, object]:
    reader = reader_of(plugin_name)
    return reader.run(image, "image/png")
'''


def pull_request(folder: Path) -> Codebase:
    """The repository, on its branch, which has two commits: one renames governed code and the old shortcut's file."""
    shutil.copytree(GOVERNED, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    service = Codebase(folder)
    service.write("documents/preview.py", _OLD_SHORTCUT)
    service.write(".gitignore", ".phase12_lint_cache/\n")
    service.git("init", "-q", "-b", "main")
    service.commit("The service, and a shortcut of long ago")
    service.git("checkout", "-q", "-b", "captions")
    service.git("mv", "documents/services/jobs.py", "documents/services/queue.py")
    service.git("mv", "documents/preview.py", "documents/start_page.py")
    for importer in ("documents/app.py", "documents/services/analysis.py"):
        service.edit(importer, "documents.services.jobs", "documents.services.queue")
    service.commit("Call things what they are")
    service.write("documents/captions.py", _NEW_SHORTCUT)
    service.commit("Show captions at once")
    return service
