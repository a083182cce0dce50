"""The application behind an ASGI server: the body read within bounds of size and time, one line of log a request."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from allervers.api.limits import Limits
from allervers.api.messages import Request, Response, error_response
from allervers.api.time_limit import TooLong, within

log = logging.getLogger("allervers.api")

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


class Answers(Protocol):
    """What is served: see api.application.Application."""

    limits: Limits

    def answer(self, request: Request) -> Response:
        """The response to a whole request."""
        ...

    def finished(self, request: Request, response: Response) -> Response:
        """A response made elsewhere, with the headers that every answer carries."""
        ...


class _NotRead(Exception):
    def __init__(self, message: str, status: int) -> None:
        super().__init__()
        self.response = error_response(message, status)


class AsgiAdapter:
    """An ASGI application. The computation runs in the event loop: one at a time in a process, by design."""

    def __init__(self, application: Answers) -> None:
        self._application = application
        self._limits = application.limits

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request; anything else (a WebSocket) is left."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        request = _request(scope, b"")
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                body = await self._body(request, receive)
        except _NotRead as refused:
            response = self._closing(request, refused.response)
        except TimeoutError:
            response = self._closing(request, error_response("The request was not received in time", 408))
        except ConnectionError:
            return
        else:
            response = self._answered(_request(scope, body))
        await _sent(send, response)
        _logged(request, response, started)

    def _answered(self, request: Request) -> Response:
        try:
            with within(self._limits.answer_seconds):
                return self._application.answer(request)
        except TooLong:
            return self._application.finished(request, error_response("The computation took too long", 503))

    def _closing(self, request: Request, response: Response) -> Response:
        """A refusal of a body that is still coming: the connection cannot serve again."""
        done = self._application.finished(request, response)
        return Response(done.status, done.body, (*done.headers, ("Connection", "close")), "?", done.fault)

    async def _body(self, request: Request, receive: Receive) -> bytes:
        too_large = f"The request is too large: {self._limits.body_bytes} bytes at most"
        announced = request.headers.get("content-length", "0")
        if announced.isdigit() and int(announced[:20]) > self._limits.body_bytes:
            raise _NotRead(too_large, 413)
        pieces: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionResetError
            piece = message.get("body", b"")
            size += len(piece)
            if size > self._limits.body_bytes:
                raise _NotRead(too_large, 413)
            pieces.append(piece)
            if not message.get("more_body", False):
                return b"".join(pieces)


def _request(scope: Mapping[str, Any], body: bytes) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if "host" not in headers and scope.get("server"):
        host, port = scope["server"]
        headers["host"] = f"{host}:{port}"
    query = scope.get("query_string", b"").decode("latin-1")
    return Request(scope["method"].upper(), scope["path"], headers, body, query, scope.get("scheme", "http"))


async def _sent(send: Send, response: Response) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in response.headers]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def _logged(request: Request, response: Response, started: float) -> None:
    # Method, kind of path, status, duration: nothing that the client wrote.
    method = request.method if request.method in _METHODS else "?"
    spent = 1000 * (time.perf_counter() - started)
    log.info("%s %s %d %.1f ms", method, response.route, response.status, spent)
    if response.fault:
        log.error("%s %s %s", method, response.route, response.fault)
