"""The law in a process of its own, for a server that has other things to do: started at the first request, it answers
one request at a time; one that dies, or takes too long, is replaced, and the server goes on."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import Connection

from allervers.api.asgi import Answers
from allervers.api.limits import Limits
from allervers.api.messages import Request, Response, error_response
from allervers.api.time_limit import TooLong, within

PLACES = 2
"""Requests that may be here at a time, one computed and one that waits: the other threads stay to the pages."""

GRACE_SECONDS = 5.0
"""Beyond its limit, a computation that does not stop by itself is killed."""

IDLE_SECONDS = 1_800.0
"""After so long without a request the process ends and gives its memory back."""


class Apart:
    """The web API over a law, computed in another process. For several threads."""

    def __init__(self, loader: str, limits: Limits | None = None, wait_seconds: float = 10.0) -> None:
        """`loader`: `module:function` that gives the application, in the other process."""
        self.limits = limits or Limits()
        self._loader = loader
        self._wait_seconds = wait_seconds
        self._places = threading.BoundedSemaphore(PLACES)
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: Connection | None = None
        self._is_ready = False

    def answer(self, request: Request) -> Response:
        """The response to a request; 503 with Retry-After while the law loads, or when others are before."""
        if not self._places.acquire(blocking=False):
            return _later("The server is busy", 2)
        try:
            if not self._turn.acquire(timeout=self._wait_seconds):
                return _later("The server is busy", 5)
            try:
                return self._asked(request)
            finally:
                self._turn.release()
        finally:
            self._places.release()

    def stop(self) -> None:
        """End the process; the next request starts another."""
        with self._turn:
            self._drop()

    def _asked(self, request: Request) -> Response:
        try:
            wire = self._started()
            if not self._is_ready:
                if not wire.poll(0):
                    return _later("The law is loading", 10)
                wire.recv()
                self._is_ready = True
            wire.send(request)
            if wire.poll(self.limits.answer_seconds + GRACE_SECONDS if self.limits.answer_seconds else None):
                response: Response = wire.recv()
                return response
        except (EOFError, OSError):
            self._drop()
            return _later("The computation was interrupted", 10)
        self._drop()
        return error_response("The computation took too long", 503)

    def _started(self) -> Connection:
        if self._wire is not None and self._process is not None and self._process.poll() is None:
            return self._wire
        self._drop()
        ours, theirs = socket.socketpair()
        with theirs:
            seconds, number = str(self.limits.answer_seconds), str(theirs.fileno())
            command = [sys.executable, "-m", "allervers.api.apart", self._loader, number, seconds]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)  # noqa: S603 (our own command)
        self._wire = Connection(ours.detach())
        return self._wire

    def _drop(self) -> None:
        if self._wire is not None:
            self._wire.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._wire, self._process, self._is_ready = None, None, False


def _later(message: str, seconds: int) -> Response:
    response = error_response(message, 503)
    return Response(503, response.body, (*response.headers, ("Retry-After", str(seconds))))


def answer_requests(load: Callable[[], Answers], wire: Connection, seconds: float) -> None:
    """Load the law, say so, then answer until the other end closes or asks nothing for long."""
    application = load()
    wire.send("ready")
    while wire.poll(IDLE_SECONDS):
        try:
            request: Request = wire.recv()
        except EOFError:
            return
        try:
            with within(seconds):
                response = application.answer(request)
        except TooLong:
            response = application.finished(request, error_response("The computation took too long", 503))
        wire.send(response)


def law_as_published() -> Answers:
    """The law as OpenFisca-France codes it, on the fastest engine of this machine. Seconds to load."""
    from allervers.api.application import Application
    from allervers.engine.compiled_law import CompiledLaw
    from allervers.engine.description import LawDescription
    from allervers.engine.law import Changes
    from allervers.engine.openfisca import OpenFiscaLaw

    stock = OpenFiscaLaw("openfisca", Changes())
    law = CompiledLaw("openfisca", Changes(), "", stock=stock)
    return Application(law, stock.trace_situation, LawDescription(stock.system))


def main() -> None:
    """Entry of the process: `module:function`, number of the socket, seconds a computation may take."""
    loader, number, seconds = sys.argv[1:]
    module, _, function = loader.partition(":")
    answer_requests(getattr(import_module(module), function), Connection(int(number)), float(seconds))


LOADER = "allervers.api.apart:law_as_published"
"""How the other process finds the law."""

if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        sys.exit(1)
