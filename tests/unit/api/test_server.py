"""The server before hostile or unlucky clients: it answers, it stays up, it logs nothing of what they wrote."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

SITUATION = json.dumps({"individus": {"a": {"rsa": {"2026-01": None}}}}).encode()
HEAD = b"POST /calculate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def workers_of(server) -> list[int]:
    children = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    return sorted({int(pid) for file in children for pid in file.read_text().split()})


def test_a_situation_is_answered(lasting):
    status, body = lasting.ask("POST", "/calculate", SITUATION)
    assert (status, json.loads(body)) == (200, {"individus": {"a": {"rsa": {"2026-01": 607.75}}}})


def test_head_and_chunked_bodies(lasting):
    assert lasting.ask("HEAD", "/entities") == (200, b"")
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SITUATION), SITUATION)
    answer = lasting.raw(HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n", chunks)
    assert b" 200 " in answer.splitlines()[0]
    assert b"607.75" in answer


def test_a_body_too_large_is_refused_before_it_is_read(lasting):
    answer = lasting.raw(HEAD + b"Content-Length: 1000000000000\r\n\r\n", b"{")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()


def test_a_body_too_large_that_does_not_say_so_is_refused_on_the_way(lasting):
    chunk = b"%x\r\n%s\r\n" % (60_000, b" " * 60_000)
    answer = lasting.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk, chunk, pause=0.1)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_slow_body_is_given_up(lasting):
    before = time.monotonic()
    answer = lasting.raw(HEAD + b"Content-Length: 500\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - before < 8


def test_a_slow_head_is_given_up(lasting):
    before = time.monotonic()
    lasting.raw(b"POST /calcul", b"ate HTTP/1.1\r\nHost: ", pause=0.2)
    assert time.monotonic() - before < 10


def test_slow_clients_do_not_hold_the_others(lasting):
    with ThreadPoolExecutor(40) as pool:
        slow = [pool.submit(lasting.raw, HEAD + b"Content-Length: 500\r\n\r\n{") for _ in range(30)]
        time.sleep(0.2)
        before = time.monotonic()
        assert lasting.ask("POST", "/calculate", SITUATION)[0] == 200
        assert time.monotonic() - before < 0.8
        assert all(answer.result().startswith(b"HTTP/1.1 408 ") for answer in slow)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 200_000 + b"\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    ],
    ids=["bytes", "version", "long head", "negative length", "two lengths"],
)
def test_what_is_not_http_is_refused(lasting, request_bytes):
    answer = lasting.raw(request_bytes)
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert lasting.ask("GET", "/entities")[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 90_000,
        b'{"a":' * 15_000,
        b"\xff" * 90_000,
        b'{"a":' + b"9" * 90_000 + b"}",
        b'{"individus":{"\\ud800":{}}}',
    ],
    ids=["deep list", "deep object", "no UTF-8", "long number", "half a character"],
)
def test_hostile_bodies_leave_the_server_up(lasting, body):
    assert lasting.ask("POST", "/calculate", body)[0] in (200, 400)
    assert lasting.ask("POST", "/calculate", SITUATION)[0] == 200


def test_one_hundred_clients_at_once_are_all_answered(lasting):
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: lasting.ask("POST", "/calculate", SITUATION), range(500)))
    assert {status for status, _ in answers} == {200}


def test_a_computation_without_end_is_stopped(lasting):
    status, body = lasting.ask("POST", "/calculate", b'{"individus":{"forever":{}}}')
    assert (status, json.loads(body)) == (503, {"error": "The computation took too long"})
    assert lasting.ask("POST", "/calculate", SITUATION)[0] == 200


def test_the_log_holds_method_kind_of_path_status_and_time_only(lasting):
    lasting.ask("POST", "/calculate?secret=secret", b'{"individus":{"broken":{},"secret":{}}}', Origin="secret")
    lasting.ask("SECRET", "/variable/secret")
    lasting.ask("GET", "/secret/")
    text = lasting.log.read_text("utf-8")
    assert "secret" not in text.lower()
    assert re.search(r"POST /calculate 500 [0-9.]+ ms", text)
    assert re.search(r"POST /calculate RuntimeError __main__:\d+", text)
    assert re.search(r"\? /variable/\{id\} 405 [0-9.]+ ms", text)


def test_a_killed_process_is_replaced(server):
    before = workers_of(server)
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and (len(workers_of(server)) < 2 or before[0] in workers_of(server)):
        time.sleep(0.1)
    assert len(workers_of(server)) == 2
    assert [server.ask("POST", "/calculate", SITUATION)[0] for _ in range(20)] == [200] * 20


def test_processes_that_die_again_and_again_stop_the_server(server):
    for _ in range(40):
        try:
            server.ask("POST", "/calculate", b'{"individus":{"killed":{}}}')
        except OSError:
            time.sleep(0.2)
        if server.process.poll() is not None:
            break
    assert server.process.wait(10) != 0
    assert "Voyez son journal" in server.log.read_text("utf-8")


def test_told_to_stop_it_ends_what_it_began(server):
    with ThreadPoolExecutor(1) as pool:
        slow = json.dumps({"individus": {"a": {"rsa": {"2026-01": None}}}, "pad": "x" * 2000}).encode()
        head = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(slow)
        answer = pool.submit(server.raw, head + slow[:10], slow[10:], pause=0.5)
        time.sleep(0.2)
        before = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - before < 8
        assert b"607.75" in answer.result()


def test_a_port_that_is_taken_is_told(lasting, monkeypatch, capsys):
    from allervers.cli.main import run

    monkeypatch.setattr("sys.argv", ["allervers", "api", "--port", str(lasting.port), "--workers", "1"])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 6
    assert f"Le port {lasting.port}" in capsys.readouterr().err
