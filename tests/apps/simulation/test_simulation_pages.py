"""The pages of the simulator: from the door to the results, whatever is typed, and nothing kept on the way."""

from __future__ import annotations

import logging
import re

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from pdf_reading import bookmarks, document_of, headings, letters, printed, words_of
from simulated_visit import TRUTH, described, walked

from allervers.apps.accounts import throttling
from allervers.apps.simulation import browser, queries
from allervers.apps.simulation.domain import State
from allervers.rights.interview.answers import SOURCES, Answers
from allervers.rights.interview.conversation import conversation
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.interview.results import results_of

pytestmark = [pytest.mark.law, pytest.mark.django_db, pytest.mark.usefixtures("in_november", "ready_law")]


@pytest.fixture
def ready_law(live_law: LiveLaw, monkeypatch) -> LiveLaw:
    monkeypatch.setattr(queries, "live_law", lambda month: live_law)
    return live_law


def state_of(client: Client) -> State:
    pieces = [client.cookies[f"simulation{n}"].value for n in range(4) if f"simulation{n}" in client.cookies]
    found = browser.opened("".join(pieces))
    assert found is not None
    return found


def test_from_the_door_to_the_results(client, live_law):
    pages = []
    count = walked(client, seen=lambda address, html: pages.append(html))
    assert 8 <= count <= 25
    assert all("Pourquoi cette question" in html and "Je ne sais pas" in html for html in pages)
    html = client.get("/simulateur/droits/").content.decode()
    answers = state_of(client).answers
    with conversation(live_law, answers) as known:
        assert known.open_rights == frozenset()
        found = results_of(known)
    for one in found:
        assert one.right.label.replace("'", "&#x27;") in html
    assert "18 droits vérifiés sur 18" in html
    assert "350,25" in html  # the « prime d'activité », as the engine computes it


def test_a_theme_is_finished_before_another_begins(client):
    themes = []
    walked(client, seen=lambda address, html: themes.append(html.split('class="av-theme">')[1].split("<")[0]))
    runs = [theme for n, theme in enumerate(themes) if n == 0 or themes[n - 1] != theme]
    assert len(runs) <= 7, runs


def test_i_do_not_know_leads_to_a_range_and_no_false_certainty(client):
    address = described(client)
    for _ in range(40):
        answer = client.get(address, follow=True)
        address = answer.request["PATH_INFO"]
        if "/question/" not in address:
            break
        address = client.post(address, {"unknown": "1"})["Location"]
    html = client.get("/simulateur/droits/").content.decode()
    assert "À vérifier" in html
    assert "de 0 à" in html
    assert "je ne sais pas" in html


def test_an_answer_is_changed_with_the_back_button(client):
    walked(client)
    before = client.get("/simulateur/droits/").content
    page = client.get("/simulateur/question/salaire/p1/").content.decode()
    assert 'value="600"' in page
    client.post("/simulateur/question/salaire/p1/", {"salaire.p1": "1 200,50"})
    assert state_of(client).answers.value("salaire", "p1") == 1200.5
    assert client.get("/simulateur/droits/").content != before
    # Sent twice, it says the same thing.
    client.post("/simulateur/question/salaire/p1/", {"salaire.p1": "1 200,50"})
    assert state_of(client).answers.value("salaire", "p1") == 1200.5


def test_month_by_month(client):
    described(client)
    client.post("/simulateur/question/sources/p1/", {"sources": ["salaire"]})
    html = client.get("/simulateur/question/salaire/p1/?mois=1").content.decode()
    assert "novembre 2026" in html
    client.post(
        "/simulateur/question/salaire/p1/", {"by_month": "1", "salaire.p1.2026-11": "700", "salaire.p1.2026-10": "0"}
    )
    value = state_of(client).answers.value("salaire", "p1")
    assert value[-2:] == (0.0, 700.0)
    assert set(value[:-2]) == {None}
    assert "Mois par mois" in client.get("/simulateur/reponses/").content.decode()


@pytest.mark.parametrize(
    ("address", "posted"),
    [("salaire/p1", {"salaire.p1": "beaucoup"}), ("salaire/p1", {"salaire.p1": "-5"}), ("salaire/p1", {}),
     ("salaire/p1", {"salaire.p1": "1e9"}), ("sources/p1", {}), ("sources/p1", {"sources": ["salaire", "personne"]}),
     ("grossesse/tous", {}), ("nationalite/tous", {"nationalite.p1": "XX"}), ("annees/p1", {}),
     ("occupation/m", {"occupation.m": "palais"}), ("commune/m", {"commune.m": ""})],
)  # fmt: skip
def test_what_cannot_be_read_is_said_beside_its_field(client, address, posted):
    described(client)
    before = state_of(client).answers
    answer = client.post(f"/simulateur/question/{address}/", posted)
    assert answer.status_code == 200
    assert "av-error" in answer.content.decode()
    assert state_of(client).answers == before


