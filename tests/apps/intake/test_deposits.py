"""« Pas de convention, pas d'import » : what is taken, what is refused, what is left of a file."""

from __future__ import annotations

import csv
import io
import stat
import zipfile
from datetime import date

import polars as pl
import pytest
from deposited import caf_csv, send, work
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from small_world import NOW, REFERENCE, TODAY

from allervers.apps.audit.models import Entry
from allervers.apps.intake import actions, files, tasks
from allervers.apps.intake.actions import deposit_file
from allervers.apps.intake.domain import DepositState
from allervers.apps.intake.models import Deposit
from allervers.apps.jobs.actions import cancel_job, retry_job
from allervers.apps.jobs.domain import State
from allervers.apps.jobs.models import Job
from allervers.apps.partnership.models import Convention, Organisation, Party
from allervers.extracts.register import Register
from allervers.foundation.errors import InvalidInput, Refused, Unavailable


def deposit(world, **changes):
    values = {
        "acting_user": world.admin_of_caf, "now": NOW, "today": TODAY, "reference": REFERENCE,
        "format_name": "caf_allocataires", "reference_on": TODAY, "file_name": "a.csv", "chunks": [caf_csv()],
    } | changes  # fmt: skip
    return deposit_file(**values)


def left(place) -> list[str]:
    folder = place / "deposits"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def rows(place):
    register = Register(place / "store") if (place / "store").exists() else None
    if register is None:
        return []
    try:
        return register.rows()
    finally:
        register.close()


def test_a_file_is_imported_under_its_convention_then_destroyed(world, caf, place):
    page = send(caf, caf_csv()).content.decode()
    assert "attend son import" in page
    (name,) = left(place)
    assert stat.S_IMODE((place / "deposits" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((place / "deposits").stat().st_mode) == 0o700
    (job,) = work()
    assert job.state == State.DONE, job.message
    (row,) = rows(place)
    assert (row.partner, row.convention, row.purpose, row.rows_kept) == ("caf-93", REFERENCE, "information", 40)
    made = Deposit.objects.get()
    assert (made.state, made.rows_kept, made.stored, made.import_id) == ("imported", 40, "", row.import_id)
    assert [one for one in left(place) if not one.endswith(files.REJECTS)] == []
    told = set(Entry.objects.filter(kind="deposit").values_list("action", flat=True))
    assert told == {"file_deposited", "file_imported"}
    assert "est détruit" in caf.get(reverse("deposit", args=[made.pk])).content.decode()
    assert "5 novembre 2027" in caf.get(reverse("imports")).content.decode()


@pytest.mark.parametrize("change", ["ended", "draft", "coming", "receives", "inactive"])
def test_without_a_convention_in_force_nothing_is_taken(world, caf, place, change):
    if change == "ended":
        Convention.objects.update(ends_on=TODAY)
    elif change == "draft":
        Convention.objects.update(signed_on=None)
    elif change == "coming":
        Convention.objects.update(starts_on="2026-12-01")
    elif change == "receives":
        Party.objects.filter(side="gives").delete()
    else:
        Organisation.objects.filter(code="caf-93").update(is_active=False)
    assert "Pas de convention, pas d'import" in caf.get(reverse("deposit-new")).content.decode()
    answer = send(caf, caf_csv())
    assert answer.status_code == 403
    assert "Pas de convention" in answer.content.decode()
    world.admin_of_caf.refresh_from_db()
    with pytest.raises(Refused):
        deposit(world)
    assert (left(place), Deposit.objects.count(), Job.objects.count()) == ([], 0, 0)


@pytest.mark.parametrize("who", ["platform", "agent", "manager", "officer", "analyst"])
def test_nobody_but_the_administrator_of_the_giver_deposits(world, place, who):
    with pytest.raises(PermissionDenied):
        deposit(world, acting_user=getattr(world, who))
    assert left(place) == []


@pytest.mark.parametrize("who", ["admin", "outsider"])
def test_another_administrator_deposits_nothing_in_its_place(world, place, who):
    with pytest.raises(Refused):
        deposit(world, acting_user=getattr(world, who))
    assert left(place) == []


def test_a_format_that_the_convention_does_not_name_is_refused(world, place):
    with pytest.raises(Refused, match="format"):
        deposit(world, format_name="cpam_assures")
    assert left(place) == []


def zip_bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 50_000_000)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"PK\x03\x04" + b"\0" * 50),
        ("a.csv", b"%PDF-1.7"),
        ("a.csv", b"\x7fELF\x02\x01"),
        ("a.csv", b"<html><script>alert(1)</script>"),
        ("a.xlsx", b"matricule;rang\n1;1\n"),
        ("a.parquet", b"matricule;rang\n1;1\n"),
        ("a.exe", b"MZ\0\0"),
        ("a.php", caf_csv()),
        ("a", caf_csv()),
        ("../../etc/passwd", caf_csv()),
    ],
    ids=["zip", "pdf", "program", "html", "false xlsx", "false parquet", "exe", "php", "no suffix", "path"],
)
def test_hostile_files_are_refused_at_the_door(world, caf, place, name, content):
    answer = send(caf, content, name)
    assert answer.status_code == 200
    assert "alert" in answer.content.decode() or "errorlist" in answer.content.decode()
    assert (left(place), Deposit.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", zip_bomb()),
        ("a.csv", b"n'importe quoi\nsans colonne\n"),
        ("a.csv", b"\xff\xfe\x00\x00" * 100),
        ("a.csv", ("a;" * 200_000).encode()),
        ("a.parquet", b"PAR1" + b"\0" * 100 + b"PAR1"),
    ],
    ids=["zip bomb", "other columns", "not text", "endless line", "false parquet"],
)
def test_hostile_files_that_pass_the_door_are_refused_and_destroyed(world, caf, place, name, content):
    send(caf, content, name)
    (job,) = work()
    assert job.state == State.FAILED
    made = Deposit.objects.get()
    assert (made.state, made.stored) == ("refused", "")
    assert made.message
    assert [one for one in left(place) if not one.endswith(files.REJECTS)] == []
    assert {row.status for row in rows(place)} <= {"failed"}
    assert not list((place / "store" / "imports").rglob("*.parquet"))


