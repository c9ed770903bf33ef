"""HTTP as it comes in: nobody may hold a connection without using it, or call from another site."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Collection
from contextlib import suppress
from time import monotonic
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from reference_runtime.api import refusal
from reference_runtime.settings import Settings


def gate(app: ASGIApp, names: Collection[str]) -> ASGIApp:
    """``app`` without what names another host than ``names``, and what another site has a browser send."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        headers, answer, name = Headers(scope=scope), app, ""
        host, origin = headers.get("host", ""), headers.get("origin")
        with suppress(ValueError):
            name = urlsplit(f"//{host}").hostname or ""
        if not {name, "*"} & {*names}:
            answer = refusal("this is no name of the service; see --allow-hosts", 403)
        elif scope["method"] not in ("GET", "HEAD") and origin and origin.partition("://")[2] != host:
            answer = refusal("another site may not call", 403)
        await answer(scope, receive, send)

    return lambda scope, *channel: (guarded if scope["type"] == "http" else app)(scope, *channel)


class _Connection(H11Protocol):
    """Is closed if a request does not come, or an answer is not read, within ``seconds``; at most ``most`` at once."""

    seconds, most = 20.0, 512
    _awaited: object = None
    _since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.abort()

    def look_after(self) -> None:
        """Close it if it has waited too long for what the client should do about one request."""
        cycle: Any = self.cycle
        waits = cycle is None or cycle.more_body or cycle.response_complete or self.flow.write_paused
        awaited, now = (cycle or self) if waits else None, monotonic()
        if awaited is not self._awaited:
            self._awaited, self._since = awaited, now
        elif waits and now - self._since > self.seconds:
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        answer = refusal(msg, 400)
        head = b"".join(b"%s: %s\r\n" % each for each in answer.raw_headers)
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n%s\r\n%s" % (head, answer.body)
        )
        self.transport.close()


class _Server(uvicorn.Server):
    async def on_tick(self, counter: int) -> bool:
        for connection in [*self.server_state.connections]:
            if isinstance(connection, _Connection):
                connection.look_after()
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal: what is in flight has so long to end, here and in the jobs."""
        vars(self.config.app)["state"].ends_at = monotonic() + (self.config.timeout_graceful_shutdown or 0)
        super().handle_exit(sig, frame)


def listen(settings: Settings) -> socket.socket:
    """The socket that clients connect to. Raises ``OSError`` if there can be none."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.create_server((settings.host, settings.port), family=family)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)  # else bodies wait for the client's ACK
    return listener


def serve(app: FastAPI, settings: Settings, listener: socket.socket) -> None:
    """Serve ``app`` until a signal ends it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # before and after the server's own handler
    _Connection.seconds, _Connection.most = settings.client_seconds, settings.most_clients
    options: dict[str, Any] = {"ws": "none", "log_config": None, "access_log": False, "proxy_headers": False}
    options["backlog"] = 64  # so many are accepted before any of them can be refused
    options["timeout_graceful_shutdown"] = settings.drain_seconds
    config = uvicorn.Config(app, http=_Connection, **options)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    logging.info("running on http://%s:%d", host, listener.getsockname()[1])
    with suppress(KeyboardInterrupt):
        _Server(config).run([listener])
