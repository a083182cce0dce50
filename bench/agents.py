"""Fifty agents at once on the pages of the lists, by wrk (Debian), on the demonstration: a size is its households.

Each of 50 connections holds a session of its own and asks the pages of a working day, one every five seconds (a person
reads longer), then without any pause: the most that the server can give. The server and wrk share the machine.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.web import prepare

__all__ = ["measure", "prepare"]

AGENT = "agent.departement@demo.allervers.fr"
AGENTS = 50
SECONDS = 30

SCRIPT = """
local cookies, pages, number = {%s}, {%s}, 0
function setup(thread) thread:set("first", number); number = number + 1 end
function init() count = first * 1009 end
function delay() return %s end
function request()
  count = count + 1
  local headers = {Cookie = "sessionid=" .. cookies[count %% #cookies + 1]}
  return wrk.format("GET", pages[count %% #pages + 1], headers)
end
"""


def measure(size: int, folder: Path) -> dict[str, Any]:
    """Requests a second, milliseconds (half, 90 %, 99 %) of agents at work, and answers that were not pages."""
    del size
    if shutil.which("wrk") is None:
        raise SystemExit("Il manque wrk : apt-get install wrk.")
    from allervers.cli.web import demo_application

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    demo_application(folder / "demo")
    script = folder / "agents.lua"
    quoted = [", ".join(f'"{one}"' for one in several) for several in (_sessions(), _pages())]
    command = [sys.executable, "-m", "allervers.cli.main", "serve", "--port", str(port), "--no-jobs"]
    server = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL)  # noqa: S603 (our own command)
    try:
        _wait(port)
        told = []
        for pause in ("math.random(2000, 8000)", "0"):
            script.write_text(SCRIPT % (*quoted, pause), "utf-8")
            told.append(_wrk(script, port, SECONDS))
    finally:
        server.terminate()
        server.wait()
    at_work, at_most = told
    print(*told, file=sys.stderr)
    return {
        "au travail, par seconde": float(_figure(r"Requests/sec:\s+([\d.]+)", at_work)),
        **{f"{share} % (ms)": _milliseconds(at_work, share) for share in (50, 90, 99)},
        "au plus, par seconde": float(_figure(r"Requests/sec:\s+([\d.]+)", at_most)),
        "refus": sum(int(_figure(r"Non-2xx or 3xx responses: (\d+)", one, "0")) for one in told),
    }


def _sessions() -> list[str]:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from allervers.apps.accounts.models import User

    agent = User.objects.get(email=AGENT)
    made = []
    for _ in range(AGENTS):
        session = SessionStore()
        session[SESSION_KEY] = str(agent.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
        session.create()
        made.append(str(session.session_key))
    return made


def _pages() -> list[str]:
    from django.utils import timezone

    from allervers.apps.accounts.models import User
    from allervers.apps.findings.permissions import visible

    agent = User.objects.get(email=AGENT)
    homes = visible(agent, timezone.localdate()).order_by("rank").values_list("household", flat=True)
    return [
        "/listes/", "/listes/?droit=rsa", "/listes/?page=3", "/listes/a-completer/", "/listes/mon-travail/",
        "/droits/rsa/", *(f"/listes/menages/{home}/" for home in homes[:5]),
    ]  # fmt: skip


def _wait(port: int) -> None:
    for _ in range(300):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("Le serveur ne répond pas.")


def _wrk(script: Path, port: int, seconds: int) -> str:
    command = [
        "wrk", "--latency", "-t", "2", "-c", str(AGENTS), "-d", f"{seconds}s", "--timeout", "20s", "-s", str(script),
        f"http://127.0.0.1:{port}",
    ]  # fmt: skip
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 (our own command)


def _figure(pattern: str, text: str, default: str = "nan") -> str:
    found = re.search(pattern, text)
    return found[1] if found else default


def _milliseconds(text: str, share: int) -> float:
    value, unit = re.search(rf"\s{share}%\s+([\d.]+)(us|ms|s)\b", text).groups()  # type: ignore[union-attr]
    return float(value) * {"us": 0.001, "ms": 1.0, "s": 1_000.0}[unit]
