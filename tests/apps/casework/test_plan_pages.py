"""Pages of plans: what they show, to whom, with how many queries, what they write; follow-ups, summary, figures."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pdf_reading import bookmarks, document_of, headings, letters, printed, words_of
from small_plan import make_plan
from small_store import FAMILY, HOUSEHOLD, make_store
from small_world import NOW, TODAY, line

from allervers.apps.audit.models import Entry
from allervers.apps.casework.actions import meetings, rights
from allervers.apps.casework.figures import SMALL_TEAMS, figures_of
from allervers.apps.casework.models import GridTally, Plan, PlannedRight, PlanStep
from allervers.apps.partnership.models import Party

pytestmark = pytest.mark.usefixtures("in_november")


def queries_of(client, path):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.fixture
def small(world):
    return make_plan(world)


def test_the_page_shows_everything_and_is_written_in_the_register(world, small, signed_in):
    page = signed_in(world.agent).get(f"/plans/{small.plan.pk}/").content.decode()
    for told in (
        "Revenu de solidarité active", "Demandé", "réponse attendue avant le", "1er novembre 2026", "délai général",
        "Repéré", "Téléphoner à la Caf", "en retard", "3919", "Note private", "Note team", "Titre de séjour",
        "Aide juridique ou recours", "Le rendez-vous est fini", "Droits liés",
    ):  # fmt: skip
        assert told in page, told
    entry = Entry.objects.get(action="plan_viewed")
    assert (entry.actor, entry.target, entry.convention) == (
        world.agent.public_id, small.plan.household, world.convention.reference,
    )  # fmt: skip
    theirs = signed_in(world.manager).get(f"/plans/{small.plan.pk}/").content.decode()
    assert "Note private" not in theirs
    assert "Note team" in theirs


@pytest.mark.parametrize("who", ["neighbour", "unnamed"])
def test_nothing_tells_others_that_a_plan_exists(world, small, who, signed_in):
    client = signed_in(getattr(world, who))
    for path in (f"/plans/{small.plan.pk}/", f"/plans/{small.plan.pk}/resume/", "/plans/999/"):
        assert client.get(path).status_code == 404
    assert client.post(f"/plans/droits/{small.right.pk}/", {"status": "granted", "version": 3}).status_code == 404
    assert small.plan.household not in client.get("/plans/?qui=equipe").content.decode()
    small.right.refresh_from_db()
    assert small.right.status == "requested"


def test_as_many_queries_for_a_long_plan_as_for_a_short_one(world, small, signed_in):
    client, path = signed_in(world.agent), f"/plans/{small.plan.pk}/"
    client.get(path)
    few = queries_of(client, path)
    for n in range(12):
        PlannedRight.objects.create(plan=small.plan, right="ppa", unit=f"u{n}", status="proposed")
        PlanStep.objects.create(plan=small.plan, step=f"s{n}", what=small.step.what, doer="agent")
    assert queries_of(client, path) == few <= 51


def test_buttons_of_the_page(world, small, signed_in):
    client, base = signed_in(world.agent), f"/plans/{small.plan.pk}"
    sent = {"status": "granted", "version": 3, "on": "2026-11-20"}
    assert client.post(f"/plans/droits/{small.right.pk}/", sent).status_code == 302
    assert client.post(f"/plans/droits/{small.right.pk}/", {"status": "undo", "version": 4}).status_code == 302
    assert client.post(f"/plans/droits/{small.right.pk}/", {"status": "paid", "version": 5}).status_code in (400, 403)
    assert client.post(f"/plans/droits/{small.right.pk}/", {"status": "granted", "version": 1}).status_code == 409
    assert client.post(f"{base}/droits/", {"right": ["ppa", "cheque_energie"], "linked_from": "rsa"}).status_code == 302
    assert client.post(f"{base}/pieces/", {"document": "rib", "there": "1"}).status_code == 302
    assert client.post(f"{base}/etapes/", {"template": "naissance"}).status_code == 302
    step = {"key": "droit", "what": "Remplir le dossier", "doer": "person", "right": "rsa"}
    assert client.post(f"{base}/etapes/", step).status_code == 302
    assert client.post(f"{base}/etapes/", step | {"key": "faux", "right": "invente"}).status_code == 400
    sent_to = {"to": world.bondy.pk, "why": "decides", "right": "rsa", "is_agreed": "on"}
    assert client.post(f"{base}/orientations/", sent_to).status_code == 302
    assert client.post(f"/plans/etapes/{small.step.pk}/", {"done": "1"}).status_code == 302
    assert client.post(f"/plans/orientations/{small.referral.pk}/", {"state": "met"}).status_code == 302
    assert client.post(f"{base}/etat/", {"what": "give_back", "version": 1}).status_code == 302
    plan = Plan.objects.get()
    assert (plan.agent, plan.ticks.count(), plan.rights.count()) == (None, 1, 5)
    assert plan.steps.get(step="droit").right == "rsa"
    assert plan.referrals.get(why="decides").right == "rsa"
    summary = client.get(f"{base}/resume/").content.decode()
    assert "ce lieu instruit la demande (revenu de solidarité active" in summary.lower()
    assert client.post(f"{base}/notes/", {"level": "team"}).status_code == 400


def test_a_domiciliation_leads_to_the_grid_of_the_counter(world, small, signed_in):
    rights.add_rights(acting_user=world.agent, now=NOW, plan=small.plan, rights=["domiciliation"])
    client = signed_in(world.agent)
    address = f"/plans/accueil/?origin=domiciliation&amp;menage={small.plan.household}"
    assert address in client.get(f"/plans/{small.plan.pk}/").content.decode()
    assert "une domiciliation" in client.get(address.replace("&amp;", "&")).content.decode()


def test_the_household_page_leads_to_the_plan(world, signed_in, tmp_path, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))
    line(world, household=HOUSEHOLD, unit=FAMILY)
    client = signed_in(world.agent)
    assert "Plan d'accompagnement" in client.get(f"/listes/menages/{HOUSEHOLD}/").content.decode()
    answer = client.post(f"/plans/menages/{HOUSEHOLD}/rendez-vous/", {"origin": "domiciliation"}, follow=True)
    assert "Une domiciliation".lower() in answer.content.decode().lower()


def test_the_summary_says_which_dates_are_past(world, small, signed_in):
    page = signed_in(world.agent).get(f"/plans/{small.plan.pk}/resume/").content.decode()
    assert "20 novembre 2026 (dépassée)" in page  # the papers
    row = next(one for one in page.split("<tr>") if "Téléphoner à la Caf" in one)
    assert "1er septembre 2026 <strong>(dépassée)</strong>" in row
    PlanStep.objects.filter(pk=small.step.pk).update(due_on=TODAY)
    page = signed_in(world.agent).get(f"/plans/{small.plan.pk}/resume/").content.decode()
    assert "dépassée" not in next(one for one in page.split("<tr>") if "Téléphoner à la Caf" in one)


def test_the_summary_is_plain_and_names_only_where_identities_are_open(world, signed_in, tmp_path, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))
    small = make_plan(world, household=HOUSEHOLD, unit=FAMILY)
    client, path = signed_in(world.agent), f"/plans/{small.plan.pk}/resume/"
    page = client.get(path).content.decode()
    for told in ("Zelie Marqueur", "Ce que vous avez demandé", "Papiers à apporter", "Votre signature", "Note shared",
                 "Qui fait quoi", "Où aller", "Qui appeler"):  # fmt: skip
        assert told in page, told
    assert "3919" not in page  # a discreet step: others at home may read the summary
    assert "Note team" not in page
    assert "Note private" not in page
    Party.objects.filter(side="receives").update(categories=["personnes"])
    assert "Marqueur" not in client.get(path).content.decode()
    assert Entry.objects.filter(action="plan_summary_made").count() == 2


def test_the_summary_as_a_pdf_says_what_the_page_says(world, signed_in, tmp_path, monkeypatch):
    monkeypatch.setattr(settings.ALLERVERS, "store", make_store(tmp_path / "store"))
    small = make_plan(world, household=HOUSEHOLD, unit=FAMILY)
    client, path = signed_in(world.agent), f"/plans/{small.plan.pk}/resume/"
    html = client.get(path).content.decode()
    assert f'href="{path}plan.pdf"' in html
    answer = client.get(f"{path}plan.pdf")
    document = document_of(answer)
    assert words_of(document) == letters(printed(html))
    assert bookmarks(document) == headings(html)
    for said in ("Zelie Marqueur", "Note shared", "Votre signature"):
        assert letters(said) in words_of(document), said
    assert "3919" not in words_of(document)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert len(answer.content) < 150_000
    assert Entry.objects.filter(action="plan_summary_made").count() == 2  # each reading is written


def test_follow_ups_come_by_date_with_the_late_ones_first(world, small, signed_in):
    client = signed_in(world.agent)
    page = client.get("/plans/")
    rows = page.context["page"].object_list
    dates = [row.due_on for row in rows if row.due_on is not None]
    assert dates == sorted(dates)
    assert [row.due_on is None for row in rows] == sorted(row.due_on is None for row in rows)
    assert rows[0].what == "Téléphoner à la Caf"
    told = {row.what for row in rows}
    assert "Orientation : ccas-bondy" in told
    assert any(what.startswith("Pièces à apporter : ") for what in told)
    assert page.context["late"] == sum(row.is_late for row in rows) > 2


@pytest.mark.parametrize(
    ("query", "what"),
    [("statut=detected", {"aspa"}), ("droit=rsa", {"rsa"}), ("statut=requested&droit=aspa", set()),
     ("commune=93066&statut=proposed", {"css_sans_participation"}), ("commune=93010&droit=rsa", {"rsa"}),
     ("retard=oui&statut=requested", {"rsa"}), ("statut=rien&droit=rsa", {"rsa"})],
)  # fmt: skip
def test_follow_ups_are_filtered(world, small, signed_in, query, what):
    rows = signed_in(world.agent).get(f"/plans/?{query}").context["page"].object_list
    assert {row.right for row in rows if row.status} == what


def test_a_manager_sees_those_of_the_team_and_an_empty_page_says_what_to_do(world, small, signed_in):
    client = signed_in(world.manager)
    assert "Un plan s'ouvre depuis" in client.get("/plans/").content.decode()
    assert small.plan.household[:8] in client.get("/plans/?qui=equipe").content.decode()
    assert "Rien avec ces filtres" in client.get("/plans/?qui=equipe&statut=paid").content.decode()


def test_follow_ups_take_as_many_queries_for_many_plans(world, signed_in):
    client = signed_in(world.agent)
    make_plan(world, 1)
    client.get("/plans/")
    few = queries_of(client, "/plans/")
    for rank in range(2, 6):
        make_plan(world, rank)
    assert queries_of(client, "/plans/") == few <= 40


def test_the_file_of_follow_ups_names_nobody(world, small, signed_in):
    answer = signed_in(world.agent).get("/plans/export.csv?statut=requested")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [(row[0], row[5], row[6]) for row in rows[1:]] == [(small.plan.household, "01/11/2026", "oui")]
    assert Entry.objects.get(action="plans_exported").details["lines"] == 1


def paid(world, rank, euros=100.0):
    small = make_plan(world, rank)
    meetings.hold_meeting(acting_user=world.agent, now=NOW, meeting=small.meeting)
    PlannedRight.objects.filter(pk=small.right.pk).update(
        status="paid", paid_on=TODAY + timedelta(days=30), paid_eur=euros
    )
    return small


def test_figures_are_hidden_from_who_may_not_open_each_plan(world):
    for rank in range(1, 5):
        paid(world, rank)
    told = figures_of(world.manager, NOW)
    assert (told.total.meetings, told.total.opened, told.total.eur_month, told.total.eur_year) == (4, 4, 400.0, 4800.0)
    assert told.total.median_days == 30.0
    for who in (world.admin, world.analyst):
        hidden = figures_of(who, NOW)
        assert (hidden.total.meetings, hidden.total.opened, hidden.total.eur_month) == (None, None, None)
        assert hidden.delays.meeting_to_payment is None
    paid(world, 5, None)
    shown = figures_of(world.admin, NOW)
    assert (shown.total.opened, shown.total.eur_month, shown.total.without_amount) == (5, 400.0, 1)


def test_grids_are_counted_and_hidden_alike(world):
    GridTally.objects.create(team=world.team, month="2026-11", origin="counter", outcome="meeting", count=3)
    GridTally.objects.create(team=world.team, month="2024-11", origin="counter", outcome="check", count=9)
    assert [count for _, count in figures_of(world.manager, NOW).grids] == [3, 0, 0]
    assert figures_of(world.admin, NOW).grids[0][1] is None
    assert figures_of(world.admin_of_bondy, NOW).grids[0][1] == 0


def test_a_small_team_is_not_shown_alone(world):
    for rank in range(1, 6):
        paid(world, rank)
    assert [row.label for row in figures_of(world.manager, NOW).teams] == [world.team.name]
    world.team.members.remove(world.unnamed)
    assert [row.label for row in figures_of(world.manager, NOW).teams] == [SMALL_TEAMS]


def test_figures_stay_in_the_organisation(world, signed_in):
    paid(world, 1)
    told = figures_of(world.admin_of_bondy, NOW)
    assert told.total.meetings == 0
    page = signed_in(world.manager).get("/plans/chiffres/").content.decode()
    assert "Gagnés par an" in page
    assert world.agent.full_name not in page
    assert "Saint-Denis" in signed_in(world.manager).get("/plans/chiffres/export.csv").content.decode("utf-8-sig")
