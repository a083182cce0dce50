"""A real server on a real disk: its database locked, its disk full, itself killed. A clear page, and nothing lost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from small_store import make_store

pytestmark = pytest.mark.own_database

COMMAND = (sys.executable, "-m", "allervers.cli.main")
SERVE = (*COMMAND, "serve", "--workers", "1", "--no-jobs")
FEW_BYTES = 4_096


def environment_of(folder: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "ALLERVERS_DATA": str(folder), "ALLERVERS_HTTPS": "0", "ALLERVERS_OPENFISCA": "0", "PYTHONWARNINGS": "ignore",
    }  # fmt: skip


class Installation:
    """A data folder, the server over it, and an agent who is signed in."""

    def __init__(
        self,
        folder: Path,
        command: tuple[str, ...] = (*COMMAND, "serve", "--workers", "1", "--no-jobs"),
        told: dict[str, Any] | None = None,
    ) -> None:
        self.command = command
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.database = folder / "allervers.sqlite3"
        self.environment = environment_of(folder)
        told = told or installed(self.environment)
        self.line = told["line"]
        self.address = f"http://127.0.0.1:{self.port}"
        self.agent = requests.Session()
        self.agent.trust_env = False
        self.agent.cookies["sessionid"] = told["session"]
        self.start()

    def start(self) -> None:
        asked = [*self.command, "--port", str(self.port)]
        self.server = subprocess.Popen(asked, env=self.environment, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                self.lists()
            except requests.ConnectionError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the server does not answer")

    def households_to_complete(self) -> requests.Response:
        return self.agent.get(f"{self.address}/listes/a-completer/", timeout=30)

    def lists(self) -> requests.Response:
        return self.agent.get(f"{self.address}/listes/", timeout=60)

    def take_in_charge(self) -> requests.Response:
        given = {"csrfmiddlewaretoken": self.agent.cookies["csrftoken"], "progress": "in_charge", "version": "0"}
        address = f"{self.address}/listes/lignes/{self.line}/"
        return self.agent.post(address, data=given, timeout=60, allow_redirects=False)

    def processes(self) -> list[int]:
        found = subprocess.run(["pgrep", "-P", str(self.server.pid)], capture_output=True, text=True, check=False)
        return [self.server.pid, *map(int, found.stdout.split())]

    def kill(self) -> None:
        for process in self.processes():
            os.kill(process, signal.SIGKILL)
        self.server.wait()

    def steps(self) -> int:
        with sqlite3.connect(self.database) as read:
            return int(read.execute("SELECT count(*) FROM findings_step").fetchone()[0])

    def is_chain_whole(self) -> bool:
        return (
            subprocess.run([*COMMAND, "audit"], env=self.environment, check=False, capture_output=True).returncode == 0
        )


def installed(environment: dict[str, str]) -> dict[str, Any]:
    script = Path(__file__).with_name("installed.py")
    made = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, check=True)
    return json.loads(made.stdout)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """An installation made once, and what it told."""
    folder = tmp_path_factory.mktemp("model")
    return folder, installed(environment_of(folder))


@pytest.fixture
def installation(model: tuple[Path, dict[str, Any]], tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "place"
    shutil.copytree(model[0], folder)
    made = Installation(folder, told=model[1])
    yield made
    made.kill()
    made.agent.close()


def cut_short(installation: Installation) -> None:
    with pytest.raises(requests.ConnectionError):
        installation.take_in_charge()


def test_a_locked_database_gives_a_clear_page_and_the_next_try_works(installation):
    with sqlite3.connect(installation.database, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        read = installation.lists()
        refused = installation.take_in_charge()
        other.execute("ROLLBACK")
    assert read.status_code == 200
    assert refused.status_code == 503
    assert "Rien n&#x27;a été enregistré" in refused.text
    assert installation.steps() == 0
    assert installation.take_in_charge().status_code == 302
    assert installation.steps() == 1
    assert installation.is_chain_whole()


def test_a_full_disk_gives_a_clear_page_and_nothing_is_half_written(installation):
    for process in installation.processes():
        resource.prlimit(process, resource.RLIMIT_FSIZE, (FEW_BYTES, resource.RLIM_INFINITY))
    refused = installation.take_in_charge()
    assert refused.status_code == 503
    assert "Rien n&#x27;a été enregistré" in refused.text
    assert installation.steps() == 0
    for process in installation.processes():
        resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert installation.take_in_charge().status_code == 302
    assert installation.steps() == 1
    assert installation.is_chain_whole()


def test_a_killed_server_loses_nothing_and_the_line_is_taken_once(installation):
    with sqlite3.connect(installation.database, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = Thread(target=cut_short, args=[installation])
        waiting.start()
        time.sleep(1.0)  # the request waits for the lock
        installation.kill()
        other.execute("ROLLBACK")
    waiting.join()
    assert installation.steps() == 0
    installation.start()
    assert installation.take_in_charge().status_code == 302
    assert installation.take_in_charge().status_code == 302  # sent again: nothing more
    assert installation.steps() == 1
    assert installation.is_chain_whole()


def test_without_its_database_each_page_says_so(installation):
    installation.database.rename(installation.database.with_suffix(".away"))
    for leftover in ("-wal", "-shm"):
        installation.database.with_name(installation.database.name + leftover).unlink(missing_ok=True)
    installation.database.mkdir()
    away = installation.lists()
    assert away.status_code == 503
    assert "Erreur de notre côté" in away.text
    installation.database.rmdir()
    installation.database.with_suffix(".away").rename(installation.database)
    assert installation.lists().status_code == 200


def test_the_demonstration_answers_though_it_has_just_computed(tmp_path):
    """Threads that computed the lists do not survive a fork: the pages that read the store must answer all the same."""
    make_store(tmp_path / "store")
    script = Path(__file__).with_name("served_after_computing.py")
    made = Installation(tmp_path, (sys.executable, str(script)))
    try:
        for _ in range(4):
            answer = made.households_to_complete()
            assert answer.status_code == 200
            assert "menage-1" in answer.text
    finally:
        made.kill()
        made.agent.close()
