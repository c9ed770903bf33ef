"""Ask git about a folder, whatever the shell or the hook around us has set."""

from __future__ import annotations

import os
from pathlib import Path

# Code that is executed for a listing (fsmonitor) is never wanted; the owner of the folder does not matter.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "safe.directory=*")
# Set around hooks: they would make git look at the repository of the commit, not at the one of the folder.
_LOCAL_TO_ONE_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")


def ask_git(folder: str | Path, *arguments: str, given: bytes = b"") -> bytes | None:
    """What git prints, run in ``folder`` and given ``given``; ``None`` if there is no git or it fails."""
    import subprocess  # only where there is a repository to ask

    environment = {name: text for name, text in os.environ.items() if name not in _LOCAL_TO_ONE_REPOSITORY}
    try:
        return subprocess.run(
            [*_GIT, *arguments], cwd=folder, env=environment, input=given, capture_output=True, check=True
        ).stdout
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
