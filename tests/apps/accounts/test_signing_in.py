"""Signing in with a password: the second factor, what is said of failures, locks, passwords, sessions, closed pages."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings as in_force
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from allervers.apps.audit.models import Entry

RIGHT = {"login": "agent@test.invalid", "password": "phrase de passe"}
WRONG = RIGHT | {"password": "une autre"}


@pytest.fixture(autouse=True)
def _prepared(world, monkeypatch):
    cache.clear()
    # A test never commits: what is done after a commit is done at once.
    monkeypatch.setattr(transaction, "on_commit", lambda function, **_: function())


def code_of(secret, shift=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + shift))


def register(client):
    """Set a phone up, as the page says. Its secret, and the recovery codes."""
    page = client.get("/compte/double-facteur/activer/").content.decode()
    secret = re.search(r'av-id">([A-Z2-7]{32})<', page)[1]
    answer = client.post("/compte/double-facteur/activer/", {"code": code_of(secret)}, follow=True)
    return secret, re.findall(r"<li><code>(\d+)</code>", answer.content.decode())


def actions():
    return list(Entry.objects.values_list("action", flat=True))


@pytest.mark.parametrize("who", ["agent", "manager", "admin", "analyst", "officer", "platform"])
def test_no_page_before_the_second_factor(world, who):
    client = Client()
    client.post("/compte/connexion/", RIGHT | {"login": getattr(world, who).email})
    for name in ("home", "findings", "accounts", "audit", "account", "usersessions_list", "account_change_password"):
        assert client.get(reverse(name))["Location"] == "/compte/double-facteur/activer/", name


def test_the_demonstration_asks_no_second_factor(world, settings):
    settings.ALLERVERS = settings.ALLERVERS.model_copy(update={"demo": True})
    page = Client().get("/compte/connexion/").content.decode()
    assert "demonstration-93" in page
    client = Client()
    client.post("/compte/connexion/", RIGHT)
    assert client.get("/listes/").status_code == 200


def test_out_of_the_demonstration_its_accounts_are_not_shown(world):
    assert "demonstration-93" not in Client().get("/compte/connexion/").content.decode()


def test_a_phone_is_registered_then_asked_each_time(world):
    client = Client()
    client.post("/compte/connexion/", RIGHT)
    secret, codes = register(client)
    assert len(codes) == 10
    assert client.get("/listes/").status_code == 200
    other = Client()
    assert other.post("/compte/connexion/", RIGHT)["Location"] == "/compte/double-facteur/code/"
    assert other.get("/listes/")["Location"].startswith("/compte/connexion/")
    assert other.post("/compte/double-facteur/code/", {"code": "000000"}).status_code == 200
    assert other.get("/listes/").status_code == 302
    assert other.post("/compte/double-facteur/code/", {"code": code_of(secret)})["Location"] == "/"
    assert other.get("/listes/").status_code == 200
    assert actions() == [
        "signed_in", "second_factor_added", "second_factor_added", "second_factor_failed", "signed_in"
    ]  # fmt: skip
    failed = Entry.objects.get(action="second_factor_failed")
    assert (failed.actor, failed.target) == ("", world.agent.public_id)


def test_a_recovery_code_opens_the_account_once(world):
    client = Client()
    client.post("/compte/connexion/", RIGHT)
    _, codes = register(client)
    for expected in (302, 200):
        other = Client()
        other.post("/compte/connexion/", RIGHT)
        assert other.post("/compte/double-facteur/code/", {"code": codes[0]}).status_code == expected


def test_recovery_codes_are_shown_once(world):
    client = Client()
    client.post("/compte/connexion/", RIGHT)
    _, codes = register(client)
    page = client.get("/compte/double-facteur/codes/").content.decode()
    assert not any(code in page for code in codes)
    assert "Faire de nouveaux codes" in page


def test_new_codes_replace_the_old_ones(world):
    client = Client()
    client.post("/compte/connexion/", RIGHT)
    _, codes = register(client)
    page = client.post("/compte/double-facteur/codes/nouveaux/", follow=True).content.decode()
    assert codes[0] not in page
    assert re.search(r"<li><code>\d+</code>", page)
    assert "recovery_codes_renewed" in actions()


def test_without_its_phone_an_account_must_register_another(world):
    client = Client()
    client.post("/compte/connexion/", RIGHT)
    register(client)
    assert client.post("/compte/double-facteur/retirer/").status_code == 302
    assert client.get("/listes/")["Location"] == "/compte/double-facteur/activer/"
    assert "second_factor_removed" in actions()


def test_what_protects_an_account_changes_only_with_the_password_again(world):
    client = Client()
    client.post("/compte/connexion/", RIGHT)
    register(client)
    session = client.session
    session["account_authentication_methods"] = [
        {**one, "at": one["at"] - 3600} for one in session["account_authentication_methods"]
    ]
    session.save()
    answer = client.get("/compte/double-facteur/retirer/")
    assert answer["Location"].startswith("/compte/confirmer/")
    assert client.get(answer["Location"]).status_code == 200
    assert client.post(answer["Location"], {"password": "une autre"}).status_code == 200
    assert client.post(answer["Location"], {"password": RIGHT["password"]}).status_code == 302
    assert client.get("/compte/double-facteur/retirer/").status_code == 200


def test_secrets_are_encrypted_where_they_are_kept(world):
    client = Client()
    client.post("/compte/connexion/", RIGHT)
    secret, _ = register(client)
    kept = {one.type: one.data for one in Authenticator.objects.all()}
    assert secret not in str(kept)
    first = in_force.FIELD_KEYS.identifiers[0]
    assert kept["totp"]["secret"].startswith(f"v1:{first}:")
    assert kept["recovery_codes"]["seed"].startswith(f"v1:{first}:")
    assert in_force.FIELD_KEYS.decrypt(kept["totp"]["secret"]) == secret


def test_a_failure_says_the_same_whether_the_account_exists_and_keeps_no_typed_name(world):
    pages = []
    for typed in ("agent@test.invalid", "personne@test.invalid"):
        answer = Client().post("/compte/connexion/", {"login": typed, "password": "une autre"})
        text = re.sub(r'value="[^"]*"|nonce="[^"]*"', "", answer.content.decode())
        pages.append((answer.status_code, text))
    assert pages[0] == pages[1]
    entries = list(Entry.objects.filter(action="sign_in_failed"))
    assert [entry.target for entry in entries] == [world.agent.public_id, ""]
    assert "invalid" not in str([entry.content() for entry in entries])


def test_five_failures_lock_the_account_for_this_address_alone(world):
    here, elsewhere = Client(), Client(REMOTE_ADDR="10.0.0.9")
    for _ in range(4):
        assert here.post("/compte/connexion/", WRONG).status_code == 200
    locked = here.post("/compte/connexion/", WRONG)
    assert locked.status_code == 429
    assert "quart d&#x27;heure" in locked.content.decode() or "quart d'heure" in locked.content.decode()
    assert here.post("/compte/connexion/", RIGHT).status_code == 429
    assert here.post("/compte/connexion/", RIGHT | {"login": "responsable@test.invalid"}).status_code == 302
    assert elsewhere.post("/compte/connexion/", RIGHT).status_code == 302


def test_capitals_do_not_escape_the_lock(world):
    here = Client()
    for typed in ("agent", "Agent", "AGENT", "aGent", "agenT"):
        last = here.post("/compte/connexion/", WRONG | {"login": f"{typed}@test.invalid"})
    assert last.status_code == 429


def test_a_success_forgets_the_failures(world):
    here = Client()
    for _ in range(2):
        for _ in range(4):
            here.post("/compte/connexion/", WRONG)
        assert here.post("/compte/connexion/", RIGHT).status_code == 302
        here.post("/compte/deconnexion/")


def test_sign_in_is_limited_for_one_address_whatever_the_account(world):
    here = Client()
    statuses = {
        here.post("/compte/connexion/", {"login": f"x{n}@test.invalid", "password": "x"}).status_code for n in range(31)
    }
    assert 429 in statuses
    assert "trop souvent" in here.post("/compte/connexion/", RIGHT).content.decode()


def test_a_forgotten_password_says_nothing_of_the_account(world):
    answers = [
        Client().post("/compte/mot-de-passe/oublie/", {"email": f"{name}@test.invalid"}) for name in ("agent", "x")
    ]
    assert {answer["Location"] for answer in answers} == {"/compte/mot-de-passe/oublie/envoye/"}
    known, unknown = mail.outbox
    assert "/compte/mot-de-passe/nouveau/" in known.body
    assert "/compte/mot-de-passe/nouveau/" not in unknown.body
    assert known.subject == "AllerVers : choisir un nouveau mot de passe"


def test_a_new_password_works_once_and_closes_the_other_sessions(world):
    other = Client()
    other.post("/compte/connexion/", RIGHT)
    client = Client()
    client.post("/compte/mot-de-passe/oublie/", {"email": "agent@test.invalid"})
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
    form = client.get(link)["Location"]
    given = {"password1": "encore une phrase longue", "password2": "encore une phrase longue"}
    assert client.post(form, given | {"password2": "x"}).status_code == 200
    assert client.post(form, given)["Location"] == "/compte/mot-de-passe/enregistre/"
    assert "plus valable" in Client().get(link).content.decode()
    assert other.get("/compte/double-facteur/activer/").status_code == 302
    assert client.post("/compte/connexion/", RIGHT | {"password": given["password1"]}).status_code == 302
    assert "password_reset" in actions()


def test_a_password_is_changed_with_the_old_one(world, signed_in):
    client = signed_in(world.agent)
    given = {"oldpassword": "phrase de passe", "password1": "encore une phrase longue"}
    given["password2"] = given["password1"]
    assert client.post("/compte/mot-de-passe/changer/", given | {"oldpassword": "x"}).status_code == 200
    assert (
        client.post("/compte/mot-de-passe/changer/", given | {"password1": "court", "password2": "court"}).status_code
        == 200
    )
    assert client.post("/compte/mot-de-passe/changer/", given).status_code == 302
    assert actions()[-1] == "password_changed"
    assert client.get("/listes/").status_code == 200


def test_one_session_is_closed_from_another(world, settings):
    settings.ALLERVERS = settings.ALLERVERS.model_copy(update={"demo": True})
    here, there, neighbour = Client(), Client(HTTP_USER_AGENT="Un autre poste"), Client()
    for client in (here, there):
        client.post("/compte/connexion/", RIGHT)
    neighbour.post("/compte/connexion/", RIGHT | {"login": "voisin@test.invalid"})
    page = here.get("/compte/sessions/")
    assert "Un autre poste" in page.content.decode()
    other = next(one for one in page.context["sessions"] if one.user_agent == "Un autre poste")
    assert neighbour.post(f"/compte/sessions/{other.pk}/fermer/").status_code == 404
    assert there.get("/listes/").status_code == 200
    assert here.post(f"/compte/sessions/{other.pk}/fermer/").status_code == 302
    assert there.get("/listes/").status_code == 302
    assert here.get("/listes/").status_code == 200


def test_all_other_sessions_are_closed_at_once(world, settings):
    settings.ALLERVERS = settings.ALLERVERS.model_copy(update={"demo": True})
    clients = [Client() for _ in range(3)]
    for client in clients:
        client.post("/compte/connexion/", RIGHT)
    clients[0].post("/compte/sessions/")
    assert [client.get("/listes/").status_code for client in clients] == [200, 302, 302]


def test_leaving_is_in_the_register_and_asked_by_a_form(world, signed_in):
    client = signed_in(world.agent)
    assert client.get("/compte/deconnexion/").status_code == 200
    assert client.get("/listes/").status_code == 200
    client.post("/compte/deconnexion/")
    assert client.get("/listes/").status_code == 302
    assert actions() == ["signed_out"]


@pytest.mark.parametrize(
    "path",
    [
        "signup/", "inscription/", "email/", "confirm-email/", "password/set/", "login/code/", "login/code/confirm/",
        "reauthenticate/code/", "social/connections/", "social/login/", "double-facteur/webauthn/",
        "double-facteur/codes/telecharger/", "non-ouvert/account_signup/", "non-ouvert/account_email/",
        "non-ouvert/mfa_download_recovery_codes/", "non-ouvert/account_confirm_email/x/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("who", ["stranger", "agent"])
def test_pages_of_the_library_that_we_do_not_open(world, signed_in, path, who):
    client = Client() if who == "stranger" else signed_in(world.agent)
    for method in (client.get, client.post):
        assert method(f"/compte/{path}").status_code == 404


@pytest.mark.parametrize(
    "where", ["https://ailleurs.invalid/", "//ailleurs.invalid", "javascript:alert(1)", "/\\ailleurs.invalid"]
)
def test_signing_in_sends_to_no_other_site(world, settings, where):
    settings.ALLERVERS = settings.ALLERVERS.model_copy(update={"demo": True})
    answer = Client().post("/compte/connexion/", RIGHT | {"next": where})
    assert answer["Location"] == "/"
    client = Client()
    client.post("/compte/connexion/", RIGHT)
    assert client.post("/compte/deconnexion/", {"next": where})["Location"] == "/"


def test_my_account_says_who_and_how_it_is_protected(world, signed_in):
    page = signed_in(world.agent).get("/compte/").content.decode()
    for told in ("agent@test.invalid", "Agent", "Changer de mot de passe", "Voir et fermer mes sessions"):
        assert told in page
