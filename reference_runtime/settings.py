"""How the service is started; every value has a default that needs nothing installed beside the package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class SettingsError(Exception):
    """Settings that cannot work together; the message says what to change."""


@dataclass(frozen=True)
class Settings:
    """What ``create_app`` needs to know. Times in seconds, sizes in bytes.

    ``queue`` is a Redis URL, or empty for SQLite under ``data``. ``shared_jobs`` is the jobs database that several
    services use together; it must be given with Redis, and be on storage that all of them reach.
    """

    data: Path
    queue: str = ""
    shared_jobs: Path | None = None
    workers: int = 2
    time_limit: float = 10.0
    memory_limit: int = 1 << 30
    most_waiting: int = 256
    most_body: int = 24 << 20
    lease: float = 6.0

    def __post_init__(self) -> None:
        if self.queue and not self.queue.startswith(("redis://", "rediss://", "unix://")):
            raise SettingsError(f"--queue {self.queue}: must be a Redis URL such as redis://host:6379/0")
        if self.queue and self.shared_jobs is None:
            raise SettingsError(
                "--queue: workers on several machines need one jobs table; "
                "say with --shared-jobs FILE which database all of them use"
            )

    @property
    def plugins(self) -> Path:
        """The folder whose ``*.py`` files are loaded as plugins."""
        return self.data / "plugins"

    @property
    def jobs(self) -> Path:
        """The database of the jobs."""
        return self.shared_jobs or self.data / "jobs.db"
