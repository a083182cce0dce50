"""What a token opens: its convention through its team, until its end, and nothing that is written elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.test import Client
from small_store import RENT, make_store
from small_world import NOW, TODAY, line

from allervers.apps.audit.models import Entry
from allervers.apps.findings.models import FollowUp
from allervers.apps.findings.permissions import visible
from allervers.apps.partnership.models import Convention, Habilitation, Team, Token
from allervers.apps.partnership.tokens.actions import revoke_token
from allervers.apps.people.models import Opposition

OPEN_TO_TOKENS = ["findings", "events", "unsettled", "token", "organisations", "teams", "conventions"]


def ids(client, path="findings"):
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.content
    return [one["id"] for one in response.json()["items"]]


def test_a_token_sees_what_the_agents_of_its_team_see(world, program):
    ours, theirs = line(world, 1), line(world, 2, commune="93010")
    line(world, 3, right="css_sans_participation")
    line(world, 4, commune="")
    client = program()
    assert ids(client) == [ours.pk] == list(visible(world.agent, TODAY).values_list("pk", flat=True))
    assert client.get(f"/api/v1/findings/{theirs.pk}").status_code == 404
    assert client.get(f"/api/v1/households/{theirs.household}/findings").status_code == 404


def test_the_token_of_the_neighbour_sees_theirs(world, program, neighbour_admin):
    ours, theirs = line(world, 1), line(world, 2, commune="93010")
    client = program(acting_user=neighbour_admin, team=world.team_of_bondy)
    assert ids(client) == [theirs.pk]
    report = {"progress": "settled", "version": 0}
    answer = client.put(f"/api/v1/findings/{ours.pk}/progress", report, content_type="application/json")
    assert answer.status_code == 404
    assert not FollowUp.objects.exists()


def test_another_team_of_the_organisation_has_its_own_missions(world, program):
    line(world, 1)
    other = Team.objects.create(organisation=world.saint_denis, name="Seniors", communes=["93066"], rights=["aspa"])
    aspa = line(world, 2, right="aspa")
    assert ids(program(team=other)) == [aspa.pk]


@pytest.mark.parametrize("path", OPEN_TO_TOKENS)
def test_without_token_nothing(world, path):
    response = Client().get(f"/api/v1/{path}")
    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("key", ["", "rien", "allervers_", "allervers_" + "a" * 43, "é", "allervers_\x00"])
def test_a_key_that_is_nobodys_is_refused(world, key):
    client = Client(headers={"Authorization": f"Bearer {key}"})
    assert client.get("/api/v1/findings").status_code == 401


def test_a_session_of_the_pages_opens_nothing(world, signed_in):
    assert signed_in(world.agent).get("/api/v1/findings").status_code == 401


def test_a_revoked_token_is_refused_at_once(world, program):
    client = program()
    assert client.get("/api/v1/findings").status_code == 200
    revoke_token(acting_user=world.admin, now=NOW, token=client.token)
    response = client.get("/api/v1/findings")
    assert (response.status_code, response.json()["message"]) == (401, "Ce jeton a été révoqué.")


def at(monkeypatch, day: date, hour: int = 12):
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def test_a_token_ends_on_its_day(world, program, monkeypatch):
    client = program(expires_on=date(2026, 11, 30))
    at(monkeypatch, date(2026, 11, 29))
    assert client.get("/api/v1/findings").status_code == 200
    at(monkeypatch, date(2026, 11, 29), 23)  # already the 30th in Paris
    assert client.get("/api/v1/findings").status_code == 401
    at(monkeypatch, date(2026, 11, 30))
    assert client.get("/api/v1/findings").status_code == 401


def test_the_end_of_the_convention_closes_the_token_the_same_day(world, program):
    line(world)
    client = program()
    assert len(ids(client)) == 1
    Convention.objects.filter(pk=world.convention.pk).update(ends_on=TODAY)
    for path in OPEN_TO_TOKENS:
        assert client.get(f"/api/v1/{path}").status_code == 401


@pytest.mark.parametrize("change", ["unsigned", "purpose", "organisation", "team_moved"])
def test_what_else_closes_a_token(world, program, change):
    line(world)
    client = program()
    if change == "unsigned":
        Convention.objects.update(signed_on=None)
    elif change == "purpose":
        Convention.objects.update(purpose="attribution")
    elif change == "organisation":
        world.saint_denis.is_active = False
        world.saint_denis.save()
    else:
        Team.objects.filter(pk=world.team.pk).update(organisation=world.bondy)
    assert client.get("/api/v1/findings").status_code == 401


def test_an_organisation_that_no_longer_receives_sees_nothing(world, program):
    line(world)
    client = program()
    world.convention.parties.filter(organisation=world.saint_denis).delete()
    assert ids(client) == []
    assert client.get("/api/v1/token").json()["refusals"] != []


def test_lists_made_from_an_ended_convention_are_closed(world, program):
    found = line(world)
    client = program()
    world.publication.conventions = [world.convention.reference, "FINIE"]
    world.publication.save()
    assert client.get("/api/v1/findings").json()["publication"] is None
    assert client.get(f"/api/v1/households/{found.household}/findings").status_code == 404


def test_who_opposes_disappears_at_once(world, program):
    found = line(world)
    client = program()
    Opposition.objects.create(household=found.household, person="personne-1", asked_at=NOW)
    assert ids(client) == []
    assert client.get(f"/api/v1/findings/{found.pk}").status_code == 404


def test_nothing_written_elsewhere_widens_a_token(world, program):
    """Named by another convention, member of another team: the account of a program gains nothing."""
    line(world, 1)
    line(world, 2, commune="93010")
    line(world, 3, right="aah")
    client = program()
    account = client.token.account
    wide = Convention.objects.create(
        reference="LARGE", title="Large", purpose="information", legal_base="x", starts_on=date(2026, 1, 1),
        ends_on=date(2027, 1, 1), signed_on=date(2026, 1, 1), dpo_contact="dpo@test.invalid",
    )  # fmt: skip
    wide.parties.create(organisation=world.saint_denis, side="receives", categories=["droits"], rights=["aah"])
    Habilitation.objects.create(convention=wide, user=account, starts_on=date(2026, 1, 1))
    Team.objects.create(
        organisation=world.saint_denis, name="Tout", communes=["93066", "93010"], rights=["aah", "rsa"]
    ).members.add(account)
    assert len(ids(client)) == 1


def test_reading_a_household_is_written_in_its_register(world, program):
    found = line(world)
    line(world, 2, household=found.household, right="aspa", progress="settled")
    client = program()
    answer = client.get(f"/api/v1/households/{found.household}/findings")
    assert [one["right"] for one in answer.json()["items"]] == ["rsa", "aspa"]
    entry = Entry.objects.get(kind="household", target=found.household)
    assert (entry.action, entry.actor) == ("household_viewed", client.token.account.public_id)
    assert (entry.convention, entry.purpose) == (world.convention.reference, "information")
    assert entry.details == {"token": client.token.pk}
    client.get(f"/api/v1/findings/{found.pk}")
    assert Entry.objects.filter(kind="household", target=found.household).count() == 2


def test_reading_a_list_is_written_too(world, program):
    line(world)
    client = program()
    ids(client)
    entry = Entry.objects.get(action="list_read")
    assert entry.details == {"token": client.token.pk, "lines": 1, "page": 1}


def test_no_identity_nor_person_goes_through(world, program):
    found = line(world, agent=world.agent)
    client = program()
    for path in ("findings", f"findings/{found.pk}", f"households/{found.household}/findings", "teams", "conventions"):
        text = client.get(f"/api/v1/{path}").content.decode()
        for hidden in (world.agent.full_name, world.agent.email, found.person, "public_id"):
            assert hidden not in text


def test_partners_are_those_of_the_organisation(world, program):
    client = program()
    Convention.objects.create(
        reference="AUTRES", title="Autres", purpose="information", legal_base="x", starts_on=date(2026, 1, 1),
        ends_on=date(2027, 1, 1), dpo_contact="dpo@test.invalid",
    )  # fmt: skip
    codes = {one["code"] for one in client.get("/api/v1/organisations").json()["items"]}
    assert codes == {"caf-93", "ccas-bondy", "ccas-saint-denis"}
    assert [one["name"] for one in client.get("/api/v1/teams").json()["items"]] == ["Droits"]
    assert [one["reference"] for one in client.get("/api/v1/conventions").json()["items"]] == ["CONV-TEST"]


def test_the_last_use_is_remembered_a_minute_near(world, program, monkeypatch):
    client = program()
    client.get("/api/v1/token")
    assert Token.objects.get().last_used_at == NOW
    later = NOW.replace(second=59)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    client.get("/api/v1/token")
    assert Token.objects.get().last_used_at == NOW


def test_households_to_complete_follow_the_same_missions(world, program, neighbour_admin, monkeypatch, tmp_path):
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))
    client = program()
    shown = client.get("/api/v1/unsettled").json()["items"]
    assert [(one["household"], one["rights"]) for one in shown] == [
        ("menage-2", ["aspa", "rsa"]),
        ("menage-1", ["aspa"]),
    ]  # fmt: skip
    assert shown[0]["questions"][0] == {"text": RENT, "rights": 2}
    assert [one["household"] for one in client.get("/api/v1/unsettled?right=rsa").json()["items"]] == ["menage-2"]
    assert client.get("/api/v1/unsettled?sort=autre").status_code == 400
    theirs = program(acting_user=neighbour_admin, team=world.team_of_bondy)
    assert [one["household"] for one in theirs.get("/api/v1/unsettled").json()["items"]] == ["menage-9"]
    assert Entry.objects.filter(action="list_read").count() == 3
