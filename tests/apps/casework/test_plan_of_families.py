"""Several families under one roof, in a plan: each right is for one of them, and followed until it is paid to them."""

from __future__ import annotations

import re

import polars as pl
import pytest
from django.conf import settings
from interview_store import make_interview_store
from small_store import FAMILY, HOUSEHOLD
from small_world import NOW, line

from allervers.apps.audit.models import Entry
from allervers.apps.casework import paid
from allervers.apps.casework.actions import meetings
from allervers.apps.casework.domain import Origin
from allervers.apps.casework.models import Meeting, Plan, PlannedRight
from allervers.apps.casework.sealing import opened
from allervers.apps.casework.views import interview_parts
from allervers.apps.findings.received import Received, received_rights
from allervers.apps.partnership.domain import Category
from allervers.apps.partnership.models import Party
from allervers.apps.simulation import queries

pytestmark = [pytest.mark.law, pytest.mark.django_db, pytest.mark.usefixtures("in_november", "ready_law")]

WHO = {
    "f0.adult.id": "p1", "f0.adult.name": "Zelie", "f0.adult.born": "03/05/1980", "f0.bond": "none",
    "f0.partner.born": "", "f0.c0.id": "p2", "f0.c0.name": "Ida", "f0.c0.born": "02/01/2015", "home": "home",
    "town": "93066", "f1.adult.name": "Bo", "f1.adult.born": "01/01/1985", "f1.bond": "none",
}  # fmt: skip


@pytest.fixture
def ready_law(live_law, monkeypatch):
    monkeypatch.setattr(queries, "live_law", lambda month: live_law)
    return live_law


@pytest.fixture
def store(tmp_path, monkeypatch):
    made = make_interview_store(tmp_path / "store")
    monkeypatch.setattr(settings.ALLERVERS, "store", made)
    return made


def met(world, client):
    """A rendez-vous where both families answered; its address."""
    line(world, household=HOUSEHOLD, unit=FAMILY)
    return asked_again(world, client)


def asked_again(world, client, **changes):
    """Another rendez-vous with the same household, described again. `changes`: of the form, None for nothing."""
    who = {name: typed for name, typed in {**WHO, **changes}.items() if typed is not None}
    meeting = meetings.start_meeting(
        acting_user=world.agent, now=NOW, household=HOUSEHOLD, origin=Origin.LIST, line="rsa"
    )[0]
    base = f"/plans/rendez-vous/{meeting.pk}/"

    def post(page, draft, **typed):
        version = Meeting.objects.get(pk=meeting.pk).version
        answer = client.post(f"{base}{page}", {"version": version, "draft": draft, "sequence": 1, **typed})
        assert answer.status_code == 302, answer.content.decode()

    client.get(f"{base}foyer/")
    post("foyer/", "foyer", **who)
    if "f1.adult.born" in who:
        post("famille/", "turn", number="1")
        post("question/epargne/f/", "own", **{"epargne.f": "7", "rows": ["f"]})
    return base


def of_rsa(html):
    """The fields of the RSA, by who it is for."""
    found = {}
    for card in html.split("<fieldset"):
        name = re.search(r'name="wish-(rsa[\w-]*)"', card)
        if name is not None:
            found[re.search(r"pour ([^<]+)</span>", card)[1]] = name[1]
    return found


def test_each_family_has_its_own_line_which_is_followed_apart(world, store, signed_in):
    client = signed_in(world.agent)
    base = met(world, client)
    fields = of_rsa(client.get(f"{base}bilan/").content.decode())
    assert set(fields) == {"Zelie, Ida", "Bo"}
    answer = client.post(f"{base}bilan/", {f"wish-{fields['Bo']}": "declined", f"choice-{fields['Bo']}": "later",
                                           f"wish-{fields['Zelie, Ida']}": "accepted"})  # fmt: skip
    held = {opened(one.whose): one for one in PlannedRight.objects.filter(right="rsa")}
    assert {who: (one.status, one.choice) for who, one in held.items()} == {
        "Zelie, Ida": ("accepted", ""), "Bo": ("declined", "later")
    }  # fmt: skip
    assert held["Zelie, Ida"].unit == FAMILY  # as the lists have it
    assert held["Bo"].unit.startswith("dit-")  # no partner knows this family
    assert "Zelie" not in held["Zelie, Ida"].whose  # names are sealed
    for page in (answer["Location"], f"{answer['Location']}resume/"):
        html = client.get(page).content.decode()
        assert all(f"pour {who}" in html for who in ("Zelie, Ida", "Bo")), page


