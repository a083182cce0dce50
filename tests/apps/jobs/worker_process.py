"""A real worker process on a real database, driven by the tests: python worker_process.py COMMAND [values]."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "allervers.web.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from allervers.apps.audit.actions import record  # noqa: E402
from allervers.apps.audit.models import Entry  # noqa: E402
from allervers.apps.audit.queries import verify_chain  # noqa: E402
from allervers.apps.jobs.actions import ask_job  # noqa: E402
from allervers.apps.jobs.models import Job  # noqa: E402
from allervers.apps.jobs.registry import _TASKS, task  # noqa: E402
from allervers.apps.jobs.worker import work  # noqa: E402

_TASKS.clear()  # no job of the calendar in these tests


def now():
    return datetime.now(tz=UTC)


def tell(line):
    with (Path(settings.ALLERVERS.data) / "told.txt").open("a") as told:
        told.write(line + "\n")


def one_effect(running):
    """What is kept of a job: with the last word of its lease, or not at all."""
    with transaction.atomic():
        record(acting_user=None, now=now(), action="effect", kind="job", target=str(running.number))
        running.progress(1, 1)
    return {}


@task("slow", "Lent")
def slow(running):
    for step in range(40):
        running.progress(step, 40)
        tell(f"step {running.number} {step}")
        time.sleep(0.05)
    return one_effect(running)


@task("quick", "Rapide")
def quick(running):
    tell(f"quick {running.number} {os.getpid()}")
    time.sleep(0.02)
    return one_effect(running)


@task("alone", "Seul", group="store")
def alone(running):
    tell("in")
    time.sleep(0.3)
    tell("out")
    return one_effect(running)


@task("deadly", "Mortel")
def deadly(running):
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def main(command, *values):
    if command == "migrate":
        call_command("migrate", interactive=False, verbosity=0)
    elif command == "ask":
        for number in range(int(values[1])):
            ask_job(acting_user=None, now=now(), task=values[0], parameters={"number": number})
    elif command == "work":
        ahead, stop = timedelta(seconds=int(values[0])), threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        work(clock=lambda: now() + ahead, stop=stop, only_once=True)
    elif command == "listen":
        for asked in sys.stdin:
            main(*json.loads(asked))
            sys.stdout.write("\n")
            sys.stdout.flush()
    elif command == "state":
        jobs = list(Job.objects.order_by("pk").values("pk", "state", "attempts", "message", "worker"))
        effects = list(Entry.objects.filter(action="effect").values_list("target", flat=True))
        whole = verify_chain().broken_at is None
        json.dump({"jobs": jobs, "effects": sorted(effects), "is_chain_whole": whole}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
