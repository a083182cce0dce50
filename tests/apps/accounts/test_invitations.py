"""Invitations: who may offer what, a link that works once and for seven days, retries that change nothing."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from small_world import NOW, account

from allervers.apps.accounts.actions import (
    accept_invitation,
    hash_of,
    invite,
    resend_invitation,
    withdraw_invitation,
)
from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import Invitation, User
from allervers.apps.accounts.permissions import can_offer
from allervers.apps.audit.models import Entry
from allervers.foundation.errors import InvalidInput, NotFound, Refused

NEW = {"email": "Nouvelle@test.invalid", "full_name": "Nouvelle Personne", "role": "agent"}


def offered(world, by=None, **values):
    given = {
        "now": NOW, "email": NEW["email"], "full_name": NEW["full_name"], "role": Role.AGENT,
        "organisation_id": world.saint_denis.pk, "address": lambda token: f"http://essai/{token}",
    } | values  # fmt: skip
    return invite(acting_user=by or world.admin, **given)


def token_of(message):
    return re.search(r"https?://\S+?([\w-]{40,})/?$", message.body, re.MULTILINE)[1]


@pytest.mark.parametrize(
    ("who", "role", "where", "may"),
    [
        ("admin", Role.AGENT, "saint_denis", True),
        ("admin", Role.TEAM_MANAGER, "saint_denis", True),
        ("admin", Role.ANALYST, "saint_denis", True),
        ("admin", Role.DATA_PROTECTION_OFFICER, "saint_denis", True),
        ("admin", Role.ORGANISATION_ADMIN, "saint_denis", False),
        ("admin", Role.PLATFORM_ADMIN, None, False),
        ("admin", Role.AGENT, "bondy", False),
        ("admin", Role.AGENT, None, False),
        ("platform", Role.ORGANISATION_ADMIN, "bondy", True),
        ("platform", Role.PLATFORM_ADMIN, None, True),
        ("platform", Role.PLATFORM_ADMIN, "bondy", False),
        ("platform", Role.ORGANISATION_ADMIN, None, False),
        ("platform", Role.AGENT, "bondy", False),
        ("manager", Role.AGENT, "saint_denis", False),
        ("officer", Role.AGENT, "saint_denis", False),
    ],
)
def test_who_may_offer_what(world, who, role, where, may):
    organisation = getattr(world, where).pk if where else None
    assert can_offer(getattr(world, who), role, organisation) is may
    if not may:
        with pytest.raises(PermissionDenied):
            offered(world, getattr(world, who), role=role, organisation_id=organisation)
        assert not Invitation.objects.exists()


def test_a_closed_administrator_offers_nothing(world):
    world.admin.is_active = False
    assert not can_offer(world.admin, Role.AGENT, world.saint_denis.pk)


def test_the_whole_path_from_the_page_to_the_first_sign_in(
    world, signed_in, client, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(world.admin).post("/compte/comptes/inviter/", NEW)
    assert answer["Location"] == "/compte/comptes/"
    (message,) = mail.outbox
    assert message.to == ["nouvelle@test.invalid"]
    token = token_of(message)
    kept = Invitation.objects.get()
    assert kept.token_hash == hash_of(token)
    assert token not in str(Invitation.objects.values())
    assert kept.sent_at is not None
    page = client.get(f"/compte/invitation/{token}/")
    assert "nouvelle@test.invalid" in page.content.decode()
    chosen = {"full_name": "Nouvelle P.", "password": "une phrase assez longue", "again": "une phrase assez longue"}
    assert client.post(f"/compte/invitation/{token}/", chosen)["Location"] == "/compte/connexion/"
    made = User.objects.get(email="nouvelle@test.invalid")
    assert (made.role, made.organisation, made.full_name) == ("agent", world.saint_denis, "Nouvelle P.")
    again = client.post(f"/compte/invitation/{token}/", chosen)
    assert again.status_code == 404
    assert "plus valable" in again.content.decode()
    signing = client.post("/compte/connexion/", {"login": made.email, "password": chosen["password"]})
    assert signing.status_code == 302
    assert client.get("/listes/")["Location"] == "/compte/double-facteur/activer/"
    assert list(Entry.objects.values_list("action", flat=True)) == ["account_invited", "account_made", "signed_in"]
    assert "nouvelle" not in str(list(Entry.objects.values())).lower()


@pytest.mark.parametrize(
    "fault",
    [{"again": "une autre phrase longue"}, {"password": "court", "again": "court"}, {"full_name": " "}],
    ids=["different", "short", "no-name"],
)
def test_what_is_refused_of_who_accepts(world, client, fault):
    tokens = []
    offered(world, address=lambda token: tokens.append(token) or "")
    good = {"full_name": "N P", "password": "une phrase assez longue", "again": "une phrase assez longue"}
    answer = client.post(f"/compte/invitation/{tokens[0]}/", good | fault)
    assert answer.status_code == 400
    assert not User.objects.filter(email="nouvelle@test.invalid").exists()


def test_asked_again_it_changes_nothing_and_sends_nothing_more(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = offered(world)
        assert offered(world).pk == first.pk
    assert len(mail.outbox) == 1
    assert Entry.objects.filter(action="account_invited").count() == 1


def test_another_offer_to_the_same_address_is_refused_while_one_waits(world):
    offered(world)
    with pytest.raises(InvalidInput):
        offered(world, role=Role.ANALYST)


def test_an_address_that_has_an_account_is_refused(world):
    with pytest.raises(InvalidInput, match="déjà un compte"):
        offered(world, email="VOISIN@test.invalid")
    world.agent.is_active = False
    world.agent.save()
    with pytest.raises(InvalidInput, match="rouvrez"):
        offered(world, email="agent@test.invalid")


def test_after_seven_days_it_opens_nothing_and_a_new_one_can_be_made(world):
    tokens = []
    offered(world, address=lambda token: tokens.append(token) or "")
    later = NOW + timedelta(days=7)
    with pytest.raises(NotFound):
        accept_invitation(now=later, token=tokens[0], full_name="N", password="une phrase assez longue")
    offered(world, now=later)
    assert Invitation.objects.count() == 2


def test_sent_again_the_link_before_opens_nothing(world):
    tokens = []

    def address(token):
        tokens.append(token)
        return ""

    made = offered(world, address=address)
    resend_invitation(acting_user=world.admin, now=NOW, invitation=made, address=address)
    with pytest.raises(NotFound):
        accept_invitation(now=NOW, token=tokens[0], full_name="N", password="une phrase assez longue")
    assert accept_invitation(now=NOW, token=tokens[1], full_name="N", password="une phrase assez longue")


def test_withdrawn_it_opens_nothing_and_is_not_sent_again(world):
    tokens = []
    made = offered(world, address=lambda token: tokens.append(token) or "")
    withdraw_invitation(acting_user=world.admin, now=NOW, invitation=made)
    with pytest.raises(NotFound):
        accept_invitation(now=NOW, token=tokens[0], full_name="N", password="une phrase assez longue")
    with pytest.raises(Refused):
        resend_invitation(acting_user=world.admin, now=NOW, invitation=made, address=str)


def test_an_administrator_of_elsewhere_touches_none_of_them(world, signed_in):
    other = signed_in(account("admin-bondy", Role.ORGANISATION_ADMIN, world.bondy))
    made = offered(world)
    for what in ("renvoyer", "retirer"):
        assert other.post(f"/compte/comptes/invitations/{made.pk}/{what}/").status_code == 404
    assert "nouvelle" not in other.get("/compte/comptes/").content.decode()


def test_an_organisation_cannot_be_chosen_by_its_administrator(world, signed_in):
    signed_in(world.admin).post("/compte/comptes/inviter/", NEW | {"organisation": world.bondy.pk})
    assert Invitation.objects.get().organisation == world.saint_denis


def test_the_platform_invites_the_administrator_of_an_organisation(world, signed_in):
    client = signed_in(world.platform)
    asked = {"email": "chef@test.invalid", "full_name": "Chef", "role": "organisation_admin"}
    assert client.post("/compte/comptes/inviter/", asked).status_code == 400
    assert client.post("/compte/comptes/inviter/", asked | {"organisation": world.bondy.pk}).status_code == 302
    assert Invitation.objects.get().organisation == world.bondy


def test_a_mail_that_does_not_leave_is_said_and_loses_nothing(
    world, signed_in, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2
    client = signed_in(world.admin)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/compte/comptes/inviter/", NEW)
    assert "courriel non parti" in client.get("/compte/comptes/").content.decode()
    assert Invitation.objects.get().sent_at is None
