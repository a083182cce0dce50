"""The simulator in English: every word of its pages and of its questions is translated, and the two files agree."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from django.utils import translation

from allervers import web
from allervers.apps import simulation
from allervers.apps.catalogue import labels
from allervers.apps.catalogue.domain import cost_of_delay
from allervers.apps.simulation import queries
from allervers.apps.simulation.views.results import HELP
from allervers.rights import registries
from allervers.rights.catalogue import catalogue, computed_rights
from allervers.rights.closers import closers
from allervers.rights.graph import opened_by
from allervers.rights.interview import explaining
from allervers.rights.interview.wording import doubt_words, sources, subjects, themes
from allervers.rights.openers import openers
from allervers.rights.reasons.table import reasons
from allervers.rights.sheets import sheet

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
    return (found | texts_of_rights()) - {""}


def texts_of_rights() -> set[str]:
    """Every text of the catalogue and of the explanations that the simulator may show."""
    found = {one.label for one in catalogue().values()} | {one.public for one in catalogue().values()}
    found |= {one.label for one in registries.life_events().values()} | set(doubt_words().values())
    found |= {registries.institutions()[HELP].label, registries.institutions()[HELP].what}
    found |= {one.question for one in (*openers(), *closers(), *sources().values())}
    found |= {text for call in registries.calls().values() for text in (call.label, call.what)}
    with translation.override("fr"):
        found |= {str(words) for table in (labels.MODES_SAID, labels.CHANNELS) for words in table.values()}
    found |= {cost_of_delay(one) or "" for one in catalogue().values()} | {explaining.NO_REASON}
    for right in computed_rights():
        facts = sheet(right.id)
        for situation, names in facts.documents.items():
            found.add(registries.situations()[situation].label)
            for document in (registries.documents()[name] for name in names):
                found |= {document.label, document.hint or ""}
        found |= {registries.institutions()[name].label for name in facts.decides}
        found |= {text or "" for channel in facts.channels for text in (channel.at, channel.form)}
        found |= {facts.begins or "", facts.window or "", facts.renewal or "", *facts.warnings}
        found |= {one.text for one in facts.incompatible} | {edge.text or "" for edge in opened_by(right.id)}
        found |= {reason.say for outcome in ("yes", "no") for reason in reasons(right.id, outcome)}
    return found


def test_every_text_is_translated():
    known = english()._catalog
    assert sorted(text for text in texts() if text not in known) == []


def slots(text: str) -> set[str]:
    """What is written into a text. The verb may change: « a 24 ans », "is 24 years old"."""
    return set(re.findall(r"%\(\w+\)s|\{[^}]+\}", text)) - {"{Avoir}", "{Être}"}


def test_the_compiled_file_is_the_written_one():
    written = (LOCALE / "django.po").read_text("utf-8")
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', written, re.MULTILINE)
    known = english()
    assert len(pairs) > 300
    for text, translated in pairs:
        plain, said = (one.replace('\\"', '"') for one in (text, translated))
        assert known.gettext(plain) == said, plain
        assert slots(plain) == slots(said), plain


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
