"""What a page says of its language is true of its text, whatever the browser asks for; French words stay as written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.template import engines
from django.test import Client
from django.utils import translation

ENGLISH = {"accept-language": "en-GB,en;q=0.9"}
_SAID = re.compile(r"""{%-? *translate +(?:"([^"]+)"|'((?:[^'\\\\]|\\\\.)+)') *-?%}""")


@pytest.mark.parametrize("path", ["/", "/droits/", "/droits/recherche/?q=loyer", "/compte/connexion/", "/nulle-part/"])
def test_pages_in_french_say_so_to_an_english_browser(db, path):
    answer = Client(headers=ENGLISH).get(path)
    assert '<html lang="fr"' in answer.content.decode()
    assert answer["Content-Language"] == "fr"


def test_the_simulator_speaks_english_to_who_asks(db):
    page = Client(headers=ENGLISH).get("/simulateur/").content.decode()
    assert '<html lang="en"' in page
    assert "<h1>What am I entitled to?</h1>" in page


def test_a_refusal_of_the_simulator_is_in_french_and_says_so(db):
    answer = Client(headers=ENGLISH).get("/simulateur/nulle-part/")
    assert answer.status_code == 404
    assert '<html lang="fr"' in answer.content.decode()


def test_what_django_itself_says_is_in_french(db):
    page = Client(headers=ENGLISH).post("/compte/connexion/", {"login": "", "password": ""}).content.decode()
    assert "This field" not in page
    assert "obligatoire" in page


def test_no_word_of_ours_is_taken_for_english():
    folders = [folder for engine in engines.all() for folder in engine.dirs]
    folders += [config.path for config in apps.get_app_configs() if config.name.startswith("allervers.")]
    said = {
        one or other.replace("\\'", "'")
        for folder in folders
        for path in Path(folder).rglob("*.html")
        for one, other in _SAID.findall(path.read_text("utf-8"))
    }
    assert len(said) > 500
    with translation.override(settings.LANGUAGE_CODE):
        assert {text: translation.gettext(text) for text in said if translation.gettext(text) != text} == {}
