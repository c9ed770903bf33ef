"""``python -m reference_runtime``: HTTP as it comes in, its clients' time limits, signals, and the log."""

import gc
import logging
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any

try:
    import pydantic
    import uvicorn
    from asgi_correlation_id import correlation_id
    from pydantic_settings import CliApp
    from sqlalchemy.exc import SQLAlchemyError
    from uvicorn.protocols.http.h11_impl import H11Protocol

    from reference_runtime.api import failure
    from reference_runtime.app import create_app
    from reference_runtime.errors import ValidationError, build_error_envelope
    from reference_runtime.settings import Settings
except ModuleNotFoundError as error:
    sys.exit(f"reference_runtime: {error}; it is part of: pip install 'phase12-lint[runtime]'")


class _Lines(logging.Formatter):
    """A line a record: UTC time, level, request, job, and the message with all that is not plain text escaped."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        record.request, record.job = f"{correlation_id.get() or '-'} -".split()[:2]
        return super().format(record).encode("unicode_escape").decode("ascii")


class _Connection(H11Protocol):
    """One of so many that there may be; what is no HTTP is answered with the error object."""

    awaited, since = object(), 0.0  # what its client should do, and since when

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) >= (self.limit_concurrency or 0):
            transport.abort()

    def send_400_response(self, msg: str) -> None:
        answer = failure(build_error_envelope(ValidationError(msg), ""))
        head = b"".join(b"%s: %s\r\n" % each for each in answer.raw_headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n%s\r\n%s" % (head, answer.body))
        self.transport.close()


class _Server(uvicorn.Server):
    """Closes a connection whose client has long not sent, or not read, what is its turn to."""

    async def on_tick(self, counter: int) -> bool:
        connections: Any = [*self.server_state.connections]
        now, config = time.monotonic(), vars(self.config)
        for each in connections:
            cycle = each.cycle
            waits = cycle is None or cycle.more_body or cycle.response_complete or each.flow.write_paused
            if not waits or each.awaited is not cycle:
                each.awaited, each.since = cycle, now
            elif now - each.since > config["timeout_keep_alive"]:
                each.transport.abort()
        config["app"].state.ends_at = now + config["timeout_graceful_shutdown"]
        return await super().on_tick(counter)


def main() -> int:
    """Serve until interrupted; returns 2 if it cannot start, with the reason on stderr."""
    sys.setswitchinterval(0.0005)  # threads that start workers or ask the database wait for the loop's
    handler = logging.StreamHandler()
    shape = "%(asctime)s.%(msecs)03dZ %(levelname)s %(request)s %(job)s %(name)s: %(message)s"
    handler.setFormatter(_Lines(shape, "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    try:
        settings = CliApp.run(Settings)
        app = create_app(settings)
        listener = socket.create_server((settings.host, settings.port))
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        reason = f"--{first['loc'][0]}: {first['msg']}".replace("_", "-")
    except (OSError, SQLAlchemyError, ImportError) as error:
        reason = str(getattr(error, "orig", error))
    else:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)  # else bodies wait for the client's ACK
        logging.info("running on http://%s:%d", settings.host, listener.getsockname()[1])
        gc.freeze()  # what is there now stays, and no collection need look at it again
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # before and after the server's own handler
        options: dict[str, Any] = {"ws": "none", "log_config": None, "access_log": False, "proxy_headers": False}
        options |= {"limit_concurrency": settings.most_clients + 1, "timeout_keep_alive": settings.client_seconds}
        options |= {"timeout_graceful_shutdown": settings.drain_seconds}
        options |= {"backlog": 64}  # so many are accepted before any of them can be refused
        with suppress(KeyboardInterrupt):
            _Server(uvicorn.Config(app, http=_Connection, **options)).run([listener])
        return 0
    print(f"reference_runtime: {' '.join(reason.split())}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
