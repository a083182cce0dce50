"""The simulator in English: every word of its pages and of its questions is translated, and the two files agree."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest

from allervers import web
from allervers.apps import simulation
from allervers.apps.simulation import queries
from allervers.rights.interview.wording import sources, subjects, themes

FOLDER = Path(simulation.__file__).parent
LOCALE = FOLDER / "locale" / "en" / "LC_MESSAGES"
TEMPLATES = Path(web.__file__).parent / "templates"
TAGS = re.compile(r"""{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""")
CALLS = re.compile(r"""\b_\(\s*"([^"]+)"\s*\)""")


def english() -> gettext.GNUTranslations:
    with (LOCALE / "django.mo").open("rb") as stream:
        return gettext.GNUTranslations(stream)


def texts() -> set[str]:
    """Every text of the pages, of the code and of the questions."""
    found = set(themes().values()) | {s.label for s in sources().values()} | {s.help for s in sources().values()}
    for subject in subjects().values():
        found |= {subject.title, subject.title_you, subject.label, subject.help, *subject.choices.values()}
    frame = [TEMPLATES / name for name in ("base.html", "429.html")]
    for path in (*FOLDER.rglob("*.html"), *frame):
        found |= {a or b for a, b in TAGS.findall(path.read_text("utf-8"))}
    for path in FOLDER.rglob("*.py"):
        found |= set(CALLS.findall(path.read_text("utf-8")))
    return found - {""}


def test_every_text_is_translated():
    known = english()._catalog
    assert sorted(text for text in texts() if text not in known) == []


def test_the_compiled_file_is_the_written_one():
    written = (LOCALE / "django.po").read_text("utf-8")
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', written, re.MULTILINE)
    known = english()
    assert len(pairs) > 300
    for text, translated in pairs:
        plain, said = (one.replace('\\"', '"') for one in (text, translated))
        assert known.gettext(plain) == said, plain
        assert set(re.findall(r"%\(\w+\)s|\{\w+\}", plain)) == set(re.findall(r"%\(\w+\)s|\{\w+\}", said)), plain


@pytest.mark.django_db
def test_a_reader_of_english_gets_english(client, monkeypatch):
    monkeypatch.setattr(queries, "live_law", lambda month: None)
    html = client.get("/simulateur/", headers={"accept-language": "en"}).content.decode()
    assert "What am I entitled to?" in html
    assert all(word in html for word in ("Skip to content", "Simulator", "Sign in", "Accessibility"))
    assert '<html lang="en" dir="ltr"' in html
    html = client.get("/simulateur/foyer/", headers={"accept-language": "en"}).content.decode()
    assert "Who lives with you?" in html


@pytest.mark.django_db
def test_the_language_is_chosen_and_kept(client, monkeypatch):
    monkeypatch.setattr(queries, "live_law", lambda month: None)
    answer = client.post("/langue/", {"language": "en", "next": "/simulateur/"})
    assert answer["Location"] == "/simulateur/"
    assert "Describe your situation" in client.get("/simulateur/").content.decode()
    client.post("/langue/", {"language": "fr", "next": "/simulateur/"})
    assert "À quoi ai-je droit" in client.get("/simulateur/").content.decode()
