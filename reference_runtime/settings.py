"""How the service is started: each setting is an option of the command line, and ``PHASE12_…`` in the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_Count = Annotated[int, Field(ge=1)]
_Seconds = Annotated[float, Field(gt=0, le=1e7, allow_inf_nan=False)]


class Settings(BaseSettings):
    """A governed image analysis service. What each option means stands in docs/runtime.md."""

    model_config = SettingsConfigDict(env_prefix="PHASE12_", cli_kebab_case=True)
    host: str = "127.0.0.1"
    port: int = Field(default=8012, ge=0, le=65535)
    allow_hosts: str = Field(default="", description="names that clients call it by, with commas; * for any")
    data: Annotated[Path, AfterValidator(Path.absolute)] = Path("runtime-data")
    database: str = Field(default="", description="its URL; SQLite in --data if left out")
    workers: _Count = Field(default=2, description="runs at once")
    time_limit: _Seconds = Field(default=10, description="seconds that a run may take")
    memory_limit: int = Field(default=1024, ge=128, description="MiB that a worker process may use")
    runs_per_worker: _Count = Field(default=50, description="runs until a worker process is replaced")
    most_waiting: _Count = Field(default=256, description="calls that may wait for a worker")
    most_waiting_mib: _Count = Field(default=256, description="MiB of requests at hand")
    wait_limit: _Seconds = Field(default=60, description="seconds that a call may wait for a worker")
    most_jobs: _Count = Field(default=10_000, description="jobs that may wait")
    most_jobs_mib: _Count = Field(default=1024, description="MiB of jobs that may wait")
    keep_jobs: _Seconds = Field(default=3600, description="seconds that a finished job is kept")
    lease: _Seconds = Field(default=6, ge=1, description="seconds until a job of a lost service is run again")
    drain_seconds: _Seconds = Field(default=10, description="seconds that a shutdown may take")
    client_seconds: _Seconds = Field(default=20, description="seconds to send, or to read")
    most_clients: _Count = Field(default=512, description="connections at once")
