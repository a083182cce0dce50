"""A real server on a free port, over a fake law."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FAKE = Path(__file__).with_name("fake_law.py")


@dataclass
class Served:
    """A server that runs: its port, its process, the file of its log."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} | headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def raw(self, *pieces: bytes, pause: float = 0.0) -> bytes:
        """What comes back, up to the end of the connection, when these bytes are sent one after the other."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            received = b""
            try:
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(pause)
                while data := connection.recv(65536):
                    received += data
            except (ConnectionResetError, BrokenPipeError):
                pass
            return received

    def stop(self) -> int:
        """Told to stop; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def started(tmp_path: Path, workers: int = 2, milliseconds: float = 0) -> Served:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    log = tmp_path / f"server-{port}.log"
    command = [sys.executable, str(FAKE), str(port), str(workers), str(milliseconds)]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    served = Served(port, process, log)
    for _ in range(300):
        try:
            served.ask("GET", "/entities")
            return served
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    process.kill()
    raise AssertionError(log.read_text())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    """Two processes over the fake law, with small limits."""
    served = started(tmp_path)
    yield served
    if served.process.poll() is None:
        served.stop()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: Any) -> Iterator[Served]:
    """The same, shared by the tests that leave it whole."""
    served = started(tmp_path_factory.mktemp("api"))
    yield served
    assert served.stop() == 0
