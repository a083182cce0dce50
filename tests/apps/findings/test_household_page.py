"""The household's page: whom each line concerns, where the data come from, and why it is closed when it is."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from small_store import ADDRESS, HOUSEHOLD, make_store
from small_world import NOW, line

from allervers.apps.findings.models import FollowUp
from allervers.apps.people.models import Opposition
from allervers.apps.people.queries import Store
from allervers.foundation.periods import Month

PAGE = f"/listes/menages/{HOUSEHOLD}/"
pytestmark = pytest.mark.usefixtures("in_november")


@pytest.fixture
def members(tmp_path, monkeypatch) -> list[str]:
    folder = make_store(tmp_path / "store")
    monkeypatch.setattr(settings.ALLERVERS, "store", folder)
    return Store(folder, Month(2026, 11)).assembled("individu").collect()["id"].to_list()


def event(world, rank: int, person: str):
    return line(
        world, rank, kind="event", right="", event="separation", household=HOUSEHOLD, unit=person, person=person
    )


def opposed(world) -> None:
    Opposition.objects.create(household=HOUSEHOLD, person="personne", recorded_by=world.agent, asked_at=NOW)


def test_an_event_of_two_persons_says_of_whom(world, signed_in, members):
    for rank, person in enumerate(members, 1):
        event(world, rank, person)
    page = signed_in(world.agent).get(PAGE).content.decode()
    assert sorted(re.findall(r">pour ([^<]+)<", page)) == ["Ida Marqueur (enfant)", "Zelie Marqueur (demandeur)"]


def test_a_right_of_the_family_is_for_nobody_in_particular(world, signed_in, members):
    line(world, household=HOUSEHOLD, person=members[0])
    assert ">pour " not in signed_in(world.agent).get(PAGE).content.decode()


def test_without_identities_a_person_is_told_by_rank(world, signed_in, members):
    party = world.convention.parties.get(organisation=world.saint_denis)
    party.categories = ["personnes"]
    party.save()
    event(world, 1, members[1])
    page = signed_in(world.agent).get(PAGE).content.decode()
    assert ">pour Personne 2 (enfant)<" in page
    assert "Ida" not in page


def test_an_address_ends_with_its_commune(world, signed_in, members):
    line(world, household=HOUSEHOLD)
    assert f"{ADDRESS}, 93200 Saint-Denis" in signed_in(world.agent).get(PAGE).content.decode()


def test_sources_are_folded_by_partner(world, signed_in, members):
    line(world, household=HOUSEHOLD)
    page = signed_in(world.agent).get(PAGE).content.decode()
    sources = page.partition(">Sources</h2>")[2]
    assert re.search(r"<details[^>]*><summary>caf-93 <span[^>]*>\(1 donnée\)", sources)
    assert "Logement : connu" in sources


def test_a_reason_chosen_beside_another_button_stays(world, signed_in, members):
    found = line(world, household=HOUSEHOLD)
    other = event(world, 2, members[0])
    sent = {"progress": "in_charge", "version": 0, "reason": "moved"}
    page = signed_in(world.agent).post(f"/listes/lignes/{found.pk}/", sent, follow=True).content.decode()
    assert FollowUp.objects.get().progress == "in_charge"
    assert FollowUp.objects.get().reason == ""
    chosen = {
        number: re.findall(r'value="(\w+)" selected', text)
        for number, text in re.findall(r'id="raison-(\d+)"(.*?)</select>', page, re.S)
    }
    assert chosen == {str(found.pk): ["moved"], str(other.pk): []}


@pytest.mark.parametrize("path", [PAGE, "/listes/export.csv", "/listes/export.xlsx", "/listes/a-completer/export.csv"])
def test_after_the_end_of_the_convention_pages_and_files_say_so(world, signed_in, members, path):
    line(world, household=HOUSEHOLD)
    world.convention.ends_on = NOW.date()
    world.convention.save()
    answer = signed_in(world.agent).get(path)
    assert answer.status_code == 403
    assert f"La convention {world.convention.reference} n&#x27;est plus en vigueur" in answer.content.decode()


def test_a_form_left_open_after_the_end_of_the_convention_says_so(world, signed_in, members):
    found = line(world, household=HOUSEHOLD)
    client = signed_in(world.agent)
    world.convention.ends_on = NOW.date()
    world.convention.save()
    answer = client.post(f"/listes/lignes/{found.pk}/", {"progress": "in_charge", "version": 0})
    assert answer.status_code == 403
    assert "plus en vigueur" in answer.content.decode()
    assert not FollowUp.objects.exists()


def test_an_opposition_is_told_to_who_could_see_the_household_alone(world, signed_in, members):
    found = line(world, household=HOUSEHOLD)
    opposed(world)
    for path in (PAGE, f"/listes/lignes/{found.pk}/"):
        mine = signed_in(world.agent)
        answer = mine.get(path) if path == PAGE else mine.post(path, {"progress": "in_charge", "version": 0})
        assert answer.status_code == 403
        assert "opposée" in answer.content.decode()
    theirs = signed_in(world.neighbour).get(PAGE)
    assert theirs.status_code == 403
    assert "de ce foyer s&#x27;est opposée" not in theirs.content.decode()
    assert signed_in(world.neighbour).post(f"/listes/lignes/{found.pk}/", {"progress": "in_charge"}).status_code == 404


def test_nothing_open_a_file_says_why(world, signed_in):
    line(world)
    answer = signed_in(world.unnamed).get("/listes/export.csv")
    assert answer.status_code == 403
    assert "Aucune convention en vigueur ne vous habilite nommément" in answer.content.decode()


def test_volumes_without_a_convention_are_not_an_empty_file(world, signed_in, members):
    world.convention.parties.filter(organisation=world.saint_denis).delete()
    answer = signed_in(world.analyst).get("/listes/volumes/export.csv")
    assert answer.status_code == 403
    assert "partie à aucune convention" in answer.content.decode()