def test_a_file_too_big_is_refused_while_it_is_written(world, place, settings):
    settings.ALLERVERS = settings.ALLERVERS.model_copy(update={"upload_megabytes": 1})
    with pytest.raises(InvalidInput, match="1 Mo"):
        deposit(world, chunks=(b"x" * 600_000 for _ in range(3)))
    assert left(place) == []


def test_a_request_too_long_is_refused_before_it_is_read(world, caf, place, settings):
    settings.ALLERVERS = settings.ALLERVERS.model_copy(update={"upload_megabytes": 1})
    assert send(caf, b"x" * 3_000_000).status_code in {400, 413}
    stranger = Client(enforce_csrf_checks=True)
    assert send(stranger, b"x" * 3_000_000).status_code in {400, 403, 413}, "a stranger sends no file at all"
    assert list((place / "incoming").iterdir()) == []
    assert Deposit.objects.count() == 0


def test_the_name_of_the_file_is_shown_and_never_used(world, place):
    made = deposit(world, file_name="../..\\x\u202e\n<b>é.csv")
    assert made.file_name == "x<b>é.csv"
    assert made.stored.removesuffix(".csv").isalnum()


def test_the_same_file_twice_waits_once_and_is_imported_once(world, caf, place):
    for _ in range(2):
        send(caf, caf_csv())
    assert (Deposit.objects.count(), len(left(place))) == (1, 1)
    work()
    send(caf, caf_csv())
    work()
    assert [row.status for row in rows(place)] == ["done"]
    assert "déjà importé" in Deposit.objects.first().message


def test_what_the_convention_leaves_out_never_reaches_the_store(world, caf, place):
    Party.objects.filter(side="gives").update(
        categories=["personnes", "dossiers", "droits"], excluded=["dossiers.loyer", "personnes.taux_incapacite"]
    )
    send(caf, caf_csv())
    (job,) = work()
    assert job.state == State.DONE, job.message
    folder = place / "store" / "imports" / Deposit.objects.get().import_id
    assert not (folder / "ressources.parquet").exists()
    assert pl.read_parquet(folder / "dossiers.parquet")["loyer"].null_count() == 40
    assert pl.read_parquet(folder / "personnes.parquet")["taux_incapacite"].null_count() == 40
    assert pl.read_parquet(folder / "dossiers.parquet")["statut_logement"].null_count() == 0
    notes = Deposit.objects.get().notes
    assert notes["hors convention : dossiers.loyer"] == 40
    assert notes["hors convention : identite"] == 40
    assert notes["hors convention : ressources"] > 0
    vault = b"".join(path.read_bytes() for path in (place / "store").glob("*.sqlite*"))
    assert b"MARTIN" not in vault


def test_rejected_rows_are_told_line_by_line(world, caf, signed_in, place):
    wrong = caf_csv().replace(b"1955-08-12", b"hier", 1)
    send(caf, wrong)
    (job,) = work()
    assert job.state == State.DONE, job.message
    made = Deposit.objects.get()
    assert (made.rows_kept, made.rows_rejected) == (39, 1)
    answer = caf.get(reverse("deposit-rejects", args=[made.pk]))
    found = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["ligne"], row["colonne"]) for row in found if row["rejet"] == "true"] == [("2", "date_naissance")]
    assert Entry.objects.filter(action="rejects_exported").count() == 1
    for who in (world.admin, world.outsider):
        assert signed_in(who).get(reverse("deposit-rejects", args=[made.pk])).status_code == 404
    answer.close()


