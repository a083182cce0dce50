"""Real workers on real databases: killed, stopped, side by side. Nothing is lost, nothing is done twice."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

SCRIPT = Path(__file__).with_name("worker_process.py")
SERVERS = ("postgresql://postgres@127.0.0.1:5432/postgres", "postgresql://root@127.0.0.1:5432/postgres")
PAST_LEASE = "120"


def server():
    """(address, connection) of a PostgreSQL that lets us make databases; None without one."""
    import psycopg

    given = os.environ.get("DATABASE_URL")
    for address in (given,) if given else SERVERS:
        try:
            return address, psycopg.connect(address, autocommit=True, connect_timeout=3)
        except psycopg.OperationalError:
            continue
    return None


class Place:
    """An installation of the test: its folder, its database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.listener = None
        self.environment = {
            **os.environ, "ALLERVERS_DATA": str(folder), "ALLERVERS_HTTPS": "0", "DATABASE_URL": url,
            "PYTHONWARNINGS": "ignore",
        }  # fmt: skip

    def start(self, *values: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(SCRIPT), *values]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)

    def run(self, *values: str) -> str:
        process = self.start(*values)
        told, _ = process.communicate(timeout=120)
        assert process.returncode in {0, -signal.SIGKILL}, values
        return told

    def say(self, *values: str) -> str:
        """One line from a process that stays, beside the workers: starting one for each would take most of the time."""
        if self.listener is None:
            command = [sys.executable, str(SCRIPT), "listen"]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self.listener = subprocess.Popen(command, env=self.environment, **pipes)
        self.listener.stdin.write(json.dumps(values) + "\n")
        self.listener.stdin.flush()
        return self.listener.stdout.readline()

    def close(self) -> None:
        if self.listener is not None:
            self.listener.communicate()

    def state(self) -> dict:
        return json.loads(self.say("state"))

    def told(self) -> list[str]:
        path = self.folder / "told.txt"
        return path.read_text().splitlines() if path.exists() else []

    def wait_for(self, line: str) -> None:
        end = time.monotonic() + 60
        while line not in self.told():
            assert time.monotonic() < end, f"never told: {line}"
            time.sleep(0.02)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def model(request, tmp_path_factory):
    """An empty installation, migrated once: (its place, PostgreSQL or None, name of its database)."""
    folder = tmp_path_factory.mktemp("model")
    if request.param == "sqlite":
        if os.environ.get("DATABASE_URL"):
            pytest.skip("this run is about PostgreSQL")
        made = Place(folder, "")
        made.run("migrate")
        yield made, None, ""
        return
    found = server()
    if found is None:
        pytest.skip("no PostgreSQL on this machine")
    name = f"allervers_jobs_{secrets.token_hex(6)}"
    found[1].execute(f"CREATE DATABASE {name}")
    made = Place(folder, urlsplit(found[0])._replace(path=f"/{name}").geturl())
    made.run("migrate")
    yield made, found, name
    found[1].execute(f"DROP DATABASE {name} WITH (FORCE)")
    found[1].close()


@pytest.fixture
def place(model, tmp_path):
    made, found, template = model
    folder = tmp_path / "place"
    shutil.copytree(made.folder, folder)
    if found is None:
        alone = Place(folder, "")
        yield alone
        alone.close()
        return
    name = f"{template}_{secrets.token_hex(3)}"
    found[1].execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    served = Place(folder, urlsplit(found[0])._replace(path=f"/{name}").geturl())
    yield served
    served.close()
    found[1].execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_killed_worker_loses_nothing_and_doubles_nothing(place):
    place.say("ask", "slow", "1")
    worker = place.start("work", "0")
    place.wait_for("step 1 10")
    worker.kill()
    worker.communicate()
    assert [job["state"] for job in place.state()["jobs"]] == ["running"]
    place.run("work", "0")
    assert place.state()["effects"] == [], "its lease still holds: nobody takes it"
    place.run("work", PAST_LEASE)
    state = place.state()
    assert [(job["state"], job["attempts"]) for job in state["jobs"]] == [("done", 2)]
    assert state["effects"] == ["1"]
    assert state["is_chain_whole"]


def test_a_worker_told_to_stop_gives_its_job_back(place):
    place.say("ask", "slow", "1")
    worker = place.start("work", "0")
    place.wait_for("step 1 5")
    worker.terminate()
    worker.communicate(timeout=30)
    assert worker.returncode == 0
    state = place.state()
    assert [(job["state"], job["attempts"], job["worker"]) for job in state["jobs"]] == [("queued", 0, "")]
    assert state["effects"] == []
    place.run("work", "0")
    assert place.state()["effects"] == ["1"]


def test_two_workers_never_do_the_same_job(place):
    place.say("ask", "quick", "40")
    workers = [place.start("work", "0") for _ in range(2)]
    for worker in workers:
        worker.communicate(timeout=120)
    state = place.state()
    assert {job["state"] for job in state["jobs"]} == {"done"}
    assert Counter(state["effects"]).most_common(1)[0][1] == 1
    assert len(state["effects"]) == 40
    assert len([line for line in place.told() if line.startswith("quick")]) == 40
    assert state["is_chain_whole"]


def test_jobs_of_one_group_run_one_after_the_other(place):
    place.say("ask", "alone", "4")
    workers = [place.start("work", "0") for _ in range(2)]
    for worker in workers:
        worker.communicate(timeout=120)
    place.run("work", "0")
    assert place.told() == ["in", "out"] * 4


def test_a_job_that_kills_three_workers_fails(place):
    place.say("ask", "deadly", "1")
    for attempt in range(3):
        place.run("work", str(attempt * 120))
        assert place.state()["jobs"][0]["state"] == "running"
    place.run("work", "480")
    job = place.state()["jobs"][0]
    assert (job["state"], job["attempts"]) == ("failed", 3)
    assert "Interrompu plusieurs fois" in job["message"]