@pytest.mark.parametrize(
    "address", ["salaire/p9", "salaire/tous", "rien/p1", "loyer/p1", "sources/m", "nationalite/p1"]
)
def test_a_question_about_nobody_is_not_found(client, address):
    described(client)
    assert client.get(f"/simulateur/question/{address}/").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [{"f0.adult.born": ""}, {"f0.adult.born": "31/02/1990"}, {"f0.bond": ""}, {"home": ""}, {"town": "75056"},
     {"f0.c0.born": "01/01/1990"}, {"f0.c0.born": "01/01/2030"}, {"f0.partner.born": "01/01/1990"},
     {"f0.bond": "married"}],
)  # fmt: skip
def test_a_household_that_does_not_hold_is_said(client, changes):
    from simulated_visit import ALONE

    answer = client.post("/simulateur/foyer/", {**ALONE, **changes})
    assert answer.status_code == 200
    assert "av-error" in answer.content.decode() or "alert-note" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [("31/02/1992", "Ce jour n&#x27;existe pas"), ("12/03/1904", "plus de 120 ans"), ("mars", "comme 31/01/1990")],
)
def test_a_wrong_date_says_what_is_wrong_in_a_summary_that_takes_the_focus(client, typed, said):
    from simulated_visit import ALONE

    html = client.post("/simulateur/foyer/", {**ALONE, "f0.c0.born": typed}).content.decode()
    summary = html.split('role="alert" tabindex="-1" autofocus>')[1].split("</div>")[0]
    assert f'<a href="#f0.c0.born">Lina : {said}' in summary or ('href="#f0.c0.born"' in summary and said in summary)
    assert "<title>Erreur :" in html
    assert html.count(said) == 2
    described(client, **{"f0.c0.born": "05.05.2014"})


def test_erasing_is_asked_first(client):
    described(client)
    page = client.get("/simulateur/effacer/").content.decode()
    assert "Oui, tout effacer" in page
    assert "Non, revenir" in page
    assert client.get("/simulateur/reponses/").status_code == 200
    assert client.post("/simulateur/effacer/")["Location"] == "/simulateur/efface/"
    assert client.get("/simulateur/reponses/").status_code == 302
    assert client.get("/simulateur/effacer/")["Location"] == "/simulateur/"


def test_answers_follow_persons_when_the_household_changes(client):
    described(client)
    client.post("/simulateur/question/nationalite/tous/", {
        "nationalite.p1": "PT", "nationalite.p2": "FR", "nationalite.p3": "MA", "rows": ["p1", "p2", "p3"],
    })  # fmt: skip
    html = client.get("/simulateur/foyer/").content.decode()
    assert 'name="f0.c1.id" value="p3"' in html
    described(client, **{"f0.adult.id": "p1", "f0.c0.id": "p3", "f0.c0.name": "Tom", "f0.c0.born": "05/05/2021",
                         "f0.c1.id": "", "f0.c1.name": "Zoé", "f0.c1.born": "05/05/2022"})  # fmt: skip
    answers = state_of(client).answers
    assert answers.household.person("p3").name == "Tom"
    assert answers.value("nationalite", "p3") == "MA"
    assert answers.value("nationalite", "p2") is None


def test_who_has_no_name_is_called_as_in_the_form(client):
    described(client, **{"f0.c0.name": "", "f0.c1.name": "", "f1.adult.born": "01/01/1960", "f1.bond": "none",
                         "f1.c0.born": "01/01/2015"})  # fmt: skip
    names = [person.name for person in state_of(client).answers.household.persons]
    assert [name for name in names if name.startswith("Enfant")] == ["Enfant 1", "Enfant 2", "Enfant 3"]
    assert len(set(names)) == len(names)


def test_another_family_under_the_roof_and_no_home(client):
    described(client, **{"f1.adult.born": "", "f1.adult.name": "Awa", "f1.bond": "none", "f1.partner.born": "",
                         "f1.c0.born": "01/01/2020", "home": "homeless"})  # fmt: skip
    answers = state_of(client).answers
    assert answers.household.families == 2
    assert answers.value("occupation", "m") == "sans_domicile"
    html = client.get("/simulateur/suite/", follow=True).content.decode()
    assert "Combien payez-vous de loyer" not in html


