"""Files as a partner deposits them by the page, and a worker to import them."""

from __future__ import annotations

import sys
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from allervers.apps.jobs.models import Job
from allervers.apps.jobs.worker import Worker, run_one

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "extracts"))

from partner_files import csv_text, many


def caf_csv(count: int = 40, **changes: str) -> bytes:
    rows = [row | changes for row in many("caf_allocataires", count)]
    return csv_text(rows).encode()


def send(client, content: bytes, name: str = "extrait.csv", exchange: str = "0", on: str = "2026-11-05", **more):
    values = {"exchange": exchange, "reference_on": on, "file": SimpleUploadedFile(name, content), **more}
    with TestCase.captureOnCommitCallbacks(execute=True):
        return client.post(reverse("deposit-new"), values, follow=True)


def work(until: int = 20) -> list[Job]:
    """Do what waits, and what follows a commit."""
    worker, done = Worker(timezone.now, name="w1"), []
    while len(done) < until:
        with TestCase.captureOnCommitCallbacks(execute=True):
            job = run_one(worker)
        if job is None:
            break
        job.refresh_from_db()
        done.append(job)
    return done
