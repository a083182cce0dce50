"""The server: several processes on one port, each answering with its own law. Stops on SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server import Server

from allervers.api.asgi import Answers, AsgiAdapter
from allervers.api.limits import Limits
from allervers.foundation.errors import Unavailable

_HEAD_BYTES = 64 * 1024


def serve(load: Callable[[], Answers], host: str, port: int, workers: int, limits: Limits) -> None:
    """Answer on this port until told to stop. `load` gives the application: it is called once before the processes
    part, so that they share what it made, and once in each (it must remember).

    Raises Unavailable when the port cannot be had, or when the processes die as soon as they are started.
    """
    check_free(host, port)
    load()
    _log_to_stderr()
    server = Server(
        "allervers",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=workers,
        http=HTTPModes.http1,
        websockets=False,
        loop=Loops.asyncio,
        http1_settings=HTTP1Settings(
            header_read_timeout=1000 * limits.header_seconds, keep_alive=True, max_buffer_size=_HEAD_BYTES
        ),
        backlog=1024,
        respawn_failed_workers=True,
        workers_kill_timeout=limits.stop_seconds,
        log_enabled=False,
    )
    try:
        server.serve(target_loader=_Loader(load), wrap_loader=False)
    except SystemExit as stopped:
        if stopped.code:
            raise Unavailable(
                "Les processus de calcul s'arrêtent à peine lancés : le serveur s'arrête aussi. Voyez son journal, "
                "puis relancez-le."
            ) from stopped


class _Loader:
    """What each process runs first."""

    def __init__(self, load: Callable[[], Answers]) -> None:
        self._load = load

    def __call__(self) -> Any:
        _log_to_stderr()
        return AsgiAdapter(self._load())


def _log_to_stderr() -> None:
    log = logging.getLogger("allervers.api")
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(message)s"))
        log.addHandler(handler)
        log.propagate = False
    log.setLevel(os.environ.get("ALLERVERS_LOG", "INFO").upper())


def check_free(host: str, port: int) -> None:
    """Tell now, in a sentence, what the processes would tell late and apart. Raises Unavailable for a port taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise Unavailable(
                f"Le port {port} de {host} ne peut pas être ouvert ({error.strerror}) : choisissez-en un avec --port.",
                port=port,
            ) from error