def test_each_family_of_the_dwelling_sees_its_own_rights_and_finds_its_answers_again(client):
    described(client, **{"f1.adult.name": "Paul", "f1.adult.born": "01/06/1958", "f1.bond": "none"})
    client.post("/simulateur/question/epargne/f/", {"epargne.f": "40000", "rows": ["f"]})
    client.post("/simulateur/question/nationalite/tous/", {"nationalite.p4": "FR", "rows": ["p4"]})
    html = client.get("/simulateur/droits/").content.decode()
    assert "Voir les droits de : Paul" in html
    answer = client.post("/simulateur/famille/", {"number": "1"})
    assert answer.status_code == 302
    state = state_of(client)
    assert [p.name for p in state.answers.household.family(0)] == ["Paul"]
    assert not state.answers.is_given("epargne", "f")
    assert state.answers.value("nationalite", "p4") == "FR"
    assert state.answers.value("commune", "m") == "93066"
    told = client.get("/simulateur/reponses/").content.decode()
    assert "40" + chr(8239) + "000" not in told
    html = client.get("/simulateur/droits/").content.decode()
    assert "Voir les droits de : Nadia, Lina, Tom" in html
    assert client.post("/simulateur/famille/", {"number": "7"}).status_code == 400
    # A page of the other family, left open in another tab, is refused.
    refused = client.post("/simulateur/question/epargne/f/", {"epargne.f": "9", "rows": ["f"], "family": "p1"})
    assert refused.status_code == 400
    assert "Vous répondez maintenant pour : Paul" in refused.content.decode()
    assert 'name="family" value="p4"' in client.get("/simulateur/question/epargne/f/").content.decode()
    client.post("/simulateur/famille/", {"number": "1"})
    again = state_of(client).answers
    assert again.value("epargne", "f") == 40_000.0
    assert [p.name for p in again.household.family(0)] == ["Nadia", "Lina", "Tom"]


def test_a_button_adds_a_row_without_script(client):
    from simulated_visit import ALONE

    html = client.post("/simulateur/foyer/", {**ALONE, "add": "child0"}).content.decode()
    assert 'name="f0.c2.born"' in html
    html = client.post("/simulateur/foyer/", {**ALONE, "add": "family"}).content.decode()
    assert 'name="f1.adult.born"' in html
    assert 'value="Nadia"' in html


def test_without_answers_every_page_leads_to_the_start(client):
    for page in ("suite", "reponses", "droits", "droits/rsa", "bilan", "et-si", "garder", "question/salaire/p1"):
        answer = client.get(f"/simulateur/{page}/")
        assert answer.status_code == 302
        assert answer["Location"] == "/simulateur/"


def test_the_card_of_a_right_says_why_with_the_numbers_of_the_engine(client):
    walked(client)
    html = client.get("/simulateur/droits/rsa/").content.decode()
    assert "11,31" in html
    assert "651,69" in html or "1\u202f173,04" in html
    assert "identité" in html.lower()
    assert client.get("/simulateur/droits/apa/").status_code == 404


def test_report_large_print_and_easy(client):
    walked(client)
    assert "Ce que j'ai répondu" in client.get("/simulateur/bilan/").content.decode()
    assert 'class="av-report large"' in client.get("/simulateur/bilan/?gros=1").content.decode()
    assert "facile à lire" in client.get("/simulateur/bilan/?facile=1").content.decode()


@pytest.mark.parametrize("form", ["", "?gros=1", "?facile=1"])
def test_the_report_as_a_pdf_says_what_the_page_says(client, form, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "demo", True)
    walked(client)
    html = client.get(f"/simulateur/bilan/{form}").content.decode()
    assert f'href="/simulateur/bilan/mon-bilan.pdf{form}"' in html
    answer = client.get(f"/simulateur/bilan/mon-bilan.pdf{form}")
    document = document_of(answer)
    notice = "Démonstration : données synthétiques, aucune de ces personnes n'existe."
    marks = r"(?<=Quefaire\?)1\.|2\.(?=Allez)|3\.(?=Apportez)"  # of the numbered list, that a browser adds
    assert re.sub(marks, "", words_of(document, notice)) == letters(printed(html))
    assert bookmarks(document) == headings(html)
    assert document.trailer["/Root"]["/Lang"] == "fr"
    assert document.metadata.title in html
    assert document.metadata.author is None
    assert len(answer.content) < 150_000
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"] == 'attachment; filename="mon-bilan.pdf"'
    assert client.get(f"/simulateur/bilan/mon-bilan.pdf{form}").content == answer.content
    sizes = re.findall(rb"/F\d+ (\d+\.\d+) Tf", document.pages[0].get_contents().get_data())
    assert min(map(float, sizes)) >= (12 if form else 9)


