"""Accounts that close, open again, change role: who may, what ends at once, what goes back to the team."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.test import Client
from small_world import NOW, TODAY, account, line

from allervers.apps.accounts.actions import change_role, close_account, reopen_account
from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.permissions import can_administer
from allervers.apps.audit.models import Entry
from allervers.apps.findings.actions import change_progress
from allervers.apps.findings.domain import Progress
from allervers.apps.findings.models import Finding, FollowUp
from allervers.apps.findings.permissions import visible
from allervers.foundation.errors import Refused


@pytest.mark.parametrize(
    ("who", "whom", "may"),
    [
        ("admin", "agent", True),
        ("admin", "manager", True),
        ("admin", "analyst", True),
        ("admin", "officer", True),
        ("admin", "admin", False),
        ("admin", "neighbour", False),
        ("admin", "platform", False),
        ("platform", "admin", True),
        ("platform", "platform", False),
        ("platform", "agent", False),
        ("manager", "agent", False),
        ("agent", "agent", False),
        ("officer", "agent", False),
    ],
)
def test_who_manages_whom(world, who, whom, may):
    acting, target = getattr(world, who), getattr(world, whom)
    assert can_administer(acting, target) is may
    if not may:
        for action in (close_account, reopen_account):
            with pytest.raises(PermissionDenied):
                action(acting_user=acting, now=NOW, account=target)


def test_an_administrator_does_not_manage_a_fellow_administrator(world):
    fellow = account("collegue", Role.ORGANISATION_ADMIN, world.saint_denis)
    assert not can_administer(world.admin, fellow)


def sign_in(email):
    client = Client()
    answer = client.post("/compte/connexion/", {"login": email, "password": "phrase de passe"})
    assert answer.status_code == 302
    session = client.session
    session["proconnect"] = True
    session.save()
    return client


def sign_in_halfway(email):
    client = Client()
    client.post("/compte/connexion/", {"login": email, "password": "phrase de passe"})
    return client


def test_who_leaves_is_signed_out_everywhere_at_once(world):
    first, second = sign_in("agent@test.invalid"), sign_in("agent@test.invalid")
    assert first.get("/listes/").status_code == 200
    close_account(acting_user=world.admin, now=NOW, account=world.agent)
    for client in (first, second):
        assert client.get("/listes/")["Location"].startswith("/compte/connexion/")
    again = Client()
    answer = again.post("/compte/connexion/", {"login": "agent@test.invalid", "password": "phrase de passe"})
    assert answer["Location"] == "/compte/ferme/"
    assert again.get("/listes/")["Location"].startswith("/compte/connexion/")
    assert Entry.objects.get(action="account_closed").details["sessions"] == 2


def taken(world, rank, team=True):
    found = line(world, rank)
    change_progress(acting_user=world.agent, now=NOW, finding=found, progress=Progress.IN_CHARGE, version=0)
    if not team:
        FollowUp.objects.update(team=None)
    return found


def test_the_lines_of_who_leaves_go_back_to_the_team(world):
    found = taken(world, 1)
    settled = taken(world, 2)
    change_progress(acting_user=world.agent, now=NOW, finding=settled, progress=Progress.SETTLED, version=1)
    close_account(acting_user=world.admin, now=NOW, account=world.agent)
    follow_up = FollowUp.objects.get(unit=found.unit)
    assert (follow_up.agent, follow_up.team, follow_up.progress) == (None, world.team, Progress.ASSIGNED)
    shown = Finding.objects.get(pk=found.pk)
    assert (shown.agent, shown.progress, shown.version) == (None, Progress.ASSIGNED, follow_up.version)
    assert follow_up.steps.count() == 2
    assert FollowUp.objects.get(unit=settled.unit).agent == world.agent
    entry = Entry.objects.get(action="account_closed")
    assert entry.details["given_back"] == {
        "habilitations": 1, "teams": 1, "lines": 1, "plans": 0, "private_notes": 0,
    }  # fmt: skip
    assert Entry.objects.get(action="line_given_back").target == found.household


def test_a_line_without_team_goes_back_to_the_list(world):
    found = taken(world, 1, team=False)
    close_account(acting_user=world.admin, now=NOW, account=world.agent)
    assert FollowUp.objects.get(unit=found.unit).progress == Progress.TO_DO


def test_closing_twice_changes_nothing_more(world):
    close_account(acting_user=world.admin, now=NOW, account=world.agent)
    close_account(acting_user=world.admin, now=NOW, account=world.agent)
    assert Entry.objects.filter(action="account_closed").count() == 1


def test_opened_again_an_account_has_no_habilitation_nor_team(world):
    line(world)
    close_account(acting_user=world.admin, now=NOW, account=world.agent)
    opened = reopen_account(acting_user=world.admin, now=NOW, account=world.agent)
    assert opened.is_active
    assert not visible(opened, TODAY).exists()
    assert not world.team.members.filter(pk=opened.pk).exists()


def test_a_role_that_sees_no_person_loses_what_it_had(world):
    taken(world, 1)
    change_role(acting_user=world.admin, now=NOW, account=world.agent, role=Role.ANALYST)
    assert not FollowUp.objects.filter(agent=world.agent).exists()
    assert world.convention.habilitations.get(user=world.agent).ends_on == TODAY
    details = Entry.objects.get(action="account_role_changed").details
    assert (details["before"], details["role"]) == ("agent", "analyst")


def test_a_manager_keeps_what_the_agent_had(world):
    taken(world, 1)
    change_role(acting_user=world.admin, now=NOW, account=world.agent, role=Role.TEAM_MANAGER)
    assert FollowUp.objects.filter(agent=world.agent).exists()
    assert world.convention.habilitations.get(user=world.agent).ends_on is None


def test_a_lost_phone_is_forgotten_by_the_administrator(
    world, signed_in, mailoutbox, django_capture_on_commit_callbacks
):
    Authenticator.objects.create(user=world.agent, type="totp", data={})
    Authenticator.objects.create(user=world.agent, type="recovery_codes", data={})
    open_session, path = sign_in_halfway("agent@test.invalid"), f"/compte/comptes/{world.agent.public_id}/telephone/"
    neighbour = account("admin-bondy", Role.ORGANISATION_ADMIN, world.bondy)
    assert signed_in(neighbour).post(path).status_code == 404
    assert signed_in(world.platform).post(path).status_code == 404
    assert signed_in(world.manager).post(path).status_code == 403
    with django_capture_on_commit_callbacks(execute=True):
        assert signed_in(world.admin).post(path).status_code == 302
    assert not Authenticator.objects.exists()
    assert mailoutbox[0].to == ["agent@test.invalid"]
    assert open_session.get("/listes/").status_code == 302
    entry = Entry.objects.get(action="second_factor_reset")
    assert (entry.actor, entry.target) == (world.admin.public_id, world.agent.public_id)
    assert signed_in(world.admin).post(path).status_code == 403  # nothing left to forget


def test_nobody_is_made_an_administrator_by_another(world):
    with pytest.raises(PermissionDenied):
        change_role(acting_user=world.admin, now=NOW, account=world.agent, role=Role.ORGANISATION_ADMIN)
    with pytest.raises(PermissionDenied):
        change_role(acting_user=world.platform, now=NOW, account=world.admin, role=Role.AGENT)


def test_a_closed_account_changes_no_role(world):
    close_account(acting_user=world.admin, now=NOW, account=world.agent)
    with pytest.raises(Refused):
        change_role(acting_user=world.admin, now=NOW, account=world.agent, role=Role.ANALYST)


def test_pages_of_an_account(world, signed_in):
    client, agent = signed_in(world.admin), world.agent.public_id
    assert "Fermer ce compte" in client.get(f"/compte/comptes/{agent}/").content.decode()
    assert client.get(f"/compte/comptes/{world.neighbour.public_id}/").status_code == 404
    assert client.post(f"/compte/comptes/{world.neighbour.public_id}/fermer/").status_code == 404
    assert "pas vous" in client.get(f"/compte/comptes/{world.admin.public_id}/").content.decode()
    assert client.post(f"/compte/comptes/{world.admin.public_id}/fermer/").status_code == 403
    assert client.post(f"/compte/comptes/{agent}/role/", {"role": "analyst"}).status_code == 302
    assert client.post(f"/compte/comptes/{agent}/role/", {"role": "roi"}).status_code == 400
    assert client.post(f"/compte/comptes/{agent}/fermer/").status_code == 302
    assert "Rouvrir" in client.get(f"/compte/comptes/{agent}/").content.decode()
    assert client.post(f"/compte/comptes/{agent}/rouvrir/").status_code == 302
    assert client.get(f"/compte/comptes/{agent}/fermer/").status_code == 405


@pytest.mark.parametrize("who", ["agent", "manager", "analyst", "officer"])
def test_pages_of_administrators_are_closed_to(world, signed_in, who):
    client = signed_in(getattr(world, who))
    for path in ("", "inviter/", "export.csv", f"{world.agent.public_id}/"):
        assert client.get(f"/compte/comptes/{path}").status_code == 403


def test_the_list_of_the_platform_holds_administrators_alone(world, signed_in):
    page = signed_in(world.platform).get("/compte/comptes/").content.decode()
    assert "administration@test.invalid" in page
    assert "agent@test.invalid" not in page
    assert "dpo@test.invalid" not in page


def test_search_filter_sort_and_empty_state(world, signed_in):
    client = signed_in(world.admin)

    def shown(query):
        return [row.email.split("@")[0] for row in client.get(f"/compte/comptes/?{query}").context["page"]]

    assert shown("q=RESPONS") == ["responsable"]
    assert shown("role=agent") == ["agent", "sans-convention"]
    assert shown("tri=depuis")[0] == "dpo"
    assert shown("etat=ferme") == []
    assert shown("role=roi&tri=x") == shown("")
    assert "voisin" not in shown("")
    assert "Aucun compte ne répond" in client.get("/compte/comptes/?q=zzz").content.decode()


def test_the_export_holds_what_the_list_shows_and_no_formula(world, signed_in):
    world.agent.full_name = "=1+1"
    world.agent.save()
    client = signed_in(world.admin)
    text = b"".join(client.get("/compte/comptes/export.csv?role=agent").streaming_content).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith("Nom;Adresse;Rôle")
    assert len(lines) == 3
    assert "voisin" not in text
    assert not any(row.startswith("=") for row in lines)
    assert Entry.objects.get(action="accounts_exported").details == {"lines": 2}


def test_the_list_costs_the_same_for_one_account_or_a_hundred(world, signed_in, django_assert_max_num_queries):
    client = signed_in(world.admin)
    for number in range(120):
        account(f"a{number}", Role.AGENT, world.saint_denis)
    with django_assert_max_num_queries(12):
        page = client.get("/compte/comptes/?page=2")
    assert "Page 2 sur 3" in page.content.decode()
