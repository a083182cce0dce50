"""The web API before 50 clients, over a law that takes 3 ms: a size is a number of requests, spread over ten seconds.

Requests come at random (a Poisson flow): what is measured is the wait of a client, the network and the law included.
The server has two processes; the clients run on the same machine.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

CLIENTS = 50
SECONDS = 10
FAKE = Path(__file__).parents[1] / "tests" / "unit" / "api" / "fake_law.py"


def prepare(size: int, folder: Path) -> None:
    """Write the request: a household of four with two years of income, about 4 kB."""
    del size
    months = {f"{year}-{month:02d}": 1500.5 for year in (2025, 2026) for month in range(1, 13)}
    persons = {f"p{n}": {"rsa": months, "infinite": months} for n in range(4)}
    group = {"parents": ["p0", "p1"], "enfants": ["p2", "p3"], "rsa": {"2026-11": None}}
    body = json.dumps({"individus": persons, "familles": {"f": group}}).encode()
    head = b"POST /calculate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    (folder / "request").write_bytes(head % len(body) + body)


def measure(size: int, folder: Path) -> dict[str, float]:
    """Send the requests; milliseconds that a client waited."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    command = [sys.executable, str(FAKE), str(port), "2", "3"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:  # noqa: S603 - a program of ours
        try:
            waits = sorted(asyncio.run(_load(port, (folder / "request").read_bytes(), size)))
        finally:
            server.terminate()
    return {f"p{share} (ms)": 1000 * waits[len(waits) * share // 100] for share in (50, 95, 99)}


async def _load(port: int, request: bytes, size: int) -> list[float]:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            break
        except OSError:
            await asyncio.sleep(0.05)
    waits: list[float] = []
    await asyncio.gather(*(_client(port, request, size // CLIENTS, waits) for _ in range(CLIENTS)))
    return waits


async def _client(port: int, request: bytes, count: int, waits: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(count):
        await asyncio.sleep(random.expovariate(count / SECONDS))
        sent = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:20]:
            raise RuntimeError("le serveur a refusé la requête de mesure")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        waits.append(time.perf_counter() - sent)
    writer.close()
