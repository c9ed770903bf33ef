"""HTTP as it comes in: nobody may hold a connection without using it, call from another site, or go unnamed."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
import uuid
from collections.abc import Collection
from contextlib import suppress
from time import monotonic
from types import FrameType
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from reference_runtime.errors import ValidationError, build_error_envelope
from reference_runtime.logs import REQUEST_ID
from reference_runtime.settings import Settings

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")


class Gate:
    """Refuses what names another host than ``names`` or comes from another site; gives each request its id."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        REQUEST_ID.set(request_id)

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        if not ("*" in self._names or _host(headers) in self._names):
            return await _refuse(named, "the service has another name; see --allow-hosts")
        if scope["method"] not in ("GET", "HEAD") and not _is_of_site(headers):
            return await _refuse(named, "this site may not call")
        return await self._app(scope, receive, named)


def _host(headers: Headers) -> str | None:
    with suppress(ValueError):
        return urlsplit(f"//{headers.get('host', '')}").hostname
    return None


def _is_of_site(headers: Headers) -> bool:
    origin = headers.get("origin")
    return headers.get("sec-fetch-site") != "cross-site" and (
        origin is None or origin.partition("://")[2] == headers.get("host")
    )


async def _refuse(send: Send, message: str) -> None:
    head = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 403, "headers": head})
    await send({"type": "http.response.body", "body": _detail(message)})


def _detail(message: str) -> bytes:
    return json.dumps({"detail": build_error_envelope(ValidationError(message), "")["error"]}).encode("ascii")


class _Connection(H11Protocol):
    """Is closed if a request does not come, or an answer is not read, within ``seconds``; at most ``most`` at once."""

    seconds: float
    most: int
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_client()
        if len(self.connections) > self.most:
            transport.abort()

    def _await_client(self) -> None:
        self._rest()
        self._timer = self.loop.call_later(self.seconds, self.transport.abort)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._rest()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._await_client()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._rest()

    def send_400_response(self, msg: str) -> None:
        body = _detail(msg)
        head = f"HTTP/1.1 400 \r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close"
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(head.encode("ascii") + b"\r\n\r\n" + body)
        self.transport.close()


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal: what is in flight has so long to end, here and in the jobs."""
        self.config.app.state.ends_at = monotonic() + (self.config.timeout_graceful_shutdown or 0)  # type: ignore[union-attr]
        super().handle_exit(sig, frame)


def serve(app: FastAPI, settings: Settings) -> None:
    """Serve ``app`` until a signal ends it."""

    class Connection(_Connection):
        seconds, most = settings.client_seconds, settings.most_clients

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # before and after the server's own handler
    config = uvicorn.Config(
        app,
        settings.host,
        settings.port,
        http=Connection,
        ws="none",
        proxy_headers=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.drain_seconds,  # type: ignore[arg-type]
    )
    with suppress(KeyboardInterrupt):
        _Server(config).run()