def test_the_same_families_asked_again_stay_where_they_are(world, store, signed_in):
    client = signed_in(world.agent)
    base = met(world, client)
    fields = of_rsa(client.get(f"{base}bilan/").content.decode())
    client.post(f"{base}bilan/", {f"wish-{name}": "accepted" for name in fields.values()})
    base = asked_again(world, client)
    html = client.get(f"{base}bilan/").content.decode()
    assert of_rsa(html) == {}
    assert html.count("Déjà dans le plan.") >= 2
    client.post(f"{base}bilan/", {f"wish-{name}": "declined" for name in fields.values()})
    assert set(PlannedRight.objects.filter(right="rsa").values_list("status", flat=True)) == {"declined"}
    assert PlannedRight.objects.filter(right="rsa").count() == 2


ALONE = {"f1.adult.name": None, "f1.adult.born": None, "f1.bond": None}


def test_a_family_that_did_not_come_back_keeps_its_answers(world, store, signed_in):
    client = signed_in(world.agent)
    base = met(world, client)
    fields = of_rsa(client.get(f"{base}bilan/").content.decode())
    client.post(f"{base}bilan/", {f"wish-{name}": "proposed" for name in fields.values()})
    before = {opened(one.whose): one for one in PlannedRight.objects.filter(right="rsa")}
    base = asked_again(world, client, **ALONE)
    client.post(f"{base}bilan/", {"wish-rsa": "declined", "choice-rsa": "fear_of_debt"})
    held = {opened(one.whose): one for one in PlannedRight.objects.filter(right="rsa")}
    assert (held["Zelie, Ida"].status, held["Zelie, Ida"].choice) == ("declined", "fear_of_debt")
    assert held["Bo"].status == "proposed"
    assert held["Bo"].proposed_eur == before["Bo"].proposed_eur


@pytest.mark.parametrize("name", ["", "bo", "Boubacar"])
def test_a_family_is_known_again_by_its_births_whatever_its_name(world, store, signed_in, name):
    client = signed_in(world.agent)
    base = met(world, client)
    fields = of_rsa(client.get(f"{base}bilan/").content.decode())
    client.post(f"{base}bilan/", {f"wish-{one}": "proposed" for one in fields.values()})
    count = PlannedRight.objects.count()
    base = asked_again(world, client, **{"f1.adult.name": name})
    fields = of_rsa(client.get(f"{base}bilan/").content.decode())
    client.post(f"{base}bilan/", {f"wish-{one}": "accepted" for one in fields.values()})
    assert PlannedRight.objects.count() == count
    assert set(PlannedRight.objects.filter(right="rsa").values_list("status", flat=True)) == {"accepted"}


def test_a_right_added_by_hand_is_given_to_no_family(world, store, signed_in):
    client = signed_in(world.agent)
    base = met(world, client)
    plan = Meeting.objects.get().plan
    client.post(f"/plans/{plan.pk}/droits/", {"right": "css_sans_participation"})
    page = client.get(f"{base}bilan/").content.decode()
    names = re.findall(r'name="wish-(css_sans_participation[\w-]*)" value="accepted"', page)
    client.post(f"{base}bilan/", {f"wish-{name}": "accepted" for name in names})
    held = PlannedRight.objects.filter(right="css_sans_participation")
    assert sorted(opened(one.whose) for one in held) == ["", "Bo", "Zelie, Ida"]


