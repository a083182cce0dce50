"""The simulator under load: a size is a number of people who answer at the same time, about ten seconds a question.

The real server with two processes, on this machine, whose cores it shares with the people simulated. Each answer is
sent, then the page that it leads to is read: both are timed. People are synthetic. They read a page for THINKS_SECONDS
on average, drawn from an exponential law: some answer at once, some after half a minute. What the server computed by
answer (page included) is told apart: a machine that does something else takes longer, for as much work.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

PORT = 8_765
LASTS_SECONDS = 90.0
THINKS_SECONDS = 10.0
_HOUSEHOLD = {
    "f0.adult.born": "01/03/1988", "f0.adult.name": "", "f0.partner.born": "", "f0.partner.name": "", "home": "home",
    "town": "93066",
}  # fmt: skip


def prepare(size: int, folder: Path) -> None:
    """Trace and store the law of the month, so that processes only load it."""
    del size, folder
    from datetime import UTC, datetime

    from allervers.foundation.periods import Month
    from allervers.rights.interview.live_law import law_of_month
    from allervers.territory.communes import communes, vintage_in_force

    month = Month.of(datetime.now(tz=UTC).date())
    law_of_month(month, tuple(one.code for one in communes("93", vintage_in_force("93", month))))


def measure(size: int, folder: Path) -> dict[str, Any]:
    """Milliseconds of an answer and of the page that follows, over LASTS_SECONDS."""
    with _served(folder) as server:
        people = [_Person(seed) for seed in range(size)]
        _wait_for_the_law()
        before = _computed(server.pid)
        end = time.monotonic() + LASTS_SECONDS
        threads = [threading.Thread(target=one.live, args=(end,), daemon=True) for one in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LASTS_SECONDS + 60)
        computed = _computed(server.pid) - before
    answers = sorted(ms for one in people for ms in one.answers)
    pages = sorted(ms for one in people for ms in one.pages)
    return {
        "seconds": LASTS_SECONDS,
        "réponses": len(answers),
        "simulations finies": sum(one.finished for one in people),
        "erreurs": sum(one.errors for one in people),
        "réponse, médiane (ms)": statistics.median(answers),
        "réponse, 95 % (ms)": answers[int(0.95 * len(answers))],
        "calcul par réponse (ms)": 1_000 * computed / len(answers),
        "page, médiane (ms)": statistics.median(pages),
        "page, 95 % (ms)": pages[int(0.95 * len(pages))],
    }


@contextmanager
def _served(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "ALLERVERS_DATA": str(folder / "data"), "ALLERVERS_HTTPS": "0"}
    command = [sys.executable, "-m", "allervers.cli.main", "serve", "--port", str(PORT), "--workers", "2", "--no-jobs"]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603 (our own command)
    try:
        yield server
    finally:
        server.terminate()
        server.wait(30)


def _computed(server: int) -> float:
    """Seconds of processor that a server and its processes have used (Linux)."""
    found = 0.0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                # After the name, which may hold spaces: state, parent, …, user and system time in ticks.
                fields = (folder / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
            except OSError:
                continue  # it ended meanwhile
            if server in (int(folder.name), int(fields[1])):
                found += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def _wait_for_the_law() -> None:
    """Until each process has answered: those that ask are given to one or the other."""
    ready = 0
    for _ in range(400):
        try:
            person = _Person(0)
            person.describe()
            status = person.ask("GET", "/simulateur/suite/")[0]
            ready = ready + 1 if status == 302 else 0
        except OSError:
            ready = 0
        if ready > 20:
            time.sleep(30)  # what is made ready to explain rights, after the law itself
            return
        time.sleep(0.5 if not ready else 0.05)
    raise TimeoutError("the law did not load")


class _Person:
    """Somebody who answers, one question after the other, and begins again."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 (no secret)
        # Each from an address of their own (Linux answers on all of 127.0.0.0/8): pages are limited by address.
        self.address = f"127.1.{seed // 250}.{seed % 250 + 1}"
        self.cookies: dict[str, str] = {}
        self.answers: list[float] = []
        self.pages: list[float] = []
        self.errors = self.finished = 0

    def live(self, end: float) -> None:
        """Answer until the end."""
        time.sleep(self.rng.uniform(0, THINKS_SECONDS))
        address = self.describe()
        while time.monotonic() < end:
            began = time.perf_counter()
            status, location, html = self.ask("GET", address)
            if status == 302:
                address = location
                continue
            self.pages.append(1_000 * (time.perf_counter() - began))
            self.errors += status != 200
            time.sleep(self.rng.expovariate(1 / THINKS_SECONDS))
            if "/question/" not in address:
                self.finished += 1
                address = self.describe()
                continue
            fields = self._typed(html)
            began = time.perf_counter()
            status, address, _html = self.ask("POST", address, fields)
            self.answers.append(1_000 * (time.perf_counter() - began))
            self.errors += status != 302

    def describe(self) -> str:
        """Describe a household of any shape; where it leads."""
        self.cookies.clear()
        self.ask("GET", "/simulateur/foyer/")
        children = {f"f0.c{n}.born": f"0{self.rng.randrange(1, 9)}/05/{self.rng.randrange(2005, 2025)}"
                    for n in range(self.rng.randrange(0, 4))}  # fmt: skip
        couple = self.rng.random() < 0.4
        bond = {"f0.bond": "married", "f0.partner.born": "02/02/1985"} if couple else {"f0.bond": "none"}
        return self.ask("POST", "/simulateur/foyer/", {**_HOUSEHOLD, **bond, **children})[1]

    def _typed(self, html: str) -> dict[str, Any]:
        """An answer to every field of a page."""
        typed: dict[str, Any] = {"rows": re.findall(r'name="rows" value="([^"]+)"', html)}
        for name in set(re.findall(r'<input class="form-control"[^>]* name="([^"]+)"', html)):
            typed[name] = str(self.rng.randrange(0, 15 if name.startswith("sejour") else 1_500))
        boxes: dict[str, list[str]] = {}
        pattern = r'type="(?:radio|checkbox)" id="[^"]+" name="([^"]+)" value="([^"]+)"'
        for name, value in re.findall(pattern, html):
            boxes.setdefault(name, []).append(value)
        typed |= {name: self.rng.choice(values) for name, values in boxes.items()}
        return typed

    def ask(self, method: str, address: str, fields: dict[str, Any] | None = None) -> tuple[int, str, str]:
        """Status, where it leads, and the page."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Host": f"127.0.0.1:{PORT}"}
        body = None
        if fields is not None:
            body = urlencode({**fields, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60, source_address=(self.address, 0))
        try:
            connection.request(method, address, body, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, rest = cookie.partition("=")
                self.cookies[name] = rest.partition(";")[0].strip('"')
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()
        finally:
            connection.close()
