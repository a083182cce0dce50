"""`allervers serve`, `worker`, `check`, `audit`: the web application from the command line of its operator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from allervers.cli.options import day, say
from allervers.foundation.errors import AllerVersError, InvalidInput, Unavailable
from allervers.foundation.wording import counted

_BEFORE_NEXT_WORKER = 2.0
"""Seconds before a worker that died is started again."""


def prepared(*, migrate: bool = True) -> None:
    """Load Django with the settings of the environment; bring the tables up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allervers.web.settings")
    try:
        import django
    except ImportError as error:
        raise Unavailable("L'application web n'est pas installée : pip install 'allervers[web]'.") from error
    django.setup()
    if migrate:
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)


def serve_command(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port d'écoute.")] = 8000,
    host: Annotated[
        str, typer.Option("--host", help="Adresse d'écoute ; 127.0.0.1 : cette machine seulement.")
    ] = "127.0.0.1",
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processus qui répondent.")] = 2,
    jobs: Annotated[bool, typer.Option("--jobs/--no-jobs", help="Faire aussi les travaux longs.")] = True,
) -> None:
    """Servir l'application web ; les travaux longs sont faits à côté, sauf avec --no-jobs."""
    prepared()
    say(f"AllerVers répond sur http://{host}:{port}/ ; Ctrl-C pour arrêter.")
    serve(host, port, workers, with_jobs=jobs)


def serve(host: str, port: int, workers: int, *, with_jobs: bool) -> None:
    """Answer until told to stop. Raises Unavailable when the port cannot be had."""
    from granian.constants import HTTPModes, Interfaces
    from granian.server import Server

    from allervers.api.server import check_free

    check_free(host, port)
    beside = _WorkerBeside() if with_jobs else None
    server = Server(
        "allervers.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=4,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        respawn_failed_workers=True,
        log_enabled=False,
    )
    try:
        server.serve()
    finally:
        if beside is not None:
            beside.stop()


class _WorkerBeside:
    """A worker in a process of its own: a computation that dies, or fills the memory, does not take the pages with it.
    One that dies is started again; its job is given to another once its lease is over.
    """

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            command = [sys.executable, "-m", "allervers.cli.main", "worker"]
            self._process = subprocess.Popen(command)  # noqa: S603 (our own command)
            self._process.wait()
            self._stopping.wait(_BEFORE_NEXT_WORKER)

    def stop(self) -> None:
        """Tell the worker to stop: it gives its job back at its next step; one that does not is killed."""
        self._stopping.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._thread.join(timeout=10)


def worker_command(
    once: Annotated[bool, typer.Option("--once", help="Faire ce qui attend, puis s'arrêter.")] = False,
) -> None:
    """Faire les travaux longs (imports, détection, publication), l'un après l'autre."""
    prepared()
    from allervers.apps.jobs.worker import work

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(clock=lambda: datetime.now(tz=UTC), stop=stop, only_once=once)


def jobs_command(
    ask: Annotated[
        str | None, typer.Option("--ask", help="Demander un travail : detection, retention ou audit_check.")
    ] = None,
    month: Annotated[str | None, typer.Option("--month", help="Mois des listes (AAAA-MM), pour detection.")] = None,
) -> None:
    """Lister les derniers travaux, ou en demander un (pour un minuteur du système : --ask detection)."""
    prepared()
    from allervers.apps.jobs.actions import ask_job
    from allervers.apps.jobs.models import Job
    from allervers.foundation.periods import Month

    if ask is None:
        for job in Job.objects.order_by("-asked_at", "-pk")[:30]:
            typer.echo(
                f"{job.pk}  {job.asked_at:%Y-%m-%d %H:%M}  {job.get_state_display()}  {job.label}  {job.message}"
            )
        return
    on = day(None)
    asked = {"detection": {"month": str(Month.parse(month) if month else Month.of(on))}}
    asked |= {name: {"on": on.isoformat()} for name in ("retention", "audit_check")}
    if ask not in asked:
        raise InvalidInput(f"Ce travail ne se demande pas ici : {', '.join(sorted(asked))}.")
    job = ask_job(acting_user=None, now=datetime.now(tz=UTC), task=ask, parameters=asked[ask])
    typer.echo(f"Travail {job.pk} : {job.label}, {job.get_state_display().lower()}.")


def check_command(
    deploy: Annotated[bool, typer.Option("--deploy", help="Vérifier aussi les réglages de production.")] = False,
) -> None:
    """Vérifier l'installation : réglages, base, clés, dossiers ; avec --deploy, ce que la production exige."""
    prepared(migrate=False)
    from allervers.web.checks import problems

    found = problems(deploy=deploy)
    for problem in found:
        typer.echo(f"- {problem}")
    if found:
        raise AllerVersError(f"{counted(len(found), 'point', 'points')} à corriger.")
    typer.echo("Tout est en ordre.")


def audit_command() -> None:
    """Vérifier la chaîne du registre des consultations : rien n'a été changé, retiré ni ajouté."""
    prepared(migrate=False)
    from allervers.apps.audit.queries import verify_chain

    found = verify_chain()
    if found.broken_at is not None:
        raise AllerVersError(f"Le registre a été modifié : la chaîne se rompt à l'entrée {found.broken_at}.")
    typer.echo(f"Registre intact : {found.entries} entrées, empreinte {found.digest}.")


def demo_application(folder: Path, *, migrate: bool = True) -> None:
    """Settings of the demonstration: everything in its folder, no HTTPS, its accounts on the sign-in page; its tables
    made, unless they are already.
    """
    for name, value in {
        "ALLERVERS_DATA": str(folder / "web"), "ALLERVERS_STORE": str(folder / "store"), "ALLERVERS_DEMO": "1",
        "ALLERVERS_HTTPS": "0",
    }.items():  # fmt: skip
        os.environ[name] = value
    os.environ.pop("DATABASE_URL", None)
    prepared(migrate=migrate)
