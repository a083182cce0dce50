"""The live service: `allervers api` with the native engine before fifty clients who ask at random times."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import subprocess
import time
from typing import Any

from bench.engine_commands import command, situation

CLIENTS = 50
PATIENCE_SECONDS = 180


def served(requests: int, seconds: float, workers: int) -> dict[str, Any]:
    """Milliseconds that a client waits; that many requests spread over that many seconds, twenty rights each."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = int(trial.getsockname()[1])
    run = command("api", "--port", str(port), "--workers", str(workers))
    with subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:  # noqa: S603 - ours
        try:
            return asyncio.run(_load(port, requests, seconds))
        finally:
            server.terminate()


async def _load(port: int, requests: int, seconds: float) -> dict[str, Any]:
    limit = time.perf_counter() + PATIENCE_SECONDS
    while True:
        try:
            (await asyncio.open_connection("127.0.0.1", port))[1].close()
            break
        except OSError:
            if time.perf_counter() > limit:
                raise RuntimeError("le service ne répond pas") from None
            await asyncio.sleep(0.1)
    # Every worker has its program before the clients come.
    warm: list[float] = []
    await asyncio.gather(*(_client(port, 3, 0.0, warm) for _ in range(8)))
    waits: list[float] = []
    await asyncio.gather(*(_client(port, requests // CLIENTS, seconds, waits) for _ in range(CLIENTS)))
    waits.sort()
    shares = {f"p{share}": waits[len(waits) * share // 100] for share in (50, 95, 99)}
    return {"requests": len(waits), "per_second": len(waits) / seconds, "first": max(warm), **shares}


async def _client(port: int, count: int, seconds: float, waits: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(count):
        if seconds:
            await asyncio.sleep(random.expovariate(count / seconds))
        body = json.dumps(situation(round(500 + random.expovariate(1 / 1000), 2))).encode()
        sent = time.perf_counter()
        head = b"POST /calculate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        writer.write(head % len(body) + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in answer[:20]:
            raise RuntimeError(f"le service a refusé la requête : {answer[:30].decode(errors='replace')}")
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        waits.append(1000 * (time.perf_counter() - sent))
    writer.close()
