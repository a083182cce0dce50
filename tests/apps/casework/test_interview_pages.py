"""The rendez-vous des droits: prefilled with sources, unknown stays unknown, kept through cuts, closed to others."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from django.conf import settings
from interview_store import make_interview_store
from small_store import FAMILY, HOUSEHOLD
from small_world import NOW, line, organisation

from allervers.apps.audit.models import Entry
from allervers.apps.casework.actions import interviews, meetings
from allervers.apps.casework.domain import Origin
from allervers.apps.casework.models import Meeting, Note
from allervers.apps.findings.models import CorrectionRequest
from allervers.apps.partnership.models import Party
from allervers.apps.simulation import queries
from allervers.rights.interview.conversation import conversation
from allervers.rights.interview.results import results_of

pytestmark = [pytest.mark.law, pytest.mark.django_db, pytest.mark.usefixtures("in_november", "ready_law")]

WHO = {
    "f0.adult.id": "p1", "f0.adult.name": "Zelie", "f0.adult.born": "03/05/1980", "f0.bond": "none",
    "f0.partner.born": "", "f0.c0.id": "p2", "f0.c0.name": "Ida", "f0.c0.born": "02/01/2015", "home": "home",
    "town": "93066",
}  # fmt: skip


ALONE = {"coloc.m": "non", "chambre.m": "non"}
"""The page of how the dwelling is shared: neither a flat share nor a room."""


@pytest.fixture
def ready_law(live_law, monkeypatch):
    monkeypatch.setattr(queries, "live_law", lambda month: live_law)
    return live_law


@pytest.fixture
def meeting(world, tmp_path, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "store", make_interview_store(tmp_path / "store"))
    line(world, household=HOUSEHOLD, unit=FAMILY)
    return meetings.start_meeting(
        acting_user=world.agent, now=NOW, household=HOUSEHOLD, origin=Origin.LIST, line="rsa"
    )[0]


def sent(meeting, draft="page", sequence=1, **more):
    version = Meeting.objects.get(pk=meeting.pk).version
    return {"version": version, "draft": draft, "sequence": sequence, **more}


def base(meeting):
    return f"/plans/rendez-vous/{meeting.pk}/"


def begun(client, meeting, **changes):
    client.get(f"{base(meeting)}foyer/")
    answer = client.post(f"{base(meeting)}foyer/", sent(meeting, "foyer", **{**WHO, **changes}))
    assert answer.status_code == 302, answer.content.decode()
    return client.get(base(meeting)).content.decode()


def interview(world, meeting):
    return interviews.interview_of(world.agent, Meeting.objects.get(pk=meeting.pk), NOW)


def test_it_opens_from_the_household_with_what_partners_give(world, meeting, signed_in):
    client = signed_in(world.agent)
    answer = client.post(f"/plans/menages/{HOUSEHOLD}/rendez-vous/", {"origin": "list"})
    assert answer["Location"] == base(meeting)
    html = client.get(base(meeting), follow=True).content.decode()
    assert 'value="03/05/1980"' in html
    assert "Zelie Marqueur" in html
    assert "caf-93, au 5 novembre 2026" in html
    assert "À confirmer avec la personne" in html
    assert Entry.objects.filter(action="meeting_viewed").exists()
    html = begun(client, meeting)
    assert "Combien payez-vous de loyer" in html
    assert "612,50\u202f€" in html
    assert "cpam-93, au 8 novembre 2026" in html


def test_unknown_stays_unknown_and_is_asked(world, meeting, signed_in):
    begun(signed_in(world.agent), meeting)
    found = interview(world, meeting)
    given = found.answers.given
    assert given["loyer:m"] == 612.5
    assert given["sources:p1"] == ("salaire",)
    assert len(given["salaire:p1"]) == 15
    assert "coloc:m" not in given  # null in the files: neither « non » nor zero
    assert "inaptitude:p1" not in given
    assert "activite:p1" not in given
    assert found.given.partial["activite:p1"][-1] == "actif"  # known for some months only: shown, and asked
    assert not any(name.startswith("sources:p2") for name in given)  # a child under fourteen


@pytest.mark.parametrize(
    ("categories", "there", "gone"),
    [(["personnes", "dossiers"], {"loyer:m", "nationalite:p1"}, {"salaire:p1", "sources:p1"}),
     (["personnes", "ressources"], {"salaire:p1"}, {"loyer:m", "occupation:m"})],
)  # fmt: skip
def test_categories_open_what_is_prefilled(world, meeting, signed_in, categories, there, gone):
    Party.objects.filter(side="receives").update(categories=categories)
    client = signed_in(world.agent)
    html = client.get(base(meeting), follow=True).content.decode()
    assert "Marqueur" not in html
    assert "Personne 1" in html
    begun(client, meeting)
    given = set(interview(world, meeting).answers.given)
    assert there <= given
    assert not gone & given


def test_without_the_composition_nothing_is_prefilled(world, meeting, signed_in):
    Party.objects.filter(side="receives").update(categories=["ressources", "dossiers", "identite"])
    html = signed_in(world.agent).get(base(meeting), follow=True).content.decode()
    assert "décrivez-la avec la personne" in html
    assert "1980" not in html


def test_an_answer_without_script_then_the_panel_equals_the_engine(world, meeting, signed_in, live_law):
    client = signed_in(world.agent)
    begun(client, meeting)
    answer = client.post(f"{base(meeting)}question/coloc/m/", sent(meeting, **ALONE))
    assert answer["Location"].startswith(base(meeting))
    html = client.get(base(meeting)).content.decode()
    found = interview(world, meeting)
    assert found.answers.given["coloc:m"] is False
    with conversation(live_law, found.answers) as known:
        results, settled = results_of(known), known.settled
    panel = html.split('class="av-live"')[1]
    for one in results:
        assert one.right.label.replace("'", "&#x27;") in panel
    assert f"{settled} droits vérifiés sur {len(live_law.rights)}" in html
    assert {name: told.verdict for name, told in found.results.items()} == {
        f"{one.right.id}:{one.who}": one.verdict for one in results
    }


def test_what_an_answer_changed_is_told(world, meeting, signed_in):
    client = signed_in(world.agent)
    begun(client, meeting)
    client.post(f"{base(meeting)}question/coloc/m/", sent(meeting, "coloc", **ALONE))
    client.post(f"{base(meeting)}question/loyer/m/", sent(meeting, "rent", **{"loyer.m": "0"}))
    assert "La dernière réponse a changé" in client.get(base(meeting)).content.decode()


def test_a_difference_is_kept_and_may_be_sent(world, meeting, signed_in):
    client = signed_in(world.agent)
    begun(client, meeting)
    client.post(f"{base(meeting)}question/loyer/m/", sent(meeting, "rent", **{"loyer.m": "700"}))
    assert interview(world, meeting).corrections() == ("loyer:m",)
    html = client.get(base(meeting)).content.decode()
    assert "La personne : 700\u202f€" in html
    assert "612,50\u202f€" in html
    cpam = organisation("cpam-93")
    answer = client.post(f"{base(meeting)}corrections/", {"datum": "logement@cpam-93"})
    assert answer.status_code == 302
    request = CorrectionRequest.objects.get()
    assert (request.household, request.partner, request.category) == (HOUSEHOLD, cpam, "logement")
    assert "correction demandée" in client.get(base(meeting)).content.decode()
    assert client.post(f"{base(meeting)}corrections/", {"datum": "logement@cpam-93"}).status_code >= 400
    assert client.post(f"{base(meeting)}corrections/", {"datum": "sante@caf-93"}).status_code >= 400
    assert CorrectionRequest.objects.count() == 1


def test_an_answer_by_script_brings_the_differences_and_the_notes_of_now(world, meeting, signed_in):
    client = signed_in(world.agent)
    begun(client, meeting)
    client.post(f"{base(meeting)}notes/", {"key": "n", "level": "team", "text": "Écrite dans une autre page"})
    typed = sent(meeting, "rent", **{"loyer.m": "700"})
    html = client.post(f"{base(meeting)}question/loyer/m/", typed, HTTP_X_PART="1").content.decode()
    _talk, differences, notes = re.split(r'<div data-for="(?:differences|notes)-dites">', html)
    assert "La personne : 700\u202f€" in differences
    assert "Demander la correction" in differences
    assert "Écrite dans une autre page" in notes
    page = client.get(base(meeting)).content.decode()
    assert page.count('id="differences-dites"') == page.count('id="notes-dites"') == 1
    assert "data-for" not in page


def test_the_household_said_otherwise_is_a_difference(world, meeting, signed_in):
    html = begun(signed_in(world.agent), meeting, **{"f0.c1.born": "01/02/2020", "f0.c1.name": "Noé"})
    assert interview(world, meeting).corrections() == ("composition",)
    assert "3 personnes" in html
    assert "(s)" not in html.replace("Marié(e)", "")


def test_another_family_of_the_dwelling_answers_in_its_turn(world, meeting, signed_in):
    client = signed_in(world.agent)
    html = begun(client, meeting, **{"f1.adult.name": "Bo", "f1.adult.born": "01/01/1985", "f1.bond": "none"})
    assert "Les autres familles du logement" in html
    before = interview(world, meeting)
    client.post(f"{base(meeting)}question/epargne/f/", sent(meeting, **{"epargne.f": "100", "rows": ["f"]}))
    answer = client.post(f"{base(meeting)}famille/", sent(meeting, "turn", number="1"))
    assert answer["Location"].startswith(base(meeting))
    found = interview(world, meeting)
    assert [p.name for p in found.answers.household.family(0)] == ["Bo"]
    assert "loyer:m" not in found.answers.given  # the rent is that of who rents; this family may pay another
    assert "loyer:m" not in found.to_confirm()
    html = client.get(base(meeting)).content.decode()
    assert "Les droits affichés sont ceux de" in html
    assert client.post(f"{base(meeting)}famille/", sent(meeting, "far", number="3")).status_code == 400
    client.post(f"{base(meeting)}question/epargne/f/", sent(meeting, "own", **{"epargne.f": "7", "rows": ["f"]}))
    client.post(f"{base(meeting)}famille/", sent(meeting, "back", number="1"))
    again = interview(world, meeting)
    assert again.answers.value("epargne", "f") == 100.0
    added = {"epargne:f", "epargne:f1"}
    assert {n: v for n, v in again.answers.given.items() if n not in added} == dict(before.answers.given)
    assert again.to_confirm() == before.to_confirm()


def test_data_are_confirmed_one_by_one_and_keep_their_months(world, meeting, signed_in):
    client = signed_in(world.agent)
    begun(client, meeting)
    before = interview(world, meeting)
    assert "loyer:m" in before.to_confirm()
    client.post(f"{base(meeting)}confirmer/", sent(meeting, "ok", name=["loyer:m", "salaire:p1", "autre:p1"]))
    after = interview(world, meeting)
    assert set(before.to_confirm()) - set(after.to_confirm()) == {"loyer:m", "salaire:p1"}
    assert after.answers == before.answers
    assert after.corrections() == ()


def test_what_is_sent_again_changes_nothing(world, meeting, signed_in):
    client = signed_in(world.agent)
    begun(client, meeting)
    part = {"HTTP_X_PART": "1"}
    first = sent(meeting, "draft", 1, **ALONE)
    second = sent(meeting, "draft", 2, **{"loyer.m": "650"})
    assert client.post(f"{base(meeting)}question/coloc/m/", first, **part).status_code == 200
    for _ in range(2):
        client.post(f"{base(meeting)}question/loyer/m/", second, **part)
    version = Meeting.objects.get(pk=meeting.pk).version
    late = client.post(f"{base(meeting)}question/coloc/m/", {**first, "coloc.m": "oui"}, **part)
    assert late.status_code == 200
    found = interview(world, meeting).answers.given
    assert (found["coloc:m"], found["loyer:m"]) == (False, 650.0)
    assert Meeting.objects.get(pk=meeting.pk).version == version
    stale = {**sent(meeting, "another", 1, **{"loyer.m": "1"}), "version": 1}
    assert client.post(f"{base(meeting)}question/loyer/m/", stale, **part).status_code == 409
    assert interview(world, meeting).answers.given["loyer:m"] == 650.0


def test_a_part_holds_the_question_and_the_rights(world, meeting, signed_in):
    client = signed_in(world.agent)
    begun(client, meeting)
    part = {"HTTP_X_PART": "1"}
    wrong = client.post(f"{base(meeting)}question/loyer/m/", sent(meeting, "d", 1, **{"loyer.m": "beaucoup"}), **part)
    assert 'data-errors="1"' in wrong.content.decode()
    right = client.post(f"{base(meeting)}question/loyer/m/", sent(meeting, "d", 2, **{"loyer.m": "650"}), **part)
    html = right.content.decode()
    assert "<html" not in html
    assert 'data-at="11:00"' in html
    assert "av-live" in html
    ahead = client.get(f"{base(meeting)}suite/").content.decode()
    assert ahead.count("<template") >= 3
    why = client.get(f"{base(meeting)}pourquoi/rsa/", **part).content.decode()
    assert "<html" not in why


def test_an_answer_is_kept_while_the_law_loads(world, meeting, signed_in, monkeypatch):
    client = signed_in(world.agent)
    begun(client, meeting)
    monkeypatch.setattr(queries, "live_law", lambda month: None)
    typed = sent(meeting, "page", 1, **{"loyer.m": "650"})
    for _ in range(2):
        answer = client.post(f"{base(meeting)}question/loyer/m/", typed)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert interview(world, meeting).answers.given["loyer:m"] == 650.0
    assert Meeting.objects.get(pk=meeting.pk).version == typed["version"] + 1
    assert client.get(base(meeting)).status_code == 503


def test_the_plan_and_the_list_lead_to_it(world, meeting, signed_in):
    client = signed_in(world.agent)
    html = client.get(f"/plans/{meeting.plan_id}/").content.decode()
    assert f'href="{base(meeting)}"' in html
    assert "Reprendre l&#x27;entretien" in html or "Reprendre l'entretien" in html
    listed = client.get("/listes/a-completer/").content.decode()
    assert f'action="/plans/menages/{HOUSEHOLD}/rendez-vous/"' in listed


def test_nothing_of_the_interview_is_written_in_clear_nor_logged(world, meeting, signed_in, caplog):
    client = signed_in(world.agent)
    begun(client, meeting)
    client.post(f"{base(meeting)}question/loyer/m/", sent(meeting, "rent", **{"loyer.m": "678,90"}))
    kept = Meeting.objects.get(pk=meeting.pk).answers
    assert "Zelie" not in kept
    assert "678" not in kept
    assert "Zelie" not in caplog.text
    assert "678" not in caplog.text
    assert not [one for one in Entry.objects.all() if "678" in str(one.details) or "Zelie" in str(one.details)]


def test_only_its_agent_opens_it_and_only_while_the_convention_lasts(world, meeting, signed_in):
    begun(signed_in(world.agent), meeting)
    for who, status in (("manager", 403), ("neighbour", 404), ("unnamed", 404)):
        client = signed_in(getattr(world, who))
        assert client.get(base(meeting)).status_code == status, who
        assert client.post(f"{base(meeting)}question/loyer/m/", sent(meeting)).status_code == status, who
    world.convention.ends_on = date(2026, 11, 20)
    world.convention.save()
    assert signed_in(world.agent).get(base(meeting)).status_code == 404


def test_notes_then_the_plan_as_the_person_wishes(world, meeting, signed_in):
    client = signed_in(world.agent)
    begun(client, meeting)
    client.post(f"{base(meeting)}notes/", {"key": "k", "level": "private", "text": "À rappeler"})
    assert Note.objects.get().meeting == meeting
    assert "À rappeler" in client.get(base(meeting)).content.decode()
    html = client.get(f"{base(meeting)}bilan/").content.decode()
    offered = re.findall(r'name="wish-(\w+)" value="declined"', html)
    assert len(offered) >= 3
    accepted, declined = offered[:2]
    answer = client.post(f"{base(meeting)}bilan/", {
        f"wish-{accepted}": "accepted", f"wish-{declined}": "declined", f"choice-{declined}": "later",
    })  # fmt: skip
    assert answer["Location"] == f"/plans/{meeting.plan_id}/"
    planned = dict(meeting.plan.rights.values_list("right", "status"))
    assert (planned[accepted], planned[declined]) == ("accepted", "declined")
    assert meeting.plan.rights.get(right=declined).choice == "later"
    over = Meeting.objects.get(pk=meeting.pk)
    assert over.closed_at is not None
    assert over.held_at is not None
    assert client.get(base(meeting)).status_code == 302
    assert client.post(f"{base(meeting)}question/loyer/m/", sent(meeting)).status_code == 302


def test_what_is_received_already_is_said_and_never_offered(world, meeting, signed_in):
    for one in (*Party.objects.filter(side="receives"), world.team):
        one.rights = [*one.rights, "aides_logement"]
        one.save()
    path = settings.ALLERVERS.store / "detections" / "2026-11" / "statuts.parquet"
    rows = pl.read_parquet(path)
    paid = rows.head(1).with_columns(right=pl.lit("aides_logement"), status=pl.lit("received"))
    pl.concat([rows, paid]).write_parquet(path)
    client = signed_in(world.agent)
    begun(client, meeting)
    html = client.get(f"{base(meeting)}bilan/").content.decode()
    card = next(one for one in html.split("<fieldset") if "Aides au logement (APL" in one).split("</fieldset>")[0]
    assert re.search(r"déjà versé</span> \(310\s€, octobre 2026\)", card)
    assert "wish-" not in card
    assert "À demander" not in card
    assert 'name="wish-ppa"' in html
    client.post(f"{base(meeting)}bilan/", {"wish-aides_logement": "proposed"})
    assert not meeting.plan.rights.filter(right="aides_logement").exists()


def test_an_answer_takes_under_a_tenth_of_a_second(world, meeting, signed_in):
    client = signed_in(world.agent)
    begun(client, meeting)
    took = []
    for number, rent in enumerate((500, 510, 520, 530, 540, 550, 560, 570, 580, 590), 1):
        typed = sent(meeting, "quick", number, **{"loyer.m": str(rent)})
        began = time.process_time()  # what it costs: a loaded machine takes longer for as much
        answer = client.post(f"{base(meeting)}question/loyer/m/", typed, HTTP_X_PART="1")
        took.append(1000 * (time.process_time() - began))
        assert answer.status_code == 200
    median = sorted(took)[len(took) // 2]
    print(f"answer, panel and next question: median {median:.0f} ms, worst {max(took):.0f} ms")
    assert median < 300, took  # under 100 ms on a quiet machine; cores that are shared compute slower too


def test_a_household_without_data_is_described(world, meeting, signed_in, tmp_path):
    for path in (settings.ALLERVERS.store / "assembled").rglob("individu.parquet"):
        path.unlink()
    html = signed_in(world.agent).get(base(meeting), follow=True).content.decode()
    assert "décrivez-la avec la personne" in html


def test_no_income_is_confirmed_and_reasons_are_a_page_too(world, meeting, signed_in):
    client = signed_in(world.agent)
    begun(client, meeting)
    found = interview(world, meeting)
    nothing = {"sources:p1": ()}
    given = replace(found.given, answers=replace(found.given.answers, given={**found.given.answers.given, **nothing}))
    told = replace(found, given=given, answers=replace(found.answers, given={**found.answers.given, **nothing}))
    assert told.answered(told.answers, ["sources:p1"], "").answers.given["sources:p1"] == ()
    page = client.get(f"{base(meeting)}pourquoi/rsa/")
    assert page.status_code == 200
    assert "Revenu de solidarité active" in page.content.decode()