def test_a_file_with_too_many_wrong_rows_is_refused_whole_with_its_list(world, caf, place):
    send(caf, caf_csv(date_naissance="hier"))
    (job,) = work()
    assert job.state == State.FAILED
    made = Deposit.objects.get()
    assert (made.state, made.has_rejects) == ("refused", True)
    assert "Import arrêté" in made.message
    answer = caf.get(reverse("deposit-rejects", args=[made.pk]))
    assert answer.status_code == 200
    assert [row.status for row in rows(place)] == ["failed"]
    answer.close()


def test_a_convention_that_ends_before_the_import_refuses_it(world, caf, place):
    send(caf, caf_csv())
    Convention.objects.update(ends_on=TODAY)
    (job,) = work()
    assert (job.state, Deposit.objects.get().state) == (State.FAILED, DepositState.REFUSED)
    assert "plus en vigueur" in job.message
    assert (left(place), rows(place)) == ([], [])


def test_cancelled_while_it_reads_nothing_is_kept(world, caf, place, monkeypatch):
    send(caf, caf_csv())
    job = Job.objects.get()

    def cancelled(path):
        cancel_job(acting_user=world.admin_of_caf, now=NOW, job=job)
        return 40

    monkeypatch.setattr(files, "rows_expected", cancelled)
    work()
    job.refresh_from_db()
    assert (job.state, Deposit.objects.get().state) == (State.CANCELLED, DepositState.CANCELLED)
    assert [row.status for row in rows(place)] == ["failed"]
    assert [one for one in left(place) if not one.endswith(files.REJECTS)] == []
    assert not list((place / "store" / "imports").rglob("*.parquet"))
    retry_job(acting_user=world.admin_of_caf, now=NOW, job=job)
    work()
    job.refresh_from_db()
    assert "déposez-le de nouveau" in job.message


def test_cut_after_the_import_and_before_it_is_written_down_imports_once(world, caf, place, monkeypatch):
    class PowerCut(BaseException):
        pass

    def cut(**_):
        raise PowerCut

    send(caf, caf_csv())
    with monkeypatch.context() as patch:
        patch.setattr(actions, "complete_deposit", cut)
        with pytest.raises(PowerCut):
            work()
    assert len(rows(place)) == 1
    Job.objects.update(state=State.QUEUED, worker="", lease_until=None)
    (job,) = work()
    assert job.state == State.DONE
    assert [row.status for row in rows(place)] == ["done"]
    assert Deposit.objects.get().rows_kept == 40
    assert [one for one in left(place) if not one.endswith(files.REJECTS)] == []


def test_a_store_that_is_held_leaves_the_file_for_another_try(world, caf, place, monkeypatch):
    def held(**_):
        raise Unavailable("Un autre import est en cours.")

    send(caf, caf_csv())
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "import_file", held)
        work()
    assert (Job.objects.get().state, len(left(place))) == (State.FAILED, 1)
    retry_job(acting_user=world.admin_of_caf, now=NOW, job=Job.objects.get())
    work()
    assert Deposit.objects.get().state == DepositState.IMPORTED


def test_cancelled_in_the_queue_the_same_file_may_come_again(world, caf, place):
    send(caf, caf_csv())
    cancel_job(acting_user=world.admin_of_caf, now=NOW, job=Job.objects.get())
    send(caf, caf_csv())
    assert sorted(Deposit.objects.values_list("state", flat=True)) == ["cancelled", "waiting"]
    assert len(left(place)) == 1


@pytest.mark.usefixtures("in_november")
@pytest.mark.parametrize(
    ("on", "told"),
    [("2025-11-24", "le 24/11/2026"), ("2024-01-01", "trop anciennes"), ("2026-11-25", "est à venir")],
)
def test_a_date_out_of_time_is_refused_at_the_form(world, caf, place, on, told):
    page = send(caf, caf_csv(), on=on).content.decode()
    assert told in page
    assert left(place) == []
    assert not Job.objects.exists()
    assert not Deposit.objects.exists()


def test_the_oldest_day_that_can_be_kept_is_taken(world, place):
    assert deposit(world, reference_on=date(2025, 11, 25)).job is not None


def test_the_mapping_of_another_partner_is_refused_at_the_form(world, place):
    with pytest.raises(InvalidInput, match="autre partenaire"):
        deposit(world, mapping=b'partenaire = "caf-75"')
    assert left(place) == []


def test_a_mapping_that_cannot_be_read_is_refused_before_anything_is_kept(world, place):
    for wrong in (b"= nope", b"x" * 70_000, b"\xff\xfe"):
        with pytest.raises(InvalidInput):
            deposit(world, mapping=wrong)
    assert left(place) == []
    assert deposit(world, mapping=b'separateur = ";"').mapping


def test_a_cut_before_the_commit_leaves_no_file(world, place, monkeypatch):
    def broken(**_):
        raise OSError("disk full")

    monkeypatch.setattr(actions, "record", broken)
    with pytest.raises(OSError, match="disk full"):
        deposit(world)
    assert (left(place), Deposit.objects.count()) == ([], 0)
