"""Habilitations, teams, organisations, and the page that tells who sees what and why not."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from small_world import NOW, TODAY, account, line

from allervers.apps.accounts.domain import Role
from allervers.apps.audit.models import Entry
from allervers.apps.findings.permissions import visible
from allervers.apps.partnership.access import access_csv, access_rows
from allervers.apps.partnership.actions.habilitations import name_person, withdraw_person
from allervers.apps.partnership.actions.organisations import (
    change_organisation,
    create_organisation,
    save_team,
    set_organisation_active,
)
from allervers.apps.partnership.domain import REFUSALS_ABOUT, Refusal
from allervers.apps.partnership.models import Convention, Habilitation, Organisation, Party, Team
from allervers.apps.partnership.queries import scope_of, scopes_of
from allervers.foundation.errors import Conflict, InvalidInput, Refused

pytestmark = pytest.mark.usefixtures("in_november")
DAY = {"now": NOW, "today": TODAY}
TEAM = {"communes": ["93066"], "rights": ["rsa"], "events": [], "members": []}


def test_named_then_withdrawn_opens_and_closes_the_same_day(world):
    line(world)
    assert not visible(world.unnamed, TODAY).exists()
    for _ in range(2):
        named = name_person(acting_user=world.admin, convention=world.convention, named=world.unnamed, **DAY)
    assert visible(world.unnamed, TODAY).exists()
    for _ in range(2):
        withdraw_person(acting_user=world.admin, habilitation=named, **DAY)
    assert not visible(world.unnamed, TODAY).exists()
    again = name_person(acting_user=world.admin, convention=world.convention, named=world.unnamed, **DAY)
    assert visible(world.unnamed, TODAY).exists()
    assert (again.pk, again.granted_by) == (named.pk, world.admin)
    told = list(Entry.objects.filter(target=world.unnamed.public_id).values_list("action", flat=True))
    assert told == ["person_named", "person_withdrawn", "person_named"]


@pytest.mark.parametrize("who", ["admin_of_bondy", "admin_of_caf", "outsider", "manager", "officer", "platform"])
def test_only_their_own_administrator_names(world, who):
    with pytest.raises(PermissionDenied):
        name_person(acting_user=getattr(world, who), convention=world.convention, named=world.unnamed, **DAY)
    found = Habilitation.objects.get(user=world.agent)
    with pytest.raises(PermissionDenied):
        withdraw_person(acting_user=getattr(world, who), habilitation=found, **DAY)


@pytest.mark.parametrize("who", ["admin", "analyst", "officer"])
def test_a_role_that_sees_nobody_is_not_named(world, who):
    with pytest.raises(Refused):
        name_person(acting_user=world.admin, convention=world.convention, named=getattr(world, who), **DAY)


def test_nobody_is_named_under_an_ended_convention(world):
    Convention.objects.update(ends_on=TODAY)
    world.convention.refresh_from_db()
    with pytest.raises(Refused):
        name_person(acting_user=world.admin, convention=world.convention, named=world.unnamed, **DAY)


def test_a_deactivated_organisation_sees_and_sends_nothing(world):
    line(world)
    for active in (False, True):
        set_organisation_active(acting_user=world.platform, now=NOW, organisation=world.saint_denis, is_active=active)
        world.agent.refresh_from_db()
        assert visible(world.agent, TODAY).exists() is active
    assert visible(world.neighbour, TODAY).count() == 0


@pytest.mark.parametrize("who", ["admin", "officer", "agent"])
def test_only_the_platform_makes_organisations(world, who):
    with pytest.raises(PermissionDenied):
        create_organisation(acting_user=getattr(world, who), now=NOW, code="x-1", name="X", kind="ccas")
    with pytest.raises(PermissionDenied):
        set_organisation_active(acting_user=getattr(world, who), now=NOW, organisation=world.bondy, is_active=False)


def test_an_organisation_is_made_once_and_never_overwritten(world):
    values = {"acting_user": world.platform, "now": NOW, "code": "oph-93", "name": "OPH", "kind": "bailleur"}
    assert create_organisation(**values) == create_organisation(**values)
    with pytest.raises(InvalidInput):
        create_organisation(**values | {"name": "Autre"})
    with pytest.raises(InvalidInput):
        create_organisation(**values | {"code": "é / x"})
    made = Organisation.objects.get(code="oph-93")
    change_organisation(
        acting_user=world.platform, now=NOW, organisation=made, version=0, name="Office", kind="bailleur"
    )
    with pytest.raises(Conflict):
        change_organisation(
            acting_user=world.platform, now=NOW, organisation=made, version=0, name="Perdu", kind="bailleur"
        )
    made.refresh_from_db()
    assert made.name == "Office"


def test_a_team_changes_what_its_members_see_at_once(world):
    line(world)
    values = {"acting_user": world.admin, "now": NOW, "team": world.team, "name": "Droits"}
    save_team(**values, **TEAM | {"communes": ["93010"], "members": [world.agent]}, version=0)
    assert not visible(world.agent, TODAY).exists()
    with pytest.raises(Conflict):
        save_team(**values, **TEAM, version=0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"communes": ["75056"]}, {"rights": ["inconnu"]}, {"events": ["inconnu"]}, {"name": " "}, {"name": "Droits"},
    ],
)  # fmt: skip
def test_a_team_of_what_does_not_exist_is_refused(world, wrong):
    values = {"acting_user": world.admin, "now": NOW, "name": "Autre"} | TEAM | wrong
    with pytest.raises(InvalidInput):
        save_team(**values)
    assert Team.objects.count() == 2


def test_a_team_takes_nobody_of_another_house_and_only_its_own_administrator(world):
    with pytest.raises(InvalidInput):
        save_team(acting_user=world.admin, now=NOW, name="Autre", **TEAM | {"members": [world.neighbour]})
    for who in (world.admin_of_bondy, world.manager, world.platform):
        with pytest.raises(PermissionDenied):
            save_team(acting_user=who, now=NOW, name="Autre", team=world.team, **TEAM)


def reasons(user) -> set[Refusal]:
    return set(scope_of(user, TODAY).reasons)


def test_why_not(world):
    assert reasons(world.agent) == set()
    assert reasons(world.unnamed) == {Refusal.NOT_NAMED}
    assert reasons(world.officer) == {Refusal.ROLE}
    world.team.members.remove(world.agent)
    assert reasons(world.agent) == {Refusal.NO_TEAM}
    world.team.members.add(world.agent)
    Team.objects.update(communes=[])
    assert reasons(world.agent) == {Refusal.NO_TERRITORY}
    Team.objects.update(communes=["93066"], rights=["aah"], events=[])
    assert reasons(world.agent) == {Refusal.NO_COMMON_MISSION}
    Habilitation.objects.update(ends_on=TODAY)
    assert reasons(world.agent) == {Refusal.NAMING_ENDED}
    Convention.objects.update(ends_on=TODAY)
    assert reasons(world.agent) == {Refusal.NOT_IN_FORCE}
    Organisation.objects.update(is_active=False)
    world.agent.refresh_from_db()
    assert reasons(world.agent) == {Refusal.ORGANISATION_CLOSED}
    world.agent.is_active = False
    assert reasons(world.agent) == {Refusal.ACCOUNT_CLOSED}


def test_named_where_the_house_receives_nothing(world):
    Party.objects.filter(organisation=world.saint_denis).delete()
    assert reasons(world.agent) == {Refusal.NOT_RECEIVING}


def test_the_page_says_what_access_is_and_nothing_else(world):
    rows = {row.person: row for row in access_rows(world.officer, TODAY)}
    assert set(rows) == {
        world.agent, world.unnamed, world.manager, world.admin, world.analyst, world.officer,
    }, "its own house and no other"  # fmt: skip
    for person, row in rows.items():
        assert bool(row.opened) is bool(scope_of(person, TODAY))
    (opened,) = rows[world.agent].opened
    assert opened.communes == ("Saint-Denis",)
    assert opened.until == world.convention.ends_on
    assert rows[world.unnamed].refusals == (REFUSALS_ABOUT[Refusal.NOT_NAMED],)


def test_until_is_the_first_of_the_two_ends(world):
    ends = TODAY + timedelta(days=3)
    Habilitation.objects.filter(user=world.agent).update(ends_on=ends)
    assert scope_of(world.agent, TODAY).grants[0].until == ends
    assert not scope_of(world.agent, ends)


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        ({"acces": "oui"}, {"agent", "manager"}),
        ({"acces": "non"}, {"unnamed", "admin", "analyst", "officer"}),
        ({"droit": "rsa"}, {"agent", "manager"}),
        ({"droit": "aah"}, set()),
        ({"commune": "93010"}, set()),
        ({"convention": "CONV-TEST", "personne": "resp"}, {"manager"}),
    ],
)
def test_filters(world, asked, who):
    found = {row.person for row in access_rows(world.admin, TODAY, asked)}
    assert found == {getattr(world, name) for name in who}


@pytest.mark.parametrize("who", ["agent", "manager", "analyst", "platform"])
def test_others_are_shown_nothing(world, who):
    assert access_rows(getattr(world, who), TODAY) == []


def test_the_file_has_no_cell_that_runs(world):
    world.agent.full_name = "=HYPERLINK(1)"
    world.agent.save()
    text = access_csv(access_rows(world.admin, TODAY)).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert len(text.splitlines()) == 7


def test_taking_the_file_is_written_in_the_register(world, signed_in):
    answer = signed_in(world.officer).get(reverse("access-file"))
    assert answer["Cache-Control"] == "no-store"
    assert Entry.objects.filter(action="access_exported", actor=world.officer.public_id).count() == 1


PAGES = [
    ("access-matrix", "admin"), ("teams", "admin"), ("organisations", "platform"), ("conventions", "platform"),
    ("conventions", "admin"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "who"), PAGES)
def test_pages_read_as_much_for_one_as_for_many(world, signed_in, page, who):
    client, counts = signed_in(getattr(world, who)), []
    for wave in range(2):
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse(page)).status_code == 200
        counts.append(len(found))
        if wave == 0:
            many(world)
    assert counts[0] == counts[1], counts


def many(world) -> None:
    for number in range(20):
        organisation = Organisation.objects.create(code=f"org-{number}", name=f"Org {number}", kind="ccas")
        agent = account(f"agent-{number}", Role.AGENT, world.saint_denis)
        team = Team.objects.create(
            organisation=world.saint_denis, name=f"Équipe {number}", communes=["93066"], rights=["rsa"], events=[]
        )
        team.members.add(agent)
        convention = Convention.objects.create(
            reference=f"C-{number}", title="t", purpose="information", legal_base="b", starts_on=TODAY,
            ends_on=TODAY + timedelta(days=30), signed_on=TODAY, dpo_contact="d@test.invalid",
        )  # fmt: skip
        for one in (organisation, world.saint_denis):
            Party.objects.create(convention=convention, organisation=one, side="receives", rights=["rsa"])
        Habilitation.objects.create(convention=convention, user=agent, starts_on=TODAY)


def test_scopes_of_many_are_those_of_each(world):
    many(world)
    people = [world.agent, world.unnamed, world.manager, world.admin, world.neighbour]
    with CaptureQueriesContext(connection) as found:
        together = scopes_of(people, TODAY)
    assert together == {person.pk: scope_of(person, TODAY) for person in people}
    assert len(found) <= 4


def test_many_people_are_shown_by_pages_and_all_in_the_file(world, signed_in):
    for number in range(60):
        account(f"agent-{number:02}", Role.AGENT, world.saint_denis)
    client = signed_in(world.admin)
    seen = [
        row.person.pk
        for page in (1, 2, 3)
        for row in client.get(f"/partenariat/qui-voit-quoi/?page={page}").context["page"]
    ]
    first = client.get("/partenariat/qui-voit-quoi/")
    total = first.context["page"].paginator.count
    assert len(first.context["page"]) == 25
    assert len(set(seen)) == len(seen) == total > 60
    assert f"{total} personnes" in first.content.decode()
    assert "page=2" in first.content.decode()
    assert "page=" in client.get("/partenariat/qui-voit-quoi/?acces=non&page=2").content.decode()