def test_the_report_as_a_pdf_holds_rights_and_amounts_in_english_too(client):
    walked(client)
    html = client.get("/simulateur/bilan/", headers={"accept-language": "en"}).content.decode()
    document = document_of(client.get("/simulateur/bilan/mon-bilan.pdf", headers={"accept-language": "en"}))
    assert document.trailer["/Root"]["/Lang"] == "en"
    assert words_of(document) == letters(printed(html))
    assert "350,25" in words_of(document)
    assert len(bookmarks(document)) > 20
    assert "Page 1 of" in document.pages[0].extract_text()


def test_dates_are_written_in_the_language_of_the_page(client):
    described(client)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    html = client.get("/simulateur/reponses/").content.decode()
    assert "1 March 1988" in html
    assert "mars" not in html


def test_the_report_as_a_pdf_waits_for_the_law_and_is_counted_as_a_page(client, monkeypatch):
    walked(client)
    with monkeypatch.context() as patched:
        patched.setattr(queries, "live_law", lambda month: None)
        assert client.get("/simulateur/bilan/mon-bilan.pdf").status_code == 503
    for limit in (600, 120):  # every page that computes; documents, that cost more
        monkeypatch.setattr(throttling.RATE, "seconds_to_wait", lambda name, rate, limit=limit: 3 * (rate == limit))
        assert client.get("/simulateur/bilan/mon-bilan.pdf").status_code == 429


def test_what_if(client):
    walked(client)
    html = client.get("/simulateur/et-si/").content.decode()
    assert "<svg" in html
    assert "<caption>Salaire et droits, par mois" in html
    assert "Allocations familiales" in client.get("/simulateur/et-si/?si=enfant").content.decode()
    assert "Aides au logement" in client.get("/simulateur/et-si/?si=logement&loyer=100").content.decode()
    assert "av-error" in client.get("/simulateur/et-si/?si=logement&loyer=cher").content.decode()
    assert client.get("/simulateur/et-si/?si=logement&loyer=100&commune=x&logement=palais").status_code == 200


def test_nothing_is_kept_on_the_server_nor_written_in_the_journal(client, caplog):
    with caplog.at_level(logging.DEBUG):
        walked(client, {**TRUTH, "salaire.p1": "617"})
        client.get("/simulateur/droits/rsa/")
    assert Session.objects.count() == 0
    assert "sessionid" not in client.cookies
    assert "617" not in caplog.text
    assert "Nadia" not in caplog.text


def test_pages_are_not_kept_by_browsers(client):
    described(client)
    answer = client.get("/simulateur/droits/")
    assert "no-store" in answer["Cache-Control"]
    cookie = answer.cookies["simulation0"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/simulateur/"
    assert not cookie["max-age"]


def test_while_the_law_loads_the_answers_wait(client, monkeypatch):
    described(client)
    monkeypatch.setattr(queries, "live_law", lambda month: None)
    answer = client.get("/simulateur/suite/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "Un instant" in answer.content.decode()
    client.post("/simulateur/question/sources/p1/", {"sources": ["salaire"]})
    assert state_of(client).answers.value(SOURCES, "p1") == ("salaire",)


def test_many_answers_by_month_are_cut_in_several_cookies(client):
    described(client)
    answers: Answers = state_of(client).answers
    import random

    rng = random.Random(1)
    for subject in ("salaire", "chomage", "retraite", "maladie", "invalidite", "alimentaire"):
        for person in ("p1", "p2", "p3"):
            answers = answers.with_answer(subject, person, tuple(rng.random() * 1000 for _ in range(15)))
    from django.http import HttpResponse

    response = browser.keep(HttpResponse(), State(answers))
    assert response.cookies["simulation1"].value
    assert browser.opened("".join(response.cookies[f"simulation{n}"].value for n in range(4))).answers == answers


def test_a_program_that_asks_without_end_is_told_to_wait(client, monkeypatch):
    described(client)
    assert client.get("/simulateur/droits/").status_code == 200
    spent = throttling.Rate(lambda: 0.0)
    monkeypatch.setattr(throttling, "RATE", spent)
    while not spent.seconds_to_wait("simulator 127.0.0.1", 600):
        pass
    for path in ("/simulateur/droits/", "/simulateur/suite/", "/simulateur/foyer/", "/simulateur/et-si/"):
        answer = client.get(path)
        assert answer.status_code == 429
        assert "Attendez 1 s" in answer.content.decode()
    assert client.get("/simulateur/droits/", REMOTE_ADDR="10.0.0.9").status_code == 200
    assert client.get("/simulateur/reponses/").status_code == 200
