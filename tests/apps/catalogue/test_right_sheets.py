"""The sheet of each right: every fact is there, said with its confidence, in French, and leads somewhere."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from page_reading import plain, read

from allervers.apps.catalogue.labels import FIELDS
from allervers.rights.catalogue import catalogue
from allervers.rights.documents import documents_for, situations_of
from allervers.rights.local_aids import local_tables
from allervers.rights.registries import documents, institutions, situations
from allervers.rights.sheet_reading import KNOWN
from allervers.rights.sheets import sheet, sheets

EVERY = pytest.mark.parametrize("right", list(catalogue()))
KINDS_OF_IDS = {
    *(name for name in (*catalogue(), *situations(), *documents(), *institutions()) if "_" in name),
    "querable", "month_of_request", "to_check", "kept_to_term", "checked_by_person", "in_force", "yes_no",
}  # fmt: skip


def page_of(right: str, query: str = ""):
    answer = Client().get(f"/droits/{right}/{query}")
    assert answer.status_code == 200
    return read(answer.content)


@EVERY
def test_every_fact_is_shown(right):
    facts, text = sheet(right), page_of(right).text.replace("\u202f", " ")
    shown = [catalogue()[right].label, facts.description, catalogue()[right].law]
    shown += [one.text for one in facts.conditions] + [one.what for one in facts.history]
    shown += [*facts.sources, *facts.warnings, *facts.breaks, *(one.text for one in facts.incompatible)]
    shown += [value for value in (facts.begins, facts.duration, facts.window, facts.renewal, facts.reference) if value]
    shown += [institutions()[name].label for name in (*facts.decides, *facts.pays)]
    shown += [catalogue()[name].label for name in facts.linked]
    shown += [value for way in facts.channels for value in (way.at, way.form) if value]
    shown += [facts.amount.text] if facts.amount else []
    shown += [facts.non_take_up.text, facts.non_take_up.source] if facts.non_take_up else []
    assert [one for one in shown if plain(one).replace(" ", "") not in text.replace(" ", "")] == []


@EVERY
def test_nothing_is_left_in_the_language_of_machines(right):
    text = page_of(right, "?situation=" + "&situation=".join(situations_of(right))).text
    words = set(re.findall(r"\w+", text))
    assert not {"None", "True", "False", "nan", "null"} & words
    assert not KINDS_OF_IDS & words


@EVERY
def test_what_no_one_read_again_is_said(right):
    facts, page = sheet(right), page_of(right)
    doubts = [(name, sure) for name, sure in facts.confidence.items() if sure.to_confirm]
    # Beside the fact, and in the list of what is more or less sure.
    assert page.text.count("à confirmer") >= 2 * len(doubts)
    assert [sure.note for _, sure in doubts if sure.note and page.text.count(sure.note) < 2] == []
    assert all(str(FIELDS[name]) in page.text for name, _ in doubts)
    assert ("Toute cette fiche est à confirmer" in page.text) == (catalogue()[right].grade == "C")


@EVERY
def test_its_anchors_exist_once(right):
    page = page_of(right)
    assert len(page.ids) == len(set(page.ids))
    assert [link for link in page.links if link.startswith("#") and link[1:] not in page.ids] == []


def test_each_field_of_a_sheet_has_its_name():
    assert KNOWN - {
        "confidence",
        "themes",
        "publics",
        "life_events",
        "openfisca",
        "renewal_lead_days",
        "holds_from",
    } <= (set(FIELDS))


def test_an_ended_right_is_marked():
    ended = [name for name, facts in sheets().items() if facts.force == "ended"]
    assert "adaje" in ended
    assert all("Cette aide n'existe plus." in page_of(name).text for name in ended)
    assert "Vérifier la règle" not in page_of("adaje", "?q-ressources_eur_month=1000").text
    assert "Cette aide n'existe plus." not in page_of("rsa").text
    assert "existe-t-elle encore" in page_of("ikaria").text


def test_conditions_say_who_checks_them():
    text = page_of("rsa").text
    checked = [one for one in sheet("rsa").conditions if one.checked_by_person]
    assert text.count("une personne vérifie") == len(checked)
    assert text.count("se calcule") == len(sheet("rsa").conditions) - len(checked)


def test_documents_follow_the_situations_ticked():
    bare, ticked = page_of("rsa").text, page_of("rsa", "?situation=couple&situation=grossesse").text
    assert "Les mêmes pièces pour le conjoint" not in bare
    assert "Les mêmes pièces pour le conjoint" in ticked
    held = ticked.split("À ne pas vous demander")[1]
    assert held.index("Déclaration de grossesse") < held.index("Caf de la Seine-Saint-Denis")
    assert "À ne pas vous demander" not in bare


@EVERY
def test_documents_of_every_situation_are_listed(right):
    found = documents_for(right, situations_of(right))
    text = page_of(right, "?situation=" + "&situation=".join(situations_of(right))).text
    assert [one for one in (*found.to_bring, *found.already_held) if one.document.label not in text] == []
    if not found.to_bring and not found.already_held:
        assert "Aucune source relue ne donne la liste des pièces" in text


def test_a_delay_is_told_with_its_cost():
    assert "un mois passé sans demande est perdu" in page_of("rsa").text
    assert "jusqu'à 24 mois en arrière" in page_of("af").text


@pytest.mark.parametrize("right", [name for name in local_tables() if sheet(name).force != "ended"])
def test_a_local_aid_without_answer_says_nothing(right):
    page = page_of(right)
    assert all(one.ask in page.text for one in local_tables()[right].questions.values())
    assert "l'institution décide." not in page.text.split("Vérifier la règle")[-1]


def test_unknown_is_never_zero():
    assert "On ne peut pas encore répondre" in page_of("aide_bafa_caf", "?q-age=&q-habite_93=oui").text
    assert "On ne peut pas encore répondre" in page_of("ikaria", "?q-age=?").text
    wrong = page_of("ikaria", "?q-age=abc&q-habite_93=oui").text
    assert "On ne peut pas encore répondre" in wrong
    assert "« abc » n'a pas été compris" in wrong
    assert "Quel âge avez-vous" in wrong.split("il faut encore répondre")[1]


def test_a_local_aid_answers():
    text = page_of("cheque_reussite", "?q-entre_en_sixieme=oui&q-college_public_93=oui&q-parents_93=oui").text
    assert "Ouverte selon la règle publiée" in text
    assert "200 € en une fois" in text
    assert "Pas ouverte selon la règle connue" in page_of("cheque_reussite", "?q-entre_en_sixieme=non").text
    assert "À confirmer" not in text
    assert "Une école de Saint-Denis" in page_of("cantine_saint_denis").text


def test_both_forms_of_a_sheet_keep_what_the_other_was_told():
    html = Client().get("/droits/amethyste/?situation=etranger&q-age=70&gros=1").content.decode()
    assert 'name="q-age" value="70"' in html or 'name="q-age" inputmode' in html
    assert 'value="70"' in html
    assert "av-sheet large" in html
    assert html.count('name="gros" value="1"') >= 1
