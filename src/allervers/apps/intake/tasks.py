"""What workers do for partners: import a file, make and publish the lists, destroy what must be."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from allervers.apps.accounts.actions import forget_sessions
from allervers.apps.audit.actions import record
from allervers.apps.intake import actions, files, queries
from allervers.apps.intake.domain import FILE_KEPT, REJECTS_KEPT, DepositState
from allervers.apps.intake.models import Deposit
from allervers.apps.jobs.actions import forget_jobs
from allervers.apps.jobs.domain import KEPT_DAYS, STORE, Cancelled
from allervers.apps.jobs.registry import Running, task
from allervers.apps.partnership.queries import import_party
from allervers.detection.making import Asked, Found, make_lists
from allervers.detection.storage import KEPT_MONTHS, purge_detections
from allervers.extracts.allowance import Allowance
from allervers.extracts.identity.vault import VAULT_FILE
from allervers.extracts.importing import ImportReport, import_file
from allervers.extracts.linkage.link import link
from allervers.extracts.linkage.report import persons
from allervers.extracts.mapping import PartnerMapping, read_mapping
from allervers.extracts.retention import destroy_import, purge
from allervers.extracts.store import opened_store
from allervers.foundation.errors import AllerVersError, NotFound, Refused, Unavailable
from allervers.foundation.periods import Month

_RUNS = ".runs"
_STEPS = 10
_AGAIN = 3


@task("import", "Import d'un fichier de partenaire", group=STORE)
def import_extract(running: Running) -> dict[str, Any]:
    """Import a deposited file, whole or not at all, and destroy it. Run again after a cut, it imports once."""
    now = timezone.now()
    deposit = Deposit.objects.select_related("convention", "organisation").get(pk=running.parameters["deposit"])
    if deposit.state == DepositState.IMPORTED:
        return _imported(deposit)
    if deposit.is_over:
        raise Refused("Ce fichier a été détruit : déposez-le de nouveau.")
    try:
        report = _import(running, deposit, now)
    except Cancelled:
        message = "Annulé à la demande ; rien n'en a été gardé."
        actions.refuse_deposit(now=now, deposit=deposit, state=DepositState.CANCELLED, message=message)
        raise
    except Unavailable:
        raise  # the store is held by a command: the file stays, the job is tried again
    except AllerVersError as error:
        actions.refuse_deposit(now=now, deposit=deposit, state=DepositState.REFUSED, message=error.message)
        raise
    return _imported(actions.complete_deposit(now=timezone.now(), deposit=deposit, report=report))


def _import(running: Running, deposit: Deposit, now: datetime) -> ImportReport:
    convention, organisation = deposit.convention, deposit.organisation
    # Looked at again: the convention may have ended since the file was deposited.
    party = import_party(organisation.code, convention.reference, timezone.localdate(now))
    if party is None or deposit.format not in party.formats:
        raise Refused("La convention n'est plus en vigueur : le fichier a été détruit sans être importé.")
    path = files.path_of(deposit.stored)
    if not deposit.stored or not path.is_file():
        raise NotFound("Le fichier n'est plus là : déposez-le de nouveau.")
    running.progress(0, 0, "Lecture du fichier")
    total = files.rows_expected(path)

    def told(rows: int) -> None:
        running.progress(min(rows, total), total, f"{rows} lignes lues")

    with opened_store(settings.ALLERVERS.store_folder) as store:
        return import_file(
            path=path, format_name=deposit.format, partner=organisation.code, convention=convention.reference,
            purpose=convention.purpose, reference_on=deposit.reference_on, store=store, mapping=_mapping(deposit),
            now=now, limits=files.limits(), told=told, rejects_to=files.rejects_path(deposit.pk),
            allowance=Allowance(frozenset(party.categories), frozenset(party.excluded)),
        )  # fmt: skip


def _mapping(deposit: Deposit) -> PartnerMapping | None:
    if not deposit.mapping:
        return None
    with files.written([deposit.mapping.encode()], "correspondance.txt") as stored:
        path = files.path_of(stored.name)
        try:
            return read_mapping(path)
        finally:
            path.unlink(missing_ok=True)


def _imported(deposit: Deposit) -> dict[str, Any]:
    sentence = f"{deposit.rows_kept} lignes gardées, {deposit.rows_rejected} rejetées, sur {deposit.rows_read} lues."
    return {"deposit": deposit.pk, "import": deposit.import_id, "sentences": [sentence]}


def _detection_due(on: date) -> dict[str, Any] | None:
    day = settings.ALLERVERS.detection_day
    return {"month": str(Month.of(on))} if day and on.day >= day else None


@task("detection", "Détection et publication des listes", group=STORE, due=_detection_due)
def detection(running: Running) -> dict[str, Any]:
    """Link, find and publish, from the imports whose conventions are in force. Cancelled or cut, the lists before stay
    as they are; only the linkage of persons, which no list shows, keeps what it learnt.
    """
    store: Path = settings.ALLERVERS.store_folder
    month, now = Month.parse(str(running.parameters["month"])), timezone.now()
    today = timezone.localdate(now)
    usable = queries.usable_imports(today)
    if not usable or not (store / VAULT_FILE).is_file():
        raise Refused("Aucun import sous une convention en vigueur : il n'y a rien à chercher.")
    asked_for = {row.import_id for row in usable}
    running.progress(1, _STEPS, "Rapprochement des personnes entre partenaires")
    link(store, now=now)
    with _run_folder(store, running.number) as folder:
        asked = Asked(
            month, today, settings.ALLERVERS.departement, workers=settings.ALLERVERS.detection_workers,
            imports=asked_for, place=folder / "lists", population=folder / "population",
            header={"synthetic": settings.ALLERVERS.demo},
        )  # fmt: skip
        found = _lists(running, store, asked)
        running.progress(_STEPS - 1, _STEPS, "Publication")
        publication = actions.publish_run(
            now=timezone.now(), store=store, run=folder, month=month, summary=found.summary,
            conventions=sorted({row.convention for row in usable}), is_synthetic=settings.ALLERVERS.demo,
            still_mine=lambda: running.progress(_STEPS, _STEPS), published_at=_date_kept(running),
        )  # fmt: skip
    sentence = f"{publication.lines} lignes publiées pour {month}, à partir de {len(usable)} imports."
    return {"publication": publication.pk, "lines": publication.lines, "sentences": [sentence]}


def _date_kept(running: Running) -> datetime | None:
    kept = running.parameters.get("published_at")
    return None if kept is None else datetime.fromisoformat(str(kept))


def _lists(running: Running, store: Path, asked: Asked) -> Found:
    """Make the lists; again when someone was destroyed meanwhile (an opposition): they must not come back."""
    for _ in range(_AGAIN):
        step = 1

        def told(sentence: str) -> None:
            nonlocal step
            step = min(step + 1, _STEPS - 2)
            running.progress(step, _STEPS, sentence.strip())

        before = set(persons(store)["source_key"])
        found = make_lists(store, asked, report=told)
        if before <= set(persons(store)["source_key"]):
            return found
    raise Unavailable("Des personnes se sont opposées pendant le calcul : relancez-le.")


@contextmanager
def _run_folder(store: Path, number: int) -> Iterator[Path]:
    """A folder for what a run makes, beside what is in force; what earlier runs that were cut left is removed."""
    shutil.rmtree(store / _RUNS, ignore_errors=True)
    folder = store / _RUNS / str(number)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(store / _RUNS, ignore_errors=True)


@task("destroy_import", "Destruction d'un import", group=STORE)
def destroy(running: Running) -> dict[str, Any]:
    """Destroy an import and the identities that no other names. Run again, changes nothing."""
    import_id = str(running.parameters["import"])
    running.progress(0, 1, "Destruction")
    identities = destroy_import(settings.ALLERVERS.store_folder, import_id, today=timezone.localdate())
    for deposit in Deposit.objects.filter(import_id=import_id):
        files.rejects_path(deposit.pk).unlink(missing_ok=True)
    Deposit.objects.filter(import_id=import_id).update(has_rejects=False)
    record(
        acting_user=None, now=timezone.now(), action="import_destroyed", kind="import", target=import_id[:80],
        identities=identities,
    )  # fmt: skip
    return {"sentences": [f"Import détruit ; {identities} identités que rien d'autre ne nommait l'ont été aussi."]}


def _every_day(on: date) -> dict[str, Any]:
    return {"on": on.isoformat()}


@task("retention", "Destruction de ce dont le délai est passé", group=STORE, due=_every_day)
def retention(running: Running) -> dict[str, Any]:
    """Destroy what is past its time: imports, lists, files left behind, lists of rejects, old jobs. Idempotent."""
    store, now = settings.ALLERVERS.store_folder, timezone.now()
    today = timezone.localdate(now)
    running.progress(0, 3, "Imports et identités")
    shutil.rmtree(store / _RUNS, ignore_errors=True)
    imports = purge(store, today=today).imports if (store / VAULT_FILE).is_file() else ()
    running.progress(1, 3, "Listes")
    months = purge_detections(store, today=today)
    lists = actions.destroy_old_lists(now=now, before=Month.of(today) - KEPT_MONTHS)
    running.progress(2, 3, "Fichiers")
    strays = _old_files(now)
    forget_sessions(before=now)
    jobs = forget_jobs(before=now - timedelta(days=KEPT_DAYS))
    sentence = f"Détruits : {len(imports)} imports, {len(months)} détections, {lists} listes, {strays} fichiers."
    return {"imports": list(imports), "months": list(months), "jobs": jobs, "sentences": [sentence]}


def _old_files(now: datetime) -> int:
    """Destroy deposited files that wait for nothing any more, and old lists of rejects."""
    for deposit in Deposit.objects.filter(state=DepositState.WAITING, deposited_at__lt=now - FILE_KEPT):
        message = "L'import n'est pas venu à son terme ; le fichier a été détruit."
        actions.refuse_deposit(now=now, deposit=deposit, state=DepositState.REFUSED, message=message)
    stopped = Deposit.objects.filter(state=DepositState.WAITING, job__state="cancelled")
    for deposit in stopped:
        message = "Annulé à la demande ; rien n'en a été gardé."
        actions.refuse_deposit(now=now, deposit=deposit, state=DepositState.CANCELLED, message=message)
    old = Deposit.objects.filter(has_rejects=True, ended_at__lt=now - REJECTS_KEPT)
    for deposit in old:
        files.rejects_path(deposit.pk).unlink(missing_ok=True)
    old.update(has_rejects=False)
    known = set(Deposit.objects.exclude(stored="").values_list("stored", flat=True))
    known |= {
        files.rejects_path(pk).name for pk in Deposit.objects.filter(has_rejects=True).values_list("pk", flat=True)
    }
    return files.destroy_strays(known, now - timedelta(days=1))
