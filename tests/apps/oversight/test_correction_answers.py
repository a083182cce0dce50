"""The partner that sent a datum answers for it: who may, what they see, and what becomes of the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from small_store import FAMILY, FAMILY_NAME, HOUSEHOLD, make_store
from small_world import NOW, World, account, line

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import User
from allervers.apps.audit.models import Entry
from allervers.apps.findings.actions import answer_correction, ask_correction, publish
from allervers.apps.findings.domain import Progress
from allervers.apps.findings.models import CorrectionRequest, Finding, FollowUp
from allervers.apps.partnership.models import Organisation
from allervers.foundation.errors import Conflict

pytestmark = pytest.mark.usefixtures("in_november")


@pytest.fixture
def officer_of_caf(world: World) -> User:
    return account("dpo-caf", Role.DATA_PROTECTION_OFFICER, Organisation.objects.get(code="caf-93"))


@pytest.fixture
def asked(world: World, monkeypatch, tmp_path: Path) -> CorrectionRequest:
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))
    return ask_correction(
        acting_user=world.agent, now=NOW, finding=line(world, household=HOUSEHOLD, unit=FAMILY),
        partner=Organisation.objects.get(code="caf-93"), category="logement", version=0,
    )  # fmt: skip


def where(asked: CorrectionRequest) -> tuple[str, str]:
    """Progress of the work, and of the line that shows it."""
    follow_up = FollowUp.objects.get(pk=asked.follow_up_id)
    return follow_up.progress, Finding.objects.get(unit=follow_up.unit, subject=follow_up.subject).progress


def test_the_partner_finds_its_own_record_and_it_is_written_down(asked, officer_of_caf, signed_in):
    page = signed_in(officer_of_caf).get(f"/registre/demandes/{asked.pk}/").content.decode()
    assert FAMILY_NAME.title() in page
    assert "607" not in page
    assert "12 Rue" not in page.title()
    entry = Entry.objects.get(action="correction_opened")
    assert (entry.actor, entry.target, entry.purpose) == (officer_of_caf.public_id, HOUSEHOLD, "rectification")


def test_a_partner_reads_no_record_that_another_gave(asked, world, signed_in):
    asked.partner = world.saint_denis
    asked.save()
    page = signed_in(world.officer).get(f"/registre/demandes/{asked.pk}/").content.decode()
    assert FAMILY_NAME.title() not in page
    assert "Aucune fiche de votre organisme" in page


@pytest.mark.parametrize("who", ["officer", "officer_of_bondy", "agent", "admin_of_caf"])
def test_others_may_neither_open_nor_answer(asked, world, signed_in, who):
    client = signed_in(getattr(world, who))
    assert client.get(f"/registre/demandes/{asked.pk}/").status_code in {403, 404}
    assert client.post(f"/registre/demandes/{asked.pk}/reponse/", {"answer": "kept"}).status_code in {403, 404}
    with pytest.raises(PermissionDenied):
        answer_correction(acting_user=getattr(world, who), now=NOW, request=asked, is_corrected=False)
    asked.refresh_from_db()
    assert asked.answered_at is None


def test_a_datum_kept_gives_the_line_back_at_once(asked, officer_of_caf, world, signed_in):
    assert where(asked) == (Progress.WRONG_DATA, Progress.WRONG_DATA)
    client = signed_in(officer_of_caf)
    assert client.post(f"/registre/demandes/{asked.pk}/reponse/", {"answer": "kept"}).status_code == 302
    assert where(asked) == (Progress.TO_DO, Progress.TO_DO)
    page = signed_in(world.agent).get(f"/listes/menages/{HOUSEHOLD}/").content.decode()
    assert "donnée maintenue" in page
    assert Entry.objects.filter(action="correction_answered", target=HOUSEHOLD).count() == 1


def test_a_datum_corrected_comes_back_with_the_next_lists(asked, officer_of_caf, world, tmp_path, monkeypatch):
    answer_correction(acting_user=officer_of_caf, now=NOW, request=asked, is_corrected=True)
    assert where(asked) == (Progress.WRONG_DATA, Progress.WRONG_DATA)
    import polars as pl

    monkeypatch.setattr("allervers.apps.findings.actions.lines_of", lambda folder: pl.DataFrame())
    monkeypatch.setattr("allervers.apps.findings.actions.insert_lines", lambda *_: None)
    publish(acting_user=None, now=NOW, folder=tmp_path, month="2026-12", law="x", conventions=[], is_synthetic=True)
    assert FollowUp.objects.get(pk=asked.follow_up_id).progress == Progress.TO_DO


def test_while_another_partner_has_not_answered_the_line_waits(asked, officer_of_caf, world):
    CorrectionRequest.objects.create(
        follow_up=asked.follow_up, household=HOUSEHOLD, partner=world.bondy, category="logement",
        asked_by=world.agent, asked_at=NOW,
    )  # fmt: skip
    answer_correction(acting_user=officer_of_caf, now=NOW, request=asked, is_corrected=False)
    assert where(asked) == (Progress.WRONG_DATA, Progress.WRONG_DATA)


def test_an_answer_is_given_once(asked, officer_of_caf, signed_in):
    client = signed_in(officer_of_caf)
    assert client.post(f"/registre/demandes/{asked.pk}/reponse/", {}, follow=True).status_code == 200
    answer_correction(acting_user=officer_of_caf, now=NOW, request=asked, is_corrected=True)
    with pytest.raises(Conflict):
        answer_correction(acting_user=officer_of_caf, now=NOW, request=asked, is_corrected=False)
    assert client.post(f"/registre/demandes/{asked.pk}/reponse/", {"answer": "kept"}).status_code == 409
    page = client.get(f"/registre/demandes/{asked.pk}/").content.decode()
    assert "La donnée est corrigée" in page


def test_a_line_already_reopened_by_an_agent_is_left_alone(asked, officer_of_caf, world):
    from allervers.apps.findings.actions import change_progress

    finding = Finding.objects.get(unit=FAMILY)
    change_progress(acting_user=world.agent, now=NOW, finding=finding, progress=Progress.IN_CHARGE, version=1)
    answer_correction(acting_user=officer_of_caf, now=NOW, request=asked, is_corrected=False)
    assert where(asked) == (Progress.IN_CHARGE, Progress.IN_CHARGE)
