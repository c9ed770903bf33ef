"""The log: one line a record, whatever is in it."""

from __future__ import annotations

import logging
import time
from contextvars import ContextVar

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="-")
JOB_ID: ContextVar[str] = ContextVar("job_id", default="-")


class _Lines(logging.Formatter):
    converter = staticmethod(time.gmtime)
    default_msec_format = "%s.%03dZ"
    default_time_format = "%Y-%m-%dT%H:%M:%S"

    def format(self, record: logging.LogRecord) -> str:
        """UTC time, level, request, job, and the message with what is no plain text escaped."""
        text = super().format(record).encode("unicode_escape").decode("ascii")
        ids = f"request={REQUEST_ID.get()} job={JOB_ID.get()}"
        return f"{self.formatTime(record)} {record.levelname} {ids} {record.name}: {text}"


def set_up_logs() -> None:
    """Write all records of level INFO and above to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
