"""Writes of intake: a file deposited, imported or refused, destroyed; lists asked for and published."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.findings.actions import publish
from allervers.apps.findings.models import Publication
from allervers.apps.intake import files, permissions
from allervers.apps.intake.domain import DepositState
from allervers.apps.intake.models import Deposit
from allervers.apps.jobs.actions import ask_job
from allervers.apps.jobs.domain import State
from allervers.apps.jobs.models import Job
from allervers.apps.partnership.models import Party
from allervers.detection.storage import assembled_folder, detection_folder
from allervers.extracts.importing import ImportReport
from allervers.extracts.mapping import check_partner, read_mapping
from allervers.extracts.register import ImportRow, retained_until
from allervers.foundation.errors import InvalidInput, Refused
from allervers.foundation.periods import Month

MAX_MAPPING_BYTES = 64_000


def deposit_file(
    *, acting_user: User, now: datetime, today: date, reference: str, format_name: str, reference_on: date,
    file_name: str, chunks: Iterable[bytes], mapping: bytes = b"",
) -> Deposit:  # fmt: skip
    """Take a file of a partner, under a convention in force, and ask for its import. The same file twice waits once.

    permission: intake.permissions.party_for.
    raises: PermissionDenied; Refused without a convention in force that allows this format, or for data too old;
    InvalidInput for a file that is too big or is not what it says, a date to come, a mapping that cannot be read.
    audit: file_deposited.
    after: a worker imports it, then the file is destroyed.
    """
    if not permissions.is_depositor(acting_user):
        raise PermissionDenied("Seul l'administrateur de l'organisme dépose ses fichiers.")
    party = _admitted(acting_user, reference, format_name, today)
    retained_until(reference_on, None, today)
    text = _mapping_text(mapping, party.organisation.code)
    with files.written(chunks, file_name) as stored:
        files.check_content(files.path_of(stored.name), format_name)
        deposit = _kept(acting_user, now, party, format_name, reference_on, files.shown_name(file_name), stored, text)
    if deposit.stored != stored.name:
        files.destroy(stored.name)
    return deposit


@transaction.atomic
def _kept(
    acting_user: User, now: datetime, party: Party, format_name: str, reference_on: date, name: str,
    stored: files.Written, mapping: str,
) -> Deposit:  # fmt: skip
    same = {
        "organisation": party.organisation, "convention": party.convention, "format": format_name,
        "reference_on": reference_on, "sha256": stored.sha256, "state": DepositState.WAITING,
    }  # fmt: skip
    for stopped in Deposit.objects.filter(**same, job__state__in=(State.CANCELLED, State.FAILED)):
        refuse_deposit(now=now, deposit=stopped, state=DepositState.CANCELLED, message="Déposé de nouveau.")
    deposit, is_new = Deposit.objects.get_or_create(
        **same,
        defaults={
            "file_name": name, "bytes": stored.bytes, "mapping": mapping, "stored": stored.name,
            "deposited_by": acting_user, "deposited_at": now,
        },
    )  # fmt: skip
    if is_new:
        record(
            acting_user=acting_user, now=now, action="file_deposited", kind="deposit", target=str(deposit.pk),
            convention=party.convention.reference, purpose=party.convention.purpose, format=format_name,
            sha256=stored.sha256, bytes=stored.bytes,
        )  # fmt: skip
        deposit.job = ask_job(acting_user=acting_user, now=now, task="import", parameters={"deposit": deposit.pk})
        deposit.save(update_fields=["job"])
    return deposit


def _admitted(acting_user: User, reference: str, format_name: str, today: date) -> Party:
    party = permissions.party_for(acting_user, reference, today)
    if party is None:
        raise Refused(
            "Pas de convention, pas d'import : cette convention n'est pas en vigueur, ou n'autorise pas votre "
            "organisme à fournir des données."
        )
    if format_name not in party.formats:
        raise Refused("Cette convention n'autorise pas votre organisme à envoyer ce format.", format=format_name)
    return party


def _mapping_text(given: bytes, partner: str) -> str:
    """The partner's mapping, checked before anything is kept."""
    if not given:
        return ""
    if len(given) > MAX_MAPPING_BYTES:
        raise InvalidInput("Le fichier de correspondance est trop gros.")
    with files.written([given], "correspondance.txt") as stored:
        path = files.path_of(stored.name)
        try:
            mapping = read_mapping(path)
        finally:
            path.unlink(missing_ok=True)
    check_partner(mapping, partner)
    return given.decode("utf-8-sig")


@transaction.atomic
def complete_deposit(*, now: datetime, deposit: Deposit, report: ImportReport) -> Deposit:
    """Write what an import did; its file is destroyed once that is written. Run again, changes nothing.

    permission: none (the job).
    raises: nothing.
    audit: file_imported.
    after: the file is destroyed.
    """
    found = Deposit.objects.select_for_update().get(pk=deposit.pk)
    if found.is_over:
        return found
    found.state, found.import_id, found.retention_on = (
        DepositState.IMPORTED,
        report.import_id or "",
        report.retention_on,
    )
    found.rows_read, found.rows_kept, found.rows_rejected = report.read, report.kept, report.rejected
    found.reasons, found.notes = dict(report.reasons), dict(report.warnings)
    found.message = "Ce fichier était déjà importé : rien n'a changé." if report.status == "already_imported" else ""
    return _closed(found, now, "file_imported", rows=report.kept, rejected=report.rejected)


