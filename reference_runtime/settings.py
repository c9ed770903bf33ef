"""How the service is started: options of the command line, each also ``PHASE12_…`` in the environment."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, le=1e7, allow_inf_nan=False)]


class SettingsError(Exception):
    """Settings that cannot be; the message says what to change."""


class Settings(BaseModel):
    """What ``create_app`` needs to know; its fields are the options."""

    model_config = ConfigDict(frozen=True)
    host: str = Field("127.0.0.1", description="where to listen")
    port: int = Field(8012, ge=0, le=65535, description="where to listen; 0 for any that is free")
    data: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        Path("runtime-data"), description="folder of the database and of plugins/*.py"
    )
    database: str = Field("", description="URL such as postgresql+psycopg://…; SQLite in --data if left out")
    allow_hosts: str = Field("", description="names that the service is called by, with commas; * for any")
    workers: Count = Field(2, description="runs at once")
    time_limit: Seconds = Field(10, description="seconds that a run may take")
    memory_limit: int = Field(1024, ge=128, description="MiB that a worker process may use")
    runs_per_worker: Count = Field(50, description="runs after which a worker process is replaced")
    most_waiting: Count = Field(256, description="calls that may wait for a worker")
    most_waiting_mib: Count = Field(256, description="MiB of images that may wait for a worker")
    wait_limit: Seconds = Field(60, description="seconds that a call may wait for a worker")
    most_jobs: Count = Field(10_000, description="jobs that may wait")
    most_jobs_mib: Count = Field(1024, description="MiB of jobs that may wait")
    keep_jobs: Seconds = Field(3600, description="seconds that a finished job is kept")
    lease: Seconds = Field(6, description="seconds after which a job of a lost service is run again")
    drain_seconds: Seconds = Field(10, description="seconds that a shutdown waits for what is in flight")
    client_seconds: Seconds = Field(20, description="seconds that a client may take to send or to read")
    most_clients: Count = Field(512, description="connections at once")

    @property
    def plugins(self) -> Path:
        """The folder whose ``*.py`` files are loaded as plugins."""
        return self.data / "plugins"

    @property
    def url(self) -> str:
        """The database."""
        return self.database or f"sqlite:///{self.data / 'runtime.db'}"


def read_settings(arguments: Sequence[str] | None = None) -> Settings:
    """The settings that the command line and the environment ask for; raises ``SettingsError``."""
    parser = argparse.ArgumentParser(
        prog="python -m reference_runtime", description="Governed image analysis."
    )
    for name, field in Settings.model_fields.items():
        said = f"{field.description} ({field.default})" if field.default else field.description
        parser.add_argument(f"--{name.replace('_', '-')}", help=said and said.replace("%", "%%"))
    given = {
        **_environment(),
        **{k: v for k, v in vars(parser.parse_args(arguments)).items() if v is not None},
    }
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SettingsError(f"--{str(first['loc'][0]).replace('_', '-')}: {first['msg']}") from None


def _environment() -> dict[str, str]:
    names = {name: f"PHASE12_{name.upper()}" for name in Settings.model_fields}
    return {name: os.environ[variable] for name, variable in names.items() if variable in os.environ}
