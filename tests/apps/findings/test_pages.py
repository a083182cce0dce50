"""Pages of the lists: what they show, to whom, with how many queries, and what they write in the register."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook
from small_store import ADDRESS, EMAIL, FAMILY, FAMILY_NAME, HOUSEHOLD, make_store
from small_world import line

from allervers.apps.audit.models import Entry
from allervers.apps.findings.models import SavedFilter
from allervers.apps.findings.templatetags.lines import channels_text
from allervers.apps.partnership.domain import Category
from allervers.apps.people.models import Opposition
from allervers.rights.catalogue import catalogue


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))


@pytest.fixture
def home(world, store):
    return line(
        world, household=HOUSEHOLD, unit=FAMILY, amount_eur_month=607.75, since_month="2026-09", eur_lost=1215.5
    )


def queries_of(client: Client, path: str) -> int:
    from django.db import connection

    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", ["/listes/", "/listes/?voie=unknown", "/listes/mon-travail/", "/listes/equipe/"])
def test_as_many_queries_for_many_lines_as_for_one(world, signed_in, path):
    client = signed_in(world.manager)
    line(world, 1, agent=world.agent)
    client.get(path)
    few = queries_of(client, path)
    for rank in range(2, 45):
        line(world, rank, agent=world.agent if rank % 2 else None)
    assert queries_of(client, path) == few <= 22


def test_the_most_urgent_line_comes_first_and_pages_follow(world, signed_in):
    for rank in range(120, 0, -1):
        line(world, rank)
    client = signed_in(world.agent)
    first = client.get("/listes/").context["page"]
    assert [found.rank for found in first][:3] == [1, 2, 3]
    assert [found.rank for found in client.get("/listes/?page=3").context["page"]] == list(range(101, 121))
    assert client.get("/listes/?page=rien").status_code == 200


@pytest.mark.parametrize(
    ("query", "ranks"),
    [
        ("droit=aspa", [2]), ("evenement=separation", [3]), ("euros=700", [2]), ("mois=6", [2]),
        ("avant=2026-11-30", [3]), ("contact=non", [3]), ("avancement=in_charge", [4]), ("suivi=personne", [1, 2, 3]),
        ("menage=menage-2", [2]), ("statut=not_computable", [5]), ("commune=93010", [1, 2, 3, 4]),
        ("voie=letter", [1, 2]), ("voie=sms", [2]), ("voie=email", []), ("voie=none", [3]), ("voie=unknown", [4]),
        ("voie=pigeon", [1, 2, 3, 4]),
        ("tri=montant", [2, 1, 4, 3]),
        ("euros=beaucoup", [1, 2, 3, 4]), ("suivi=999", []), ("suivi=" + "9" * 40, [1, 2, 3, 4]),
    ],
)  # fmt: skip
def test_filters(world, signed_in, query, ranks):
    line(world, 1, channels="letter")
    line(world, 2, right="aspa", amount_eur_month=900.0, months_persisting=8, channels="letter,phone,sms")
    line(
        world,
        3,
        kind="event",
        right="",
        event="separation",
        deadline_on="2026-11-29",
        may_contact=False,
        channels="",
        amount_eur_month=None,
    )
    line(world, 4, progress="in_charge", agent=world.agent)
    line(world, 5, status="not_computable", is_to_act=False, amount_eur_month=None)
    page = signed_in(world.agent).get(f"/listes/?{query}").context["page"]
    assert [found.rank for found in page] == ranks


def test_only_rights_that_a_list_may_hold_are_offered(world, signed_in):
    followed, nowhere = {"rsa", "domiciliation"}, {right.id for right in catalogue().values() if not right.is_followed}
    for holder in (world.convention.parties.get(organisation=world.saint_denis), world.team):
        holder.rights = list(catalogue())
        holder.save()
    client = signed_in(world.agent)
    of_lists = {code for code, _ in client.get("/listes/").context["form"].fields["droit"].choices}
    to_settle = {code for code, _ in client.get("/listes/a-completer/").context["form"].fields["droit"].choices}
    assert followed <= of_lists
    assert nowhere
    assert not of_lists & nowhere
    assert "rsa" in to_settle
    assert "domiciliation" not in to_settle


@pytest.mark.parametrize(
    ("query", "heading", "order"),
    [("", "Urgence", "ascending"), ("tri=recuperable", "Récupérable", "descending"),
     ("tri=echeance", "Échéance", "ascending"), ("tri=rien", "Urgence", "ascending")],
)  # fmt: skip
def test_one_column_says_the_order_of_the_list(world, signed_in, query, heading, order):
    line(world, 1, eur_recoverable=300.0)
    page = signed_in(world.agent).get(f"/listes/?{query}").content.decode()
    [(said, shown)] = re.findall(r'aria-sort="(\w+)"[^>]*><a[^>]*>([^<]+) <span', page)
    assert (said, shown) == (order, heading)


def test_what_can_be_recovered_is_a_column_that_sorts(world, signed_in):
    line(world, 1, eur_recoverable=100.0)
    line(world, 2, eur_recoverable=None)
    line(world, 3, eur_recoverable=1234.5)
    page = signed_in(world.agent).get("/listes/?tri=recuperable")
    assert [found.rank for found in page.context["page"]] == [3, 1, 2]
    assert "1\u202f234,50" in page.content.decode()


@pytest.mark.parametrize(("ticked", "told"), [((1,), "1 ligne confiée."), ((1, 2), "2 lignes confiées.")])
def test_lines_given_are_counted_in_words(world, signed_in, ticked, told):
    lines = [line(world, rank).pk for rank in (1, 2)]
    sent = {"lines": [lines[rank - 1] for rank in ticked], "to": f"{world.team.pk}", "back": "/listes/"}
    page = signed_in(world.manager).post("/listes/confier/", sent, follow=True).content.decode()
    assert told in page


def test_nothing_open_is_said_with_its_reason(world, signed_in):
    line(world)
    page = signed_in(world.unnamed).get("/listes/").content.decode()
    assert "Aucune convention en vigueur ne vous habilite nommément" in page
    assert "menage-1" not in page


def test_an_ended_convention_is_said(world, signed_in):
    line(world)
    world.publication.conventions = ["FINIE", world.convention.reference]
    world.publication.save()
    page = signed_in(world.agent).get("/listes/").content.decode()
    assert "Les listes sont fermées" in page
    assert "FINIE" in page


def test_the_household_shows_why_and_is_written_in_the_register(world, signed_in, home):
    page = signed_in(world.agent).get(f"/listes/menages/{HOUSEHOLD}/").content.decode()
    for told in (
        "Zelie Marqueur", ADDRESS, "06 39 98 01 02", EMAIL,
        "607,75", "1\u202f215,50", " : 42,00", "Quelles pensions sont versées ?",
        "Aucune grossesse déclarée n&#x27;est connue", "Aucun isolement récent",
        "Séparation", "310", "Complémentaire santé solidaire",
    ):  # fmt: skip
        assert told in page
    # Known, or read by another right: nothing is supposed of them here.
    assert "Aucune colocation" not in page
    assert "inaptitude" not in page
    entry = Entry.objects.get(action="household_viewed")
    assert (entry.actor, entry.target, entry.convention) == (
        world.agent.public_id, HOUSEHOLD, world.convention.reference,
    )  # fmt: skip


@pytest.mark.parametrize("who", ["neighbour", "unnamed", "admin", "analyst", "officer", "platform"])
def test_a_household_is_closed_to_others(world, signed_in, home, who):
    answer = signed_in(getattr(world, who)).get(f"/listes/menages/{HOUSEHOLD}/")
    assert answer.status_code == 403
    assert FAMILY_NAME.title() not in answer.content.decode()
    assert not Entry.objects.filter(action="household_viewed").exists()


def test_categories_that_the_convention_does_not_open_stay_closed(world, signed_in, home):
    party = world.convention.parties.get(organisation=world.saint_denis)
    party.categories = [str(Category.DROITS)]
    party.save()
    page = signed_in(world.agent).get(f"/listes/menages/{HOUSEHOLD}/").content.decode()
    for closed in ("Zelie", ADDRESS, "39 98", EMAIL, "310", "1980", "Séparation", " : 42,00"):
        assert closed not in page
    assert "n&#x27;ouvre pas les sommes versées" in page or "n'ouvre pas les sommes versées" in page


def test_exports_hold_the_same_lines_and_no_formula(world, signed_in):
    line(world, 1, deadline_reason="=cmd()", channels="letter,sms")
    line(world, 2, commune="93010")
    client = signed_in(world.agent)
    text = b"".join(client.get("/listes/export.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["Ménage"] for row in rows] == ["menage-1"]
    assert rows[0]["Raison de l'échéance"] == "'=cmd()"
    assert rows[0]["Voie de contact"] == "Courrier, SMS"
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/listes/export.xlsx").content)).get_sheet_by_index(0)
    assert [row[0] for row in sheet.to_python()] == ["Ménage", "menage-1"]
    assert Entry.objects.filter(action="list_exported").count() == 2
    assert client.get("/listes/export.exe").status_code == 404


@pytest.mark.parametrize(("channels", "told"), [(None, "inconnue"), ("", "aucune connue"), ("email", "Courriel")])
def test_no_channel_is_not_an_unknown_one(world, channels, told):
    assert channels_text(line(world, channels=channels)) == told


def test_a_search_is_kept_and_given_back(world, signed_in):
    client = signed_in(world.agent)
    client.post("/listes/filtres/", {"name": "Gros montants", "query": "euros=500"})
    assert SavedFilter.objects.get().query == "euros=500"
    assert "?euros=500" in client.get("/listes/").content.decode()
    assert "Gros montants" not in signed_in(world.manager).get("/listes/").content.decode()


def test_opposition_hides_the_household_at_once(world, signed_in, home):
    client = signed_in(world.agent)
    page = client.get(f"/listes/menages/{HOUSEHOLD}/opposition/")
    persons = [one.id for one in page.context["persons"]]
    missing = client.post(f"/listes/menages/{HOUSEHOLD}/opposition/", {"persons": persons[:1]})
    assert missing.status_code == 400
    assert not Opposition.objects.exists()
    done = client.post(f"/listes/menages/{HOUSEHOLD}/opposition/", {"persons": persons[:1], "is_told": "on"})
    assert done.status_code == 302
    assert Opposition.objects.get().person == persons[0]
    assert client.get(f"/listes/menages/{HOUSEHOLD}/").status_code == 403
    assert Entry.objects.filter(action="opposition_recorded", target=HOUSEHOLD).count() == 1


def test_opposition_is_refused_to_the_neighbour(world, signed_in, home):
    answer = signed_in(world.neighbour).post(
        f"/listes/menages/{HOUSEHOLD}/opposition/", {"persons": ["x"], "is_told": "on"}
    )
    assert answer.status_code == 403
    assert not Opposition.objects.exists()


def test_volumes_hide_small_counts_from_who_sees_no_list(world, signed_in, store):
    page = signed_in(world.analyst).get("/listes/volumes/?droit=rsa")
    shown = {row.key: row.not_taken_up for row in page.context["communes"]}
    assert (shown["93066"], shown["93010"], shown["93001"]) == (12, None, None)
    assert page.context["rights"][0].not_taken_up == 21


def test_a_manager_counts_their_territory_whole(world, signed_in, store):
    page = signed_in(world.manager).get("/listes/volumes/?droit=rsa")
    assert {row.key: row.not_taken_up for row in page.context["communes"]} == {"93066": 12}


@pytest.mark.parametrize("who", ["agent", "officer", "platform"])
def test_volumes_are_refused_to_other_roles(world, signed_in, store, who):
    assert signed_in(getattr(world, who)).get("/listes/volumes/").status_code == 403


def test_volumes_need_a_convention(world, signed_in, store):
    world.convention.parties.filter(organisation=world.saint_denis).delete()
    assert "partie à aucune convention" in signed_in(world.analyst).get("/listes/volumes/").content.decode()
