"""Server time of the pages of the lists, on the demonstration: a size is a number of households.

Each page is asked 25 times through Django's client: everything but the network. The slowest page is the figure.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

REPEATS = 25


def prepare(size: int, folder: Path) -> None:
    """Make the demonstration and publish its lists."""
    command = [
        sys.executable,
        "-m",
        "allervers.cli.main",
        "demo",
        "--no-serve",
        "--households",
        str(size),
        "--seed",
        "1",
    ]
    command += ["--out", str(folder / "demo")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (our own command)


def measure(size: int, folder: Path) -> dict[str, Any]:
    """Milliseconds of each page: median and slowest of its kind."""
    from allervers.cli.web import demo_application

    os.environ["ALLERVERS_HOSTS"] = "testserver"
    demo_application(folder / "demo")
    from allervers.apps.findings.models import Finding

    pages = _pages()
    times = {name: _timed(who, path) for name, (who, path) in pages.items()}
    medians = {name: statistics.median(ms) for name, ms in times.items()}
    for name, ms in times.items():
        print(f"{size:>7} {name:<28} {medians[name]:7.1f} ms (95 % : {sorted(ms)[-2]:.1f})", file=sys.stderr)
    slowest = max(medians, key=lambda name: medians[name])
    return {"lignes publiées": Finding.objects.count(), "page la plus lente": slowest, "ms": medians[slowest]}


def _pages() -> dict[str, tuple[str, str]]:
    """Name of a page -> the account that opens it, and its address."""
    from allervers.apps.findings.models import Finding

    home = (
        Finding.objects.filter(is_to_act=True, commune="93066").order_by("rank").values_list("household", flat=True)[0]
    )
    agent, manager = "agent.departement", "responsable"
    return {
        "liste": (agent, "/listes/"),
        "liste, page 20": (agent, "/listes/?page=20"),
        "liste filtrée": (agent, "/listes/?droit=rsa&euros=300&tri=montant"),
        "à compléter": (agent, "/listes/a-completer/"),
        "à compléter, RSA": (manager, "/listes/a-completer/?droit=rsa&tri=commune&page=3"),
        "mon travail": (agent, "/listes/mon-travail/"),
        "ménage": (manager, f"/listes/menages/{home}/"),
        "charge": (manager, "/listes/equipe/"),
        "volumes": ("analyste", "/listes/volumes/"),
        "catalogue": ("", "/droits/"),
        "fiche": ("", "/droits/rsa/"),
    }


def _timed(who: str, path: str) -> list[float]:
    from django.test import Client

    from allervers.apps.accounts.models import User

    client = Client()
    if who:
        user = User.objects.get(email=f"{who}@demo.allervers.fr")
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    taken = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        taken.append(1_000 * (time.perf_counter() - start))
    return taken[1:]  # the first one compiles the templates
