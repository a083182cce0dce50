"""Households to complete: only in one's missions and territory, never those who oppose, and the household opens."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.conf import settings
from small_store import HOUSEHOLD, PENSIONS, RENT, make_store
from small_world import NOW, TODAY, World, line

from allervers.apps.audit.models import Entry
from allervers.apps.findings.permissions import grants_for_household
from allervers.apps.findings.unsettled import Asked, Unsettled
from allervers.apps.people.models import Opposition

pytestmark = pytest.mark.usefixtures("in_november")


@pytest.fixture
def filled(world: World, monkeypatch, tmp_path: Path) -> World:
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))
    return world


def found(world: World, who: str, **asked: str) -> list[str]:
    return [one.id for one in Unsettled(getattr(world, who), TODAY, Asked(**asked))[0:50]]


@pytest.mark.parametrize(
    ("who", "households"),
    [("agent", ["menage-2", "menage-1"]), ("manager", ["menage-2", "menage-1"]), ("neighbour", ["menage-9"]),
     ("unnamed", []), ("admin", []), ("analyst", []), ("officer", []), ("platform", [])],
)  # fmt: skip
def test_only_ones_own_territory_and_missions(filled, who, households):
    assert found(filled, who) == households


def test_a_right_out_of_the_missions_is_neither_counted_nor_named(filled):
    [theirs] = Unsettled(filled.neighbour, TODAY, Asked())[0:50]
    assert theirs.rights == ("aspa",)


def test_the_most_useful_question_comes_first(filled):
    both, one = Unsettled(filled.agent, TODAY, Asked())[0:50]
    assert (both.rights, both.questions, both.may_contact) == (("aspa", "rsa"), ((RENT, 2), (PENSIONS, 1)), False)
    assert (one.rights, one.questions) == (("aspa",), ((PENSIONS, 1),))


@pytest.mark.parametrize(
    ("asked", "households"),
    [({"right": "rsa"}, ["menage-2"]), ({"right": "aah"}, []), ({"commune": "93010"}, []),
     ({"commune": "93066"}, ["menage-2", "menage-1"]), ({"contact": "oui"}, ["menage-1"]),
     ({"contact": "non"}, ["menage-2"]), ({"household": "menage-1"}, ["menage-1"]),
     ({"sort": "menage"}, ["menage-1", "menage-2"])],
)  # fmt: skip
def test_what_is_asked_narrows(filled, asked, households):
    assert found(filled, "agent", **asked) == households


def test_who_opposes_is_not_there_and_does_not_open(filled):
    Opposition.objects.create(household=HOUSEHOLD, person="personne-1", recorded_by=filled.agent, asked_at=NOW)
    assert found(filled, "agent") == ["menage-2"]
    assert grants_for_household(filled.agent, HOUSEHOLD, TODAY) == ()


@pytest.mark.parametrize("who", ["agent", "manager"])
def test_a_household_to_complete_opens_without_any_line(filled, who, signed_in):
    page = signed_in(getattr(filled, who)).get(f"/listes/menages/{HOUSEHOLD}/")
    assert page.status_code == 200
    assert PENSIONS in page.content.decode()
    assert "Saint-Denis ·" in page.content.decode()


@pytest.mark.parametrize("who", ["neighbour", "unnamed", "analyst", "officer"])
def test_it_stays_closed_to_others(filled, who, signed_in):
    assert signed_in(getattr(filled, who)).get(f"/listes/menages/{HOUSEHOLD}/").status_code == 403


def test_an_ended_convention_closes_it(filled, signed_in):
    filled.publication.conventions = ["FINIE"]
    filled.publication.save()
    assert found(filled, "agent") == []
    assert grants_for_household(filled.agent, HOUSEHOLD, TODAY) == ()
    assert "Les listes sont fermées" in signed_in(filled.agent).get("/listes/a-completer/").content.decode()


def test_before_the_first_detection_the_page_says_so(world, signed_in):
    page = signed_in(world.agent).get("/listes/a-completer/").content.decode()
    assert "Aucun ménage à compléter" in page


def test_the_page_the_filters_and_the_pages(filled, signed_in):
    client = signed_in(filled.agent)
    page = client.get("/listes/a-completer/?droit=rsa&page=99").content.decode()
    assert "menage-2" in page
    assert "menage-1" not in page
    assert RENT in page
    assert client.get("/listes/a-completer/?droit=inconnu&menage=" + "x" * 80).status_code == 200


def test_the_file_holds_the_same_and_is_written_in_the_register(filled, signed_in):
    answer = signed_in(filled.agent).get("/listes/a-completer/export.csv?tri=menage")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert [(row[0], row[4]) for row in rows[1:]] == [("menage-1", "1"), ("menage-2", "2")]
    assert rows[2][6] == f"{RENT} | {PENSIONS}"
    entry = Entry.objects.get(action="list_exported")
    assert (entry.target, entry.details["lines"]) == ("a-completer", 2)


def test_the_number_of_queries_does_not_grow(filled, signed_in, django_assert_max_num_queries):
    line(filled)
    client = signed_in(filled.agent)
    client.get("/listes/a-completer/")
    with django_assert_max_num_queries(12):
        client.get("/listes/a-completer/")
