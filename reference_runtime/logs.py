"""The log: one line a record, whatever is in it."""

from __future__ import annotations

import logging
import time
from contextvars import ContextVar

from asgi_correlation_id import correlation_id

JOB_ID: ContextVar[str] = ContextVar("job_id", default="-")


class Lines(logging.Formatter):
    """UTC time, level, request, job, and the message with all that is not plain text escaped."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record).encode("unicode_escape").decode("ascii")
        when = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{record.msecs:03.0f}Z"
        return f"{when} {record.levelname} {correlation_id.get() or '-'} {JOB_ID.get()} {record.name}: {text}"
