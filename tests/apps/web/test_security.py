"""What protects every page: the content policy, the headers, hosts, sizes, redirections. Walked for every role."""

import logging
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from small_world import NOW, account

from allervers.apps.accounts.actions import invite
from allervers.apps.accounts.domain import Role
from allervers.web.journal import WithoutTokens

ROLES = ("agent", "manager", "admin", "analyst", "officer", "platform")
VOID = {"health"}


def plain_names():
    """Names of the addresses that need no parameter."""

    def walk(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLResolver) and pattern.namespace:
                continue  # the API, which has no page
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            elif pattern.name and not pattern.pattern.converters and not pattern.pattern.regex.groups:
                yield pattern.name

    return sorted(set(walk(get_resolver().url_patterns)) - VOID)


class Inline(HTMLParser):
    """Collects what the content policy would refuse, and what is asked of another site."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "style" or "style" in given or any(name.startswith("on") for name in given):
            self.found.append((tag, attributes))
        if tag == "script" and not given.get("src") and not given.get("nonce"):
            self.found.append((tag, attributes))
        for name in ("src", "href"):
            value = given.get(name) or ""
            loads = tag in {"script", "link", "img", "iframe", "object", "source"}
            if value.lower().startswith("javascript:") or (loads and value.startswith(("http:", "https:", "//"))):
                self.found.append((tag, attributes))


def check(answer, where):
    policy = answer.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy, where
    assert "unsafe" not in policy, where
    assert "frame-ancestors 'none'" in policy, where
    assert answer.headers["X-Frame-Options"] == "DENY", where
    assert answer.headers["X-Content-Type-Options"] == "nosniff", where
    assert answer.headers["Referrer-Policy"] == "same-origin", where
    if answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
        parser = Inline()
        parser.feed(answer.content.decode())
        assert parser.found == [], where


@pytest.fixture(autouse=True)
def _empty_cache(db):
    cache.clear()


@pytest.mark.parametrize("who", ["stranger", *ROLES])
def test_nothing_inline_and_nothing_of_another_site_on_any_page(world, signed_in, who):
    client = Client() if who == "stranger" else signed_in(getattr(world, who))
    seen = set()
    for name in plain_names():
        answer = client.get(reverse(name))
        check(answer, name)
        seen.add(answer.status_code)
        assert answer.status_code < 500, name
    assert seen >= {200, 302, 404}


def test_the_pages_that_need_a_parameter_or_an_accident_are_the_same(world, signed_in):
    admin, tokens = signed_in(world.admin), []
    invite(
        acting_user=world.admin, now=NOW, email="n@test.invalid", full_name="N", role=Role.AGENT,
        organisation_id=world.saint_denis.pk, address=lambda token: tokens.append(token) or "",
    )  # fmt: skip
    for path in (f"/compte/comptes/{world.agent.public_id}/", "/compte/comptes/", "/rien/"):
        check(admin.get(path), path)
    check(Client().get(f"/compte/invitation/{tokens[0]}/"), "invitation")
    check(Client().get("/compte/invitation/rien/"), "invitation over")
    client = Client()
    for _ in range(5):
        last = client.post("/compte/connexion/", {"login": "agent@test.invalid", "password": "x"})
    assert last.status_code == 429
    check(last, "locked")
    for _ in range(31):
        last = client.post("/compte/connexion/", {"login": "autre@test.invalid", "password": "x"})
    assert last.status_code == 429
    check(last, "429")
    code = Client()
    code.post(
        "/compte/connexion/", {"login": "responsable@test.invalid", "password": "phrase de passe"}, REMOTE_ADDR="::1"
    )
    check(code.get("/compte/double-facteur/activer/"), "phone")


def test_cookies_are_not_read_by_scripts_nor_sent_by_other_sites(world):
    client = Client()
    client.get("/compte/connexion/")
    answer = client.post("/compte/connexion/", {"login": "agent@test.invalid", "password": "phrase de passe"})
    session = answer.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert client.cookies["csrftoken"]["httponly"]
    assert not session["max-age"]  # it ends with the browser


def test_a_form_of_another_site_is_refused(world):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/compte/connexion/", {"login": "agent@test.invalid", "password": "phrase de passe"})
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["ailleurs.invalid", "localhost.ailleurs.invalid", "localhost@ailleurs.invalid"])
def test_another_host_is_refused_and_never_written_in_a_mail(world, mailoutbox, settings, host):
    settings.ALLOWED_HOSTS = ["localhost"]
    answer = Client(HTTP_HOST=host).post("/compte/mot-de-passe/oublie/", {"email": "agent@test.invalid"})
    assert answer.status_code == 400
    assert mailoutbox == []


def test_a_forwarded_host_is_not_believed(world, mailoutbox):
    Client(HTTP_X_FORWARDED_HOST="ailleurs.invalid").post(
        "/compte/mot-de-passe/oublie/", {"email": "agent@test.invalid"}
    )
    assert "ailleurs" not in mailoutbox[0].body


def test_a_forwarded_address_does_not_escape_the_lock_without_a_proxy_of_ours(world):
    wrong = {"login": "agent@test.invalid", "password": "x"}
    for number in range(5):
        last = Client(HTTP_X_FORWARDED_FOR=f"10.0.0.{number}").post("/compte/connexion/", wrong)
    assert last.status_code == 429


@pytest.mark.parametrize(
    "where", ["https://ailleurs.invalid/", "//ailleurs.invalid", "/\\ailleurs.invalid", "javascript:1"]
)
def test_the_choice_of_theme_sends_to_no_other_site(db, client, where):
    assert client.post("/theme/", {"theme": "dark", "next": where})["Location"] == "/"


@pytest.mark.parametrize("where", ["https://ailleurs.invalid/", "//ailleurs.invalid"])
def test_a_bulk_assignment_goes_back_to_no_other_site(world, signed_in, where):
    assert signed_in(world.manager).post("/listes/confier/", {"back": where}).get("Location", "/listes/") == "/listes/"


def test_a_request_too_large_is_refused_before_it_is_read(client, settings):
    settings.MAX_REQUEST_BYTES = 1_000_000
    answer = client.post("/compte/connexion/", b"", content_type="text/plain", CONTENT_LENGTH="1000001")
    assert answer.status_code == 413
    assert "1 Mo au plus" in answer.content.decode()
    assert client.post("/theme/", b"", content_type="text/plain", CONTENT_LENGTH="-1").status_code == 413


def test_a_form_too_large_is_refused(world, client):
    body = "login=" + "a" * 3_000_000
    answer = client.post("/compte/connexion/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400


def test_too_many_fields_are_refused(world, client):
    body = "&".join(f"a{n}=1" for n in range(6_000))
    answer = client.post("/compte/connexion/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400


def test_exports_are_limited_in_number(world, signed_in):
    client = signed_in(world.officer)
    answers = [client.get("/registre/export.csv").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_an_account_closed_meanwhile_is_signed_out_on_any_page(world, signed_in):
    closed = account("parti", Role.AGENT, world.saint_denis)
    client = signed_in(closed)
    closed.is_active = False
    closed.save()
    for path in ("/listes/", "/compte/", "/compte/sessions/"):
        assert client.get(path)["Location"].startswith("/compte/connexion/")


def test_the_journal_holds_no_link_that_opens_an_account():
    for path in ("/compte/invitation/S3CRET-x_/", "/compte/mot-de-passe/nouveau/a-S3CRET/"):
        line = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Bad Request", path), None)
        assert WithoutTokens().filter(line)
        assert "S3CRET" not in line.getMessage()
        assert path[:18] in line.getMessage()
    line = logging.LogRecord("x", logging.WARNING, "", 0, "Not Found: %s", ("/listes/1/",), None)
    WithoutTokens().filter(line)
    assert line.getMessage() == "Not Found: /listes/1/"


def test_no_typed_name_nor_token_reaches_the_journal(world, caplog, client):
    marked = "MARQUE-7f3a@test.invalid"
    for _ in range(6):
        client.post("/compte/connexion/", {"login": marked, "password": "MARQUE-secret"})
    client.post("/compte/mot-de-passe/oublie/", {"email": marked})
    client.post("/compte/confirmer/", {"password": "MARQUE-secret"})
    caplog.handler.addFilter(WithoutTokens())
    client.post("/compte/invitation/MARQUE-jeton/", {"password": "MARQUE-secret"})
    assert "MARQUE" not in caplog.text