@transaction.atomic
def refuse_deposit(*, now: datetime, deposit: Deposit, state: DepositState, message: str) -> Deposit:
    """Write that a file is not imported, and why; it is destroyed. Run again, changes nothing.

    permission: none (the job).
    raises: nothing.
    audit: file_refused.
    after: the file is destroyed.
    """
    found = Deposit.objects.select_for_update().get(pk=deposit.pk)
    if found.is_over:
        return found
    found.state, found.message = state, message[:1000]
    return _closed(found, now, "file_refused", state=str(state))


def _closed(deposit: Deposit, now: datetime, action: str, **details: Any) -> Deposit:
    name, deposit.stored, deposit.ended_at = deposit.stored, "", now
    deposit.has_rejects = files.rejects_path(deposit.pk).is_file()
    deposit.save()
    record(
        acting_user=None, now=now, action=action, kind="deposit", target=str(deposit.pk),
        convention=deposit.convention.reference, **details,
    )  # fmt: skip
    # Cut before the commit: the file is there and the job starts again. Cut after: the daily upkeep removes it.
    transaction.on_commit(lambda: files.destroy(name))
    return deposit


@transaction.atomic
def ask_destruction(*, acting_user: User, now: datetime, row: ImportRow) -> Job:
    """Ask that an import be destroyed, with the identities that no other names.

    permission: intake.permissions.can_destroy.
    raises: PermissionDenied.
    audit: import_destroy_asked, job_asked.
    after: a worker destroys it; the lists are without it at the next detection.
    """
    if not permissions.can_destroy(acting_user, row):
        raise PermissionDenied("Un organisme ne détruit que ce qu'il a envoyé.")
    record(
        acting_user=acting_user, now=now, action="import_destroy_asked", kind="import", target=row.import_id[:80],
        convention=row.convention,
    )  # fmt: skip
    return ask_job(acting_user=acting_user, now=now, task="destroy_import", parameters={"import": row.import_id})


@transaction.atomic
def ask_detection(*, acting_user: User, now: datetime, today: date, month: Month) -> Job:
    """Ask for the lists of a month.

    permission: intake.permissions.can_ask_detection.
    raises: PermissionDenied; InvalidInput for a month to come.
    audit: job_asked.
    after: a worker links, finds and publishes.
    """
    if not permissions.can_ask_detection(acting_user):
        raise PermissionDenied("Seule la plateforme lance une détection.")
    if month > Month.of(today):
        raise InvalidInput(f"Le mois {month} est à venir.", month=str(month))
    return ask_job(acting_user=acting_user, now=now, task="detection", parameters={"month": str(month)})


@transaction.atomic
def publish_run(
    *, now: datetime, store: Path, run: Path, month: Month, summary: Mapping[str, Any], conventions: Sequence[str],
    is_synthetic: bool, still_mine: Callable[[], None], published_at: datetime | None = None,
) -> Publication:  # fmt: skip
    """Put the lists of a run in force: lines in the database, files in their place, both or neither.

    run: folder that holds `lists` and `population`. published_at: see `publish`.
    still_mine: raises when the job was cancelled or given to another.
    permission: none (the job).
    raises: NotFound when there is no list; what `still_mine` raises, and nothing is then kept.
    audit: lists_published.
    after: the lists before are gone, the work on them stays.
    """
    publication = publish(
        acting_user=None, now=now, folder=run / "lists", month=str(month), law=str(summary.get("law", "")),
        conventions=conventions, is_synthetic=is_synthetic, published_at=published_at,
    )  # fmt: skip
    still_mine()
    for part, place in (("population", assembled_folder(store, month)), ("lists", detection_folder(store, month))):
        _put_in_place(run / part, place, run / f"former-{part}")
    return publication


def _put_in_place(new: Path, place: Path, former: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.exists():
        place.replace(former)
    new.replace(place)
    shutil.rmtree(former, ignore_errors=True)


@transaction.atomic
def destroy_old_lists(*, now: datetime, before: Month) -> int:
    """Destroy the lists of the database made for a month or before: their retention has come (CRPA R. 114-9-7).

    permission: none (the calendar).
    raises: nothing.
    audit: lists_destroyed, for each.
    after: nothing. Returns the number of publications destroyed.
    """
    old = list(Publication.objects.filter(month__lte=str(before)))
    for publication in old:
        record(
            acting_user=None, now=now, action="lists_destroyed", kind="publication", target=publication.month,
            lines=publication.lines,
        )  # fmt: skip
        publication.delete()
    return len(old)
