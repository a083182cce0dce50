"""What the data protection officer reads: their organisation's register, who consulted a household, the requests."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from small_world import NOW, REFERENCE, account, line

from allervers.apps.accounts.domain import Role
from allervers.apps.audit.actions import record
from allervers.apps.audit.models import Entry
from allervers.apps.findings.actions import ask_correction
from allervers.apps.findings.models import CorrectionRequest
from allervers.apps.partnership.models import Organisation
from allervers.apps.people.models import Opposition

PAGES = ("/registre/", "/registre/export.csv", "/registre/menage/?menage=m-1", "/registre/demandes/")


def viewed(user, household="m-1", days=0, convention=REFERENCE):
    return record(
        acting_user=user, now=NOW + timedelta(days=days), action="household_viewed", kind="household",
        target=household, purpose="information", convention=convention,
    )  # fmt: skip


@pytest.fixture
def officer_of_bondy(world):
    return world.officer_of_bondy


def shown(client, query=""):
    return [(row.actor, row.action, row.target) for row in client.get(f"/registre/?{query}").context["rows"]]


@pytest.mark.parametrize("who", ["agent", "manager", "admin", "analyst", "platform"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_closed_to(world, signed_in, who, path):
    assert signed_in(getattr(world, who)).get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_closed_to_strangers(world, client, path):
    assert client.get(path)["Location"].startswith("/compte/connexion/")


def test_the_officer_reads_their_organisation_and_not_the_neighbour(world, signed_in, officer_of_bondy):
    viewed(world.agent)
    viewed(world.neighbour, "m-2")
    assert shown(signed_in(world.officer)) == [("Agent", "Dossier consulté", "m-1")]
    assert shown(signed_in(officer_of_bondy)) == [("Voisin", "Dossier consulté", "m-2")]


def test_failures_against_our_accounts_are_read_by_us_alone(world, signed_in, officer_of_bondy):
    for target in (world.agent.public_id, ""):
        record(acting_user=None, now=NOW, action="sign_in_failed", kind="account", target=target)
    assert shown(signed_in(world.officer)) == [("Traitement", "Connexion échouée", "Agent")]
    assert shown(signed_in(officer_of_bondy)) == []


def test_an_action_of_the_platform_on_our_account_does_not_name_who(world, signed_in):
    record(acting_user=world.platform, now=NOW, action="account_closed", kind="account", target=world.admin.public_id)
    assert shown(signed_in(world.officer)) == [("Autre organisme", "Compte fermé", "Administration")]


def test_search_by_household_account_action_and_dates(world, signed_in):
    viewed(world.agent, "m-1")
    viewed(world.manager, "m-12", days=1)
    record(acting_user=world.agent, now=NOW + timedelta(days=2), action="signed_in", kind="account", target="x")
    client = signed_in(world.officer)
    assert [row[2] for row in shown(client, "menage=m-1")] == ["m-12", "m-1"]
    assert [row[2] for row in shown(client, "compte=respons")] == ["m-12"]
    assert [row[2] for row in shown(client, "compte=AGENT@")] == ["x", "m-1"]
    assert [row[2] for row in shown(client, "action=household_viewed")] == ["m-12", "m-1"]
    assert [row[2] for row in shown(client, "du=2026-11-25&au=2026-11-25")] == ["m-12"]
    assert len(shown(client, "du=hier&action=rien")) == 3
    page = client.get("/registre/?menage=zzz").content.decode()
    assert "Rien ne répond à cette recherche" in page


def test_a_day_is_a_day_of_here(world, signed_in):
    # 23:30 UTC on the 24th is the 25th in Paris.
    record(acting_user=world.agent, now=NOW.replace(hour=23, minute=30), action="signed_in", kind="account", target="x")
    client = signed_in(world.officer)
    assert shown(client, "du=2026-11-24&au=2026-11-24") == []
    assert len(shown(client, "du=2026-11-25&au=2026-11-25")) == 1


def test_the_export_holds_what_was_asked_and_is_told(world, signed_in):
    viewed(world.agent, "m-1")
    viewed(world.manager, "m-2")
    client = signed_in(world.officer)
    text = b"".join(client.get("/registre/export.csv?menage=m-1").streaming_content).decode("utf-8-sig")
    rows = text.splitlines()
    assert len(rows) == 2
    assert "Agent;ccas-saint-denis;Dossier consulté;ménage;m-1" in rows[1]
    entry = Entry.objects.get(action="register_exported")
    assert (entry.actor, entry.details) == (world.officer.public_id, {"entries": 1})


def test_an_export_longer_than_a_batch_is_whole(world, signed_in, monkeypatch):
    monkeypatch.setattr("allervers.apps.oversight.views._BATCH", 3)
    for number in range(10):
        viewed(world.agent, f"m-{number}")
    text = b"".join(signed_in(world.officer).get("/registre/export.csv").streaming_content).decode()
    assert [row.split(";")[6] for row in text.splitlines()[1:]] == [f"m-{n}" for n in reversed(range(10))]


def test_the_sheet_for_the_person_says_which_organisation_and_why_never_which_agent(world, signed_in):
    viewed(world.agent)
    viewed(world.neighbour)
    client = signed_in(world.officer)
    page = client.get("/registre/menage/?menage=m-1").content.decode()
    assert page.count("Informer les personnes de leurs droits") == 2
    assert "ccas-bondy" in page
    for name in ("Agent", "Voisin"):
        assert f">{name}<" not in page
    assert world.agent.public_id not in page
    assert Entry.objects.filter(action="readers_listed", target="m-1", actor=world.officer.public_id).count() == 1
    assert "readers_listed" not in client.get("/registre/menage/?menage=m-1").content.decode()


def test_the_sheet_stops_at_conventions_that_are_not_ours(world, signed_in):
    viewed(world.neighbour, convention="UNE-AUTRE")
    client = signed_in(world.officer)
    assert "Aucune consultation" in client.get("/registre/menage/?menage=m-1").content.decode()
    assert "Aucune consultation" in client.get("/registre/menage/?menage=m").content.decode()
    assert not Entry.objects.filter(action="readers_listed").exists()


def test_requests_of_correction_are_read_by_who_asks_and_who_answers(world, signed_in, officer_of_bondy):
    caf = Organisation.objects.get(code="caf-93")
    ask_correction(acting_user=world.agent, now=NOW, finding=line(world), partner=caf, category="ressources", version=0)
    officer_of_caf = account("dpo-caf", Role.DATA_PROTECTION_OFFICER, caf)
    for officer, sees in ((world.officer, True), (officer_of_caf, True), (officer_of_bondy, False)):
        page = signed_in(officer).get("/registre/demandes/").content.decode()
        assert ("menage-1" in page) is sees
        assert "600" not in re.sub(r"\?v=\w+", "", page)  # an amount; not the version of a file, which chance makes
    CorrectionRequest.objects.update(answered_at=NOW, is_corrected=True)
    client = signed_in(world.officer)
    assert "corrigée" in client.get("/registre/demandes/?etat=fait").content.decode()
    assert "Aucune demande" in client.get("/registre/demandes/?etat=attente").content.decode()


def test_oppositions_are_read_by_the_organisation_that_recorded_them(world, signed_in, officer_of_bondy):
    Opposition.objects.create(household="m-1", person="p-1", asked_at=NOW, recorded_by=world.agent)
    page = signed_in(world.officer).get("/registre/demandes/?quoi=oppositions").content.decode()
    assert "m-1" in page
    assert "p-1" not in page
    assert "m-1" not in signed_in(officer_of_bondy).get("/registre/demandes/?quoi=oppositions").content.decode()


def test_a_closed_officer_reads_nothing(world, signed_in):
    client = signed_in(world.officer)
    world.officer.is_active = False
    world.officer.save()
    assert client.get("/registre/").status_code == 302


@pytest.mark.parametrize(("path", "most"), [("/registre/", 14), ("/registre/demandes/?quoi=oppositions", 12)])
def test_lists_cost_the_same_however_long(world, signed_in, django_assert_max_num_queries, path, most):
    for number in range(120):
        viewed(world.agent if number % 2 else world.manager, f"m-{number}")
        Opposition.objects.create(household="m", person=f"p-{number}", asked_at=timezone.now(), recorded_by=world.agent)
    client = signed_in(world.officer)
    with django_assert_max_num_queries(most):
        page = client.get(f"{path}{'&' if '?' in path else '?'}page=2")
    assert "Page 2 sur 3" in page.content.decode()


def test_part_of_an_identifier_is_never_read_as_nobody_looked(world, signed_in):
    html = signed_in(world.officer).get("/registre/menage/?menage=66e588b6").content.decode()
    assert "Cet identifiant est incomplet" in html
    assert "Aucune consultation" not in html
