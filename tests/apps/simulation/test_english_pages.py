"""The simulator read in English: nothing of ours is left in French, in questions, results nor explanations."""

from __future__ import annotations

import gettext
import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from simulated_visit import ALONE, described, walked

from allervers.apps import simulation
from allervers.apps.simulation import cards, queries
from allervers.rights.calls import calls_for
from allervers.rights.catalogue import computed_rights
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.search import search

pytestmark = [pytest.mark.law, pytest.mark.django_db, pytest.mark.usefixtures("in_november", "ready_law")]
MO = Path(simulation.__file__).parent / "locale" / "en" / "LC_MESSAGES" / "django.mo"


@pytest.fixture
def ready_law(live_law: LiveLaw, monkeypatch) -> LiveLaw:
    monkeypatch.setattr(queries, "live_law", lambda month: live_law)
    return live_law


@pytest.fixture
def reader(client):
    """Somebody who chose English."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def told(html: str) -> str:
    """The words of a page that are not marked as French."""
    body = html.partition("<main")[2] or html
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", body, flags=re.DOTALL)
    body = re.sub(r'<(\w+)[^>]*\blang="fr"[^>]*>.*?</\1>', " ", body, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def french_words(html: str) -> list[str]:
    """Texts of ours that a page leaves in French."""
    page = told(html)
    with MO.open("rb") as stream:
        known = gettext.GNUTranslations(stream)._catalog
    pairs = [(text, said) for text, said in known.items() if isinstance(text, str) and len(text) > 9]
    return sorted(text for text, said in pairs if text not in said and text in page)


def test_questions_results_papers_and_reasons_are_in_english(reader):
    left = {}
    walked(reader, seen=lambda address, html: left.update({address: french_words(html)}))
    assert {address: texts for address, texts in left.items() if texts} == {}
    for right in computed_rights():
        page = reader.get(f"/simulateur/droits/{right.id}/").content.decode()
        assert french_words(page) == [], right.id
    for address in ("droits/", "bilan/", "bilan/?facile=1", "reponses/", "et-si/", "et-si/?si=enfant", "garder/"):
        assert french_words(reader.get(f"/simulateur/{address}").content.decode()) == [], address
    assert "Housing aid (APL, ALF, ALS)" in reader.get("/simulateur/droits/").content.decode()


def test_a_reason_is_a_sentence_of_the_language_with_the_amounts_of_the_law(reader):
    walked(reader)
    aspa = told(reader.get("/simulateur/droits/aspa/").content.decode())
    assert "Nadia is 38 years and 8 months old: even for someone unfit for work, the ASPA requires 62 years" in aspa
    cf = told(reader.get("/simulateur/droits/cf/").content.decode())
    assert "requires three dependent children aged 3 to 21: 2 children in your home." in cf
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    aspa = told(reader.get("/simulateur/droits/aspa/").content.decode())
    assert "Nadia a 38 ans et 8 mois : même en cas d'inaptitude" in aspa


def test_who_gave_no_name_is_called_in_the_language_of_each_page(reader):
    described(reader, **{"f0.adult.name": "", "f0.c0.name": "", "f0.c1.name": "Child 2"})
    page = reader.get("/simulateur/foyer/").content.decode()
    assert all(f'value="{name}"' in page for name in ("You", "Child 1", "Child 2"))
    assert "You, 1 March 1988" in told(reader.get("/simulateur/reponses/").content.decode())
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    page = reader.get("/simulateur/foyer/").content.decode()
    assert all(f'value="{name}"' in page for name in ("Vous", "Enfant 1", "Enfant 2"))


def test_an_age_that_does_not_fit_its_row_is_said_beside_it(reader):
    typed = {"f0.adult.born": "01/03/2015", "f0.bond": "none", "f0.c0.born": "05/05/1990", "home": "home"}
    page = told(reader.post("/simulateur/foyer/", typed).content.decode())
    assert "Under 14: describe this person as a child." in page
    assert "25 or over: describe this person as another adult of the dwelling." in page
    assert french_words(page) == []


@pytest.mark.parametrize(
    ("asked", "right"),
    [("I lost my job", "are"), ("I can't pay my rent anymore", "aides_logement"),
     ("help for my baby", "paje_naissance"), ("my husband died", "pension_reversion"),
     ("I am homeless", "domiciliation"),
     ("glasses for my son", "css_sans_participation"),
     ("single mother of two", "asf"), ("unpaid rent", "fsl_maintien"), ("I don't have papers", "ame"), ("rsa", "rsa")],
)  # fmt: skip
def test_ordinary_english_words_find_their_right_first(asked, right):
    assert search(asked, language="en")[0].right == right


@pytest.mark.parametrize(
    "asked", ["pizza", "the weather tomorrow", "how are you", "football", "apple", "I love you", "licence"]
)
def test_nothing_is_found_in_english_when_nothing_fits(asked):
    assert search(asked, language="en") == ()


def test_danger_is_heard_in_english_on_a_page_in_english(reader):
    assert [call.id for call in calls_for("my husband hits me", "en")] == ["violences"]
    assert [call.id for call in calls_for("je dors dehors", "en")] == ["sans_abri"]
    assert calls_for("my rent", "en") == ()
    page = reader.get("/simulateur/chercher/", {"q": "we have nowhere to sleep"}).content.decode()
    assert "Call 115" in page
    assert french_words(page) == []


def test_who_is_in_danger_reads_no_event_beside_the_number(reader):
    page = reader.get("/simulateur/chercher/", {"q": "my partner hits me"}).content.decode()
    assert "Call 3919" in page
    assert "death" not in told(page)
    assert "We found no answer" not in page


def test_the_language_is_changed_from_the_page_that_a_wrong_code_leads_to(reader):
    page = reader.post("/simulateur/reprendre/code/", {"code": "AAAA"}).content.decode()
    assert "This code opens nothing" in page
    assert page.count('name="next" value="/simulateur/reprendre/"') == 2  # the language and the theme
    described(reader)
    page = reader.post("/simulateur/garder/code/").content.decode()
    assert "av-code" in page
    assert 'name="next"' not in page  # the code is shown once: nothing there leads away from it


def test_easy_to_read_says_when_nothing_was_found(reader):
    nothing = cards.Summary((), (), (), "0 €", is_partial=False, beside=())
    with translation.override("fr"):
        html = unescape(render_to_string("simulation/easy.html", {"found": nothing, "help": {}, "is_once": True}))
    assert "Il n'a été trouvé aucun droit." in html
    assert "Il faut demander" not in html


def test_a_household_form_left_on_another_family_changes_nothing(reader):
    typed = {"f1.adult.born": "01/01/1985", "f1.adult.name": "Bo", "f1.bond": "none"}
    described(reader, **typed)
    page = reader.get("/simulateur/foyer/").content.decode()
    turn = re.search(r'name="family" value="(p\d+)"', page)[1]
    reader.post("/simulateur/famille/", {"number": "1"})
    refused = reader.post("/simulateur/foyer/", {**ALONE, **typed, "family": turn})
    assert refused.status_code == 400
    assert "était celle d&#x27;une autre famille" in refused.content.decode()