def test_what_was_declined_is_asked_again_with_its_new_amount(world, store, signed_in):
    client = signed_in(world.agent)
    line(world, household=HOUSEHOLD, unit=FAMILY)
    base = asked_again(world, client, **ALONE)
    client.post(f"{base}bilan/", {"wish-rsa": "declined"})
    PlannedRight.objects.filter(right="rsa").update(proposed_eur=22.74)
    base = asked_again(world, client, **ALONE)
    page = client.get(f"{base}bilan/").content.decode()
    assert "ne le souhaitait pas la dernière fois" in page
    changes = Entry.objects.filter(action="right_changed").count()
    client.post(f"{base}bilan/", {"wish-rsa": "accepted"})
    planned = PlannedRight.objects.get(right="rsa")
    assert planned.status == "accepted"
    # Proposed again, then accepted; and the amount, where the interview settles one.
    is_new = planned.proposed_eur != pytest.approx(22.74)
    assert Entry.objects.filter(action="right_changed").count() == changes + 2 + is_new


def test_each_family_has_a_summary_of_its_own(world, store, signed_in):
    client = signed_in(world.agent)
    base = met(world, client)
    fields = of_rsa(client.get(f"{base}bilan/").content.decode())
    plan = client.post(f"{base}bilan/", {f"wish-{name}": "accepted" for name in fields.values()})["Location"]
    ranks = re.findall(r'href="\?famille=(\d)"[^>]*>([^<]+)</a>', client.get(f"{plan}resume/").content.decode())
    assert {who for _rank, who in ranks} == {"Zelie, Ida", "Bo"}
    for rank, who in ranks:
        page = client.get(f"{plan}resume/?famille={rank}").content.decode()
        printed = re.sub(r'<div class="av-note warm no-print">.*?</div>', "", page, flags=re.DOTALL)
        assert f"pour {who}" in printed
        assert not [other for _rank, other in ranks if other != who and f"pour {other}" in printed]


def test_an_answer_of_another_familys_page_is_refused(world, store, signed_in, monkeypatch):
    client = signed_in(world.agent)
    base = met(world, client)
    turn = re.search(r'name="family" value="(p\d+)"', client.get(base).content.decode())[1]
    version = Meeting.objects.get().version
    sent = {"version": version, "draft": "late", "sequence": 1, "epargne.f": "9", "rows": ["f"]}
    refused = client.post(f"{base}question/epargne/f/", {**sent, "family": "p1"}, HTTP_X_PART="1")
    assert (refused.status_code, turn != "p1") == (400, True)
    assert client.post(f"{base}question/epargne/f/", {**sent, "family": turn}, HTTP_X_PART="1").status_code == 200
    late = {**sent, "version": Meeting.objects.get().version, "draft": "later", "family": "p1"}
    assert client.post(f"{base}confirmer/", {**late, "name": ["loyer:m"]}).status_code == 400
    monkeypatch.setattr(queries, "live_law", lambda month: None)  # the law went: the answer is kept without it
    assert client.post(f"{base}question/epargne/f/", late, HTTP_X_PART="1").status_code == 400


def test_what_is_paid_to_one_family_is_not_taken_for_the_other(world, store, signed_in):
    client = signed_in(world.agent)
    base = met(world, client)
    fields = of_rsa(client.get(f"{base}bilan/").content.decode())
    client.post(f"{base}bilan/", {f"wish-{name}": "accepted" for name in fields.values()})
    received(store)
    assert received_rights(world.agent, HOUSEHOLD, NOW.date())["rsa"].units == {FAMILY}
    assert paid.see_what_is_paid(NOW) == 1
    assert {opened(one.whose): one.is_seen for one in PlannedRight.objects.filter(right="rsa")} == {
        "Zelie, Ida": True, "Bo": False
    }  # fmt: skip


def test_the_end_tells_who_receives_it_already(world, store, signed_in):
    received(store)
    client = signed_in(world.agent)
    base = met(world, client)
    html = client.get(f"{base}bilan/").content.decode()
    cards = {
        found[1]: card for card in html.split("<fieldset")
        if "Revenu de solidarité active" in card and (found := re.search(r"pour ([^<]+)</span>", card))
    }  # fmt: skip
    assert "déjà versé" in cards["Zelie, Ida"]
    assert "wish-" not in cards["Zelie, Ida"]
    assert "vérifiez à qui" in cards["Bo"]
    assert "wish-" in cards["Bo"]


