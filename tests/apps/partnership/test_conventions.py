"""Conventions: drafted, signed by each side, immutable, ended, renewed. Nobody opens data for themselves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from small_world import NOW, TODAY, line

from allervers.apps.audit.models import Entry
from allervers.apps.findings.permissions import visible
from allervers.apps.partnership.actions.conventions import (
    Exchange,
    Terms,
    change_draft,
    draft_convention,
    end_early,
    remove_party,
    renew,
    set_party,
    sign,
)
from allervers.apps.partnership.domain import ConventionState, Side, state_of
from allervers.apps.partnership.models import Convention, Organisation, Party
from allervers.apps.partnership.queries import conventions_of, import_party
from allervers.foundation.errors import Conflict, InvalidInput, Refused

pytestmark = pytest.mark.usefixtures("in_november")

TERMS = Terms(
    reference="CONV-2", title="Suite", purpose="information", legal_base="CRPA L. 114-8",
    starts_on=date(2026, 11, 1), ends_on=date(2027, 11, 1), dpo_contact="dpo@test.invalid",
)  # fmt: skip
GIVES = Exchange(categories=("identite", "droits"), formats=("caf_allocataires",), excluded=("dossiers.loyer",))
RECEIVES = Exchange(categories=("identite",), rights=("rsa",), events=("separation",))


def caf() -> Organisation:
    return Organisation.objects.get(code="caf-93")


def draft(by, terms=TERMS) -> Convention:
    return draft_convention(acting_user=by, now=NOW, terms=terms)


def put(by, convention, organisation, side, exchange) -> Party:
    convention.refresh_from_db()
    return set_party(
        acting_user=by, now=NOW, convention=convention, version=convention.version, organisation=organisation,
        side=side, exchange=exchange,
    )  # fmt: skip


def signs(by, convention) -> Convention:
    convention.refresh_from_db()
    return sign(acting_user=by, now=NOW, today=TODAY, convention=convention, version=convention.version)


@pytest.fixture
def ready(world) -> Convention:
    """A draft of the CCAS of Saint-Denis that the Caf gives under: complete, unsigned."""
    made = draft(world.admin)
    put(world.admin, made, world.saint_denis, Side.RECEIVES, RECEIVES)
    put(world.admin, made, caf(), Side.GIVES, GIVES)
    return made


def test_a_draft_opens_nothing(world, ready):
    assert ready.state_on(TODAY) == ConventionState.DRAFT
    assert import_party("caf-93", "CONV-2", TODAY) is None


def test_it_comes_into_force_with_the_signature_of_every_side(world, ready):
    assert signs(world.admin, ready).signed_on is None
    assert import_party("caf-93", "CONV-2", TODAY) is None
    assert signs(world.admin_of_caf, ready).signed_on == TODAY
    assert import_party("caf-93", "CONV-2", TODAY).formats == ["caf_allocataires"]
    done = [entry.action for entry in Entry.objects.filter(kind="convention", target=str(ready.pk))]
    assert done[-3:] == ["convention_signed", "convention_signed", "convention_in_force"]
    assert signs(world.admin_of_caf, ready).signed_on == TODAY


@pytest.mark.parametrize("who", ["outsider", "admin_of_bondy", "agent", "officer", "platform"])
def test_nobody_signs_for_an_organisation_that_has_its_administrator(world, ready, who):
    with pytest.raises(PermissionDenied):
        signs(getattr(world, who), ready)


def test_the_platform_writes_down_the_signature_of_who_has_no_administrator(world, ready):
    world.admin_of_caf.is_active = False
    world.admin_of_caf.save()
    assert signs(world.platform, ready).signed_on is None, "the other side has its administrator"
    assert signs(world.admin, ready).signed_on == TODAY


def test_a_change_undoes_the_signatures(world, ready):
    signs(world.admin_of_caf, ready)
    put(world.admin, ready, world.saint_denis, Side.RECEIVES, replace(RECEIVES, rights=("rsa", "aspa")))
    assert not ready.parties.exclude(signed_at=None).exists()
    assert signs(world.admin, ready).signed_on is None


def test_what_was_read_is_what_is_signed(world, ready):
    ready.refresh_from_db()
    read = ready.version
    put(world.admin, ready, world.saint_denis, Side.RECEIVES, RECEIVES)
    with pytest.raises(Conflict):
        sign(acting_user=world.admin_of_caf, now=NOW, today=TODAY, convention=ready, version=read)


def test_signed_the_text_no_longer_changes_for_anybody(world, ready):
    signs(world.admin, ready)
    signs(world.admin_of_caf, ready)
    ready.refresh_from_db()
    for who in (world.admin, world.admin_of_caf, world.platform):
        with pytest.raises(Refused):
            change_draft(acting_user=who, now=NOW, convention=ready, version=ready.version, terms=TERMS)
        with pytest.raises(Refused):
            put(who, ready, world.saint_denis, Side.RECEIVES, RECEIVES)
        with pytest.raises(Refused):
            remove_party(acting_user=who, now=NOW, convention=ready, version=ready.version, party=ready.parties.first())


@pytest.mark.parametrize("who", ["agent", "manager", "analyst", "officer"])
def test_only_administrators_draft(world, who):
    with pytest.raises(PermissionDenied):
        draft(getattr(world, who))
    assert not Convention.objects.filter(reference="CONV-2").exists()


@pytest.mark.parametrize("who", ["outsider", "admin_of_bondy"])
def test_only_a_party_changes_a_draft(world, ready, who):
    with pytest.raises(PermissionDenied):
        change_draft(acting_user=getattr(world, who), now=NOW, convention=ready, version=3, terms=TERMS)
    assert not conventions_of(getattr(world, who)).filter(pk=ready.pk).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": "fraude"}, {"purpose": "controle"}, {"purpose": ""}, {"ends_on": TERMS.starts_on},
        {"ends_on": date(2040, 1, 1)}, {"reference": "x"}, {"reference": "CONV-TEST"}, {"title": " "},
        {"legal_base": ""}, {"reference": "a\nb;DROP"},
    ],
)  # fmt: skip
def test_terms_that_do_not_hold_are_refused(world, wrong):
    with pytest.raises((InvalidInput, Refused)):
        draft(world.admin, replace(TERMS, **wrong))
    assert Convention.objects.count() == 1


@pytest.mark.parametrize(
    ("side", "exchange"),
    [
        (Side.GIVES, replace(GIVES, formats=("inconnu",))),
        (Side.GIVES, replace(GIVES, excluded=("dossiers.dossier_key",))),
        (Side.GIVES, replace(GIVES, categories=("opinions",))),
        (Side.GIVES, replace(GIVES, rights=("rsa",))),
        (Side.RECEIVES, replace(RECEIVES, rights=("inconnu",))),
        (Side.RECEIVES, replace(RECEIVES, formats=("caf_allocataires",))),
        ("other", RECEIVES),
    ],
)
def test_exchanges_that_mean_nothing_are_refused(world, ready, side, exchange):
    before = list(ready.parties.order_by("pk").values())
    with pytest.raises(InvalidInput):
        put(world.admin, ready, caf(), side, exchange)
    assert list(ready.parties.order_by("pk").values()) == before


def test_an_incomplete_convention_is_not_signed(world):
    made = draft(world.admin)
    with pytest.raises(Refused, match="fournit"):
        signs(world.admin, made)
    put(world.admin, made, caf(), Side.GIVES, GIVES)
    with pytest.raises(Refused, match="complet"):
        signs(world.admin, made)


def test_a_convention_whose_dates_are_past_is_not_signed(world, ready):
    Convention.objects.filter(pk=ready.pk).update(starts_on=date(2025, 1, 1), ends_on=TODAY)
    with pytest.raises(Refused, match="passées"):
        signs(world.admin, ready)


def test_its_early_end_closes_access_the_same_day(world):
    found = line(world)
    assert visible(world.agent, TODAY).filter(pk=found.pk).exists()
    for _ in range(2):
        end_early(acting_user=world.admin, now=NOW, today=TODAY, convention=world.convention, ends_on=TODAY)
    assert not visible(world.agent, TODAY).exists()
    assert import_party("caf-93", "CONV-TEST", TODAY) is None
    assert Entry.objects.filter(action="convention_ended").count() == 1


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), date(2027, 1, 2)])
def test_an_end_is_neither_past_nor_later(world, day):
    with pytest.raises(InvalidInput):
        end_early(acting_user=world.admin, now=NOW, today=TODAY, convention=world.convention, ends_on=day)


@pytest.mark.parametrize("who", ["outsider", "agent", "officer"])
def test_a_stranger_does_not_end_it(world, who):
    with pytest.raises(PermissionDenied):
        end_early(acting_user=getattr(world, who), now=NOW, today=TODAY, convention=world.convention, ends_on=TODAY)


def test_renewed_it_is_a_draft_that_follows_and_opens_nothing(world):
    made = renew(acting_user=world.admin, now=NOW, today=TODAY, convention=world.convention)
    again = renew(acting_user=world.admin_of_bondy, now=NOW, today=TODAY, convention=world.convention)
    assert made == again
    assert (made.signed_on, made.starts_on, made.reference) == (None, world.convention.ends_on, "CONV-TEST (2)")
    assert made.parties.count() == world.convention.parties.count()
    assert set(made.habilitations.values_list("user", flat=True)) == {
        world.agent.pk, world.manager.pk, world.neighbour.pk,
    }  # fmt: skip
    assert renew(acting_user=world.admin, now=NOW, today=TODAY, convention=made).reference == "CONV-TEST (3)"


def test_the_last_side_of_who_edits_stays(world, ready):
    own = ready.parties.get(organisation=world.saint_denis)
    ready.refresh_from_db()
    with pytest.raises(Refused):
        remove_party(acting_user=world.admin, now=NOW, convention=ready, version=ready.version, party=own)


@pytest.mark.parametrize(
    ("signed", "starts", "ends", "state"),
    [
        (None, -10, 10, "draft"), (-10, -10, 300, "in_force"), (-10, 10, 300, "coming"), (-10, -10, 30, "ending_soon"),
        (-10, -10, 0, "ended"), (-10, -10, 1, "ending_soon"), (-10, 10, 10, "ended"),
    ],
)  # fmt: skip
def test_states(signed, starts, ends, state):
    day = lambda n: None if n is None else TODAY + timedelta(days=n)  # noqa: E731
    assert state_of(day(signed), day(starts), day(ends), TODAY) == state


def test_by_the_pages_from_draft_to_signature(world, signed_in):
    admin = signed_in(world.admin)
    form = {name: str(getattr(TERMS, name)) for name in Terms.__slots__}
    form["ends_on"] = "2099-01-01"
    assert "5 ans au plus" in admin.post(reverse("convention-new"), form).content.decode()
    form["ends_on"] = "2028-11-01"
    page = admin.post(reverse("convention-new"), form, follow=True)
    made = Convention.objects.get(reference="CONV-2")
    assert "Ce brouillon n'ouvre rien" in page.content.decode()
    gives = {"organisation": caf().pk, "side": "gives", "categories": ["droits"], "formats": ["caf_allocataires"],
             "excluded": ["dossiers.loyer"], "version": made.version}  # fmt: skip
    assert admin.post(reverse("party-gives", args=[made.pk]), gives, follow=True).status_code == 200
    stale = admin.post(reverse("party-gives", args=[made.pk]), gives)
    assert "rien n&#x27;a été écrasé" in stale.content.decode()
    made.refresh_from_db()
    receives = {"organisation": world.saint_denis.pk, "side": "receives", "categories": ["droits"], "rights": ["rsa"],
                "version": made.version}  # fmt: skip
    page = admin.post(reverse("party-receives", args=[made.pk]), receives, follow=True).content.decode()
    assert "Logement et état du dossier : loyer" in page
    made.refresh_from_db()
    admin.post(reverse("convention-sign", args=[made.pk]), {"version": made.version})
    signed_in(world.admin_of_caf).post(reverse("convention-sign", args=[made.pk]), {"version": made.version})
    made.refresh_from_db()
    assert made.signed_on is not None
    assert admin.get(reverse("convention-edit", args=[made.pk])).status_code == 403
