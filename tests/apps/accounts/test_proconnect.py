"""Sign-in through a real OpenID Connect provider, run here: who is let in, who is refused, and every forged answer."""

import pytest
import requests
from django.core.cache import cache
from django.test import Client
from provider import CLIENT_ID, CLIENT_SECRET, Provider, parameters

from allervers.apps.audit.models import Entry


@pytest.fixture
def provider(settings, world):
    made = Provider(person={"sub": "sub-agent", "email": "Agent@test.invalid"}, identity={"amr": ["pwd", "mfa"]})
    settings.ALLERVERS = settings.ALLERVERS.model_copy(update={"oidc_issuer": made.issuer})
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    cache.clear()
    yield made
    made.stop()


def through(provider, client=None, **query):
    """Click on the button, follow the provider, come back. The last answer."""
    client = client or Client(HTTP_HOST="localhost")
    leaving = client.get("/oidc/authenticate/", query)
    assert leaving.status_code == 302, leaving.content.decode()
    back = requests.get(leaving["Location"], allow_redirects=False, timeout=5).headers["Location"]
    return client, client.get("/oidc/callback/", parameters(back))


def test_an_account_that_exists_is_let_in_and_its_sub_is_kept(provider, world):
    client, answer = through(provider)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert client.get("/listes/").status_code == 200
    world.agent.refresh_from_db()
    assert world.agent.proconnect_sub == "sub-agent"
    actions = list(Entry.objects.filter(target=world.agent.public_id).values_list("action", flat=True))
    assert actions == ["proconnect_linked", "signed_in"]
    assert Entry.objects.get(action="signed_in").details["through"] == "proconnect"


def test_the_sub_opens_the_account_even_under_another_address(provider, world):
    through(provider)
    provider.person = {"sub": "sub-agent", "email": "nouvelle@test.invalid"}
    assert through(provider)[1].status_code == 302


def test_the_address_alone_no_longer_opens_an_account_that_has_a_sub(provider, world):
    through(provider)
    provider.person = {"sub": "un-autre", "email": "agent@test.invalid"}
    answer = through(provider)[1]
    assert answer.status_code == 403
    assert "aucun compte" in answer.content.decode()


def test_an_unknown_person_is_refused_with_a_next_step(provider, world):
    provider.person = {"sub": "inconnu", "email": "personne@test.invalid"}
    client, answer = through(provider)
    assert answer.status_code == 403
    assert "invitation" in answer.content.decode()
    assert "personne@test.invalid" not in answer.content.decode()
    assert client.get("/listes/").status_code == 302
    entry = Entry.objects.get(action="proconnect_refused")
    assert (entry.target, entry.details) == ("", {"why": "unknown"})


@pytest.mark.parametrize("known_by", ["sub", "address"])
def test_a_closed_account_is_refused(provider, world, known_by):
    world.agent.is_active = False
    world.agent.proconnect_sub = "sub-agent" if known_by == "sub" else ""
    world.agent.save()
    client, answer = through(provider)
    assert answer.status_code == 403
    assert "fermé" in answer.content.decode()
    assert client.get("/listes/").status_code == 302


def test_plain_userinfo_is_read(provider, world):
    provider.is_plain = True
    assert through(provider)[1].status_code == 302


@pytest.mark.parametrize(
    "fault",
    [
        {"identity": {"aud": "un-autre-site"}},
        {"identity": {"iss": "http://ailleurs.invalid"}},
        {"identity": {"exp": 1_000_000_000}},
        {"identity": {"nonce": "rejoué"}},
        {"userinfo": {"sub": "un-autre"}},
        {"userinfo": {"aud": "un-autre-site"}},
        {"other_key": True},
    ],
    ids=str,
)
def test_a_forged_answer_is_refused(provider, world, fault):
    for name, value in fault.items():
        setattr(provider, name, value)
    client, answer = through(provider)
    assert answer.status_code in {400, 403}
    assert client.get("/listes/").status_code == 302
    world.agent.refresh_from_db()
    assert world.agent.proconnect_sub == ""


def test_a_code_without_its_proof_is_refused_by_the_provider(provider, world):
    client = Client(HTTP_HOST="localhost")
    leaving = client.get("/oidc/authenticate/")
    back = requests.get(leaving["Location"], allow_redirects=False, timeout=5).headers["Location"]
    session = client.session
    for kept in session["oidc_states"].values():
        kept["code_verifier"] = "x" * 64
    session.save()
    assert client.get("/oidc/callback/", parameters(back)).status_code == 503
    assert client.get("/listes/").status_code == 302


def test_a_state_that_we_did_not_give_is_refused(provider, world):
    client = Client(HTTP_HOST="localhost")
    client.get("/oidc/authenticate/")
    assert client.get("/oidc/callback/", {"code": "x", "state": "volé"}).status_code == 400


def test_who_gives_up_at_the_provider_comes_back_to_a_page_that_says_so(provider, world):
    provider.refuses = "access_denied"
    answer = through(provider)[1]
    assert answer.status_code == 403
    assert "interrompue" in answer.content.decode()


def test_without_a_second_factor_at_the_provider_ours_is_asked(provider, world):
    provider.identity = {"amr": ["pwd"]}
    client, answer = through(provider)
    assert answer.status_code == 302
    assert client.get("/listes/")["Location"] == "/compte/double-facteur/activer/"


def test_a_level_of_assurance_holds_a_second_factor(provider, world):
    provider.identity = {"acr": "eidas2"}
    client, _ = through(provider)
    assert client.get("/listes/").status_code == 200


def test_leaving_ends_the_session_at_the_provider_too(provider, world):
    client, _ = through(provider)
    answer = client.post("/compte/deconnexion/")
    assert answer["Location"].startswith(f"{provider.issuer}/session/end?")
    home = requests.get(answer["Location"], allow_redirects=False, timeout=5).headers["Location"]
    assert home == "http://localhost/"
    assert provider.ended == ["sub-agent"]
    assert client.get("/listes/").status_code == 302


def test_after_signing_in_one_goes_where_one_was_and_never_to_another_site(provider, world):
    assert through(provider, next="/listes/")[1]["Location"] == "/listes/"
    assert through(provider, next="https://ailleurs.invalid/")[1]["Location"] == "/"


def test_the_button_is_there_only_with_a_provider(provider, world, settings):
    page = Client(HTTP_HOST="localhost").get("/compte/connexion/").content.decode()
    assert "ProConnect" in page
    settings.ALLERVERS = settings.ALLERVERS.model_copy(update={"oidc_issuer": ""})
    client = Client(HTTP_HOST="localhost")
    assert "ProConnect" not in client.get("/compte/connexion/").content.decode()
    assert client.get("/oidc/authenticate/").status_code == 404
    assert client.get("/oidc/callback/?code=a&state=b").status_code == 404


@pytest.mark.parametrize("fault", ["down", "lies"])
def test_a_provider_that_is_silent_or_lies_about_its_name_gives_a_page(provider, world, fault):
    if fault == "down":
        provider.stop()
    else:
        provider.named = "https://ailleurs.invalid"
    answer = Client(HTTP_HOST="localhost").get("/oidc/authenticate/")
    assert answer.status_code == 503
    assert "ProConnect" in answer.content.decode()


def test_local_sign_in_never_asks_the_provider(provider, world):
    client = Client(HTTP_HOST="localhost")
    client.post("/compte/connexion/?code=a&state=b", {"login": "agent@test.invalid", "password": "phrase de passe"})
    assert provider.asked == []