def test_names_are_not_shown_to_who_may_not_read_identities(world, store, signed_in):
    client = signed_in(world.agent)
    base = met(world, client)
    fields = of_rsa(client.get(f"{base}bilan/").content.decode())
    plan = client.post(f"{base}bilan/", {f"wish-{name}": "accepted" for name in fields.values()})["Location"]
    for one in Party.objects.filter(side="receives"):
        one.categories = [name for name in one.categories if name != Category.IDENTITE]
        one.save()
    for page in (plan, f"{plan}resume/"):
        html = client.get(page).content.decode()
        assert not [who for who in ("pour Bo", "Zelie") if who in html], page


def received(store):
    """The first family receives the RSA, the partners say."""
    path = store / "detections" / "2026-11" / "statuts.parquet"
    rows = pl.read_parquet(path)
    paid_row = rows.head(1).with_columns(
        right=pl.lit("rsa"), status=pl.lit("received"), unit_entity=pl.lit("famille"), unit_id=pl.lit(FAMILY)
    )
    pl.concat([rows.filter(pl.col("right") != "rsa"), paid_row]).write_parquet(path)


def test_follow_ups_say_for_whom(world, store, signed_in):
    client = signed_in(world.agent)
    base = met(world, client)
    fields = of_rsa(client.get(f"{base}bilan/").content.decode())
    client.post(f"{base}bilan/", {f"wish-{name}": "accepted" for name in fields.values()})
    html = client.get("/plans/?droit=rsa").content.decode()
    assert "pour Zelie, Ida" in html
    assert "pour Bo" in html
    assert "Bo" not in client.get("/plans/export.csv?droit=rsa").content.decode("utf-8-sig").split()
    Party.objects.filter(organisation=world.saint_denis).update(categories=["droits"])
    assert "pour Bo" not in client.get("/plans/?droit=rsa").content.decode()


def test_what_is_paid_too_little_becomes_a_step(world, store, signed_in, monkeypatch):
    held = {"ars": Received("2026-10", 10.0, frozenset({FAMILY}))}
    monkeypatch.setattr(interview_parts, "received_rights", lambda *asked: held)
    client = signed_in(world.agent)
    line(world, household=HOUSEHOLD, unit=FAMILY)
    base = asked_again(world, client, **ALONE)
    html = client.get(f"{base}bilan/").content.decode()
    assert "Vérifier ce qui a changé, et le déclarer" in html
    assert 'name="declare-ars"' in html
    made = client.post(f"{base}bilan/", {"declare-ars": "on"}, follow=True).content.decode()
    assert "Vérifier ce qui a changé, et le déclarer" in made
    step = Plan.objects.get().steps.get(right="ars")
    assert step.doer == "person"
    assert "10" not in opened(step.what).replace(".", ",").split(" ")  # what is paid is the partner's to tell
    held["ars"] = Received("2026-10", 5_000.0, frozenset({FAMILY}))
    base = asked_again(world, client, **ALONE)
    assert "Vérifier ce qui a changé" not in client.get(f"{base}bilan/").content.decode()


def test_who_leads_a_meeting_is_told_who_follows_the_plan(world, store, signed_in):
    client = signed_in(world.agent)
    base = met(world, client)
    Plan.objects.update(agent=world.manager)
    told = client.post(f"{base}bilan/", follow=True).content.decode()
    assert f"Ce plan est suivi par {world.manager.full_name}" in told


def test_a_child_born_this_month_leaves_a_right_to_follow(world, store, signed_in):
    client = signed_in(world.agent)
    line(world, household=HOUSEHOLD, unit=FAMILY)
    born = {"f0.c1.name": "Noé", "f0.c1.born": "05/11/2026", **ALONE}
    base = asked_again(world, client, **born)
    html = client.get(f"{base}bilan/").content.decode()
    assert "le mois prochain" in html
    client.post(f"{base}bilan/", {"wish-af": "accepted"})
    made = PlannedRight.objects.get(right="af")
    assert (made.status, made.proposed_eur) == ("accepted", None)
