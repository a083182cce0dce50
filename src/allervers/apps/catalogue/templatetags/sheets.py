"""How the facts of a right are written: what is to confirm, dates known in part, places to ask, labels of links."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import Any

from django import template
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from allervers.apps.catalogue import labels
from allervers.rights.catalogue import catalogue
from allervers.rights.facts import Confidence, Sheet
from allervers.rights.procedures import LEVELS
from allervers.rights.registries import situations

register = template.Library()

_SITE = re.compile(r"\b((?:[a-z0-9-]+\.)+(?:fr|org|com))\b")
_PHONE = re.compile(r"(?<!\d)(0\d(?: ?\d{2}){4}|0\d{3} \d{3} \d{3})(?!\d)")
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_CERFA = re.compile(r"\b\d{5}\b")
_WORDS: Mapping[str, labels.Words] = {
    "mode": labels.MODES,
    "mode_said": labels.MODES_SAID,
    "channel": labels.CHANNELS,
    "grade": labels.GRADES,
    "loss": labels.LOSSES,
    "edge": labels.EDGES,
    "verdict": labels.VERDICTS,
    "tone": labels.TONES,
    "per": labels.PER,
    "field": labels.FIELDS,
    "heading": labels.HEADINGS,
}


@register.filter
def word(value: str, table: str) -> str:
    """The words for a code of the catalogue, in one of the tables of `labels`."""
    return str(_WORDS[table][value])


@register.filter
def level_text(level: int) -> str:
    """What a level of dematerialisation means."""
    return LEVELS[level]


@register.simple_tag
def doubt(facts: Sheet, field: str) -> SafeString | str:
    """The mark « à confirmer » of a field that no one has read again, with what is missing; nothing otherwise."""
    sure = facts.confidence_of(field)
    if not sure.to_confirm:
        return ""
    mark = format_html(' <span class="av-tag warm">{}</span>', gettext("à confirmer"))
    return mark + format_html(' <span class="small quiet">{}</span>', f"{sure.note}.") if sure.note else mark


@register.simple_tag
def doubts(facts: Sheet) -> list[tuple[str, Confidence]]:
    """What is said of the confidence of each field, with its name in French, the least sure first."""
    said = sorted(facts.confidence.items(), key=lambda item: (item[1].grade != "C", item[0]))
    return [(str(labels.FIELDS[name]), sure) for name, sure in said]


@register.filter
def label_of(identifier: str) -> str:
    """The label of a right."""
    return catalogue()[identifier].label


@register.filter
def situation_label(identifier: str) -> str:
    """The label of a situation, in the middle of a sentence."""
    label = situations()[identifier].label
    return label[:1].lower() + label[1:]


@register.filter
def specific(names: Collection[str]) -> list[str]:
    """Labels of situations, without the one that is everyone's."""
    return [situation_label(name) for name in names if name != "tous"]


@register.filter
def known_on(text: str) -> str:
    """A date known by its month or its year: avril 2026, 2019."""
    for precision, whole in (("month", f"{text}-01"), ("day", text)):
        try:
            return _written(date.fromisoformat(whole), precision)
        except ValueError:
            continue
    return text


@register.filter
def dated(event: Any) -> str:
    """The date of a change, with no more of it than the sources give."""
    return _written(event.on, event.precision)


@register.filter
@cache
def place(text: str) -> SafeString:
    """Where to ask: an address of a site or a number to call becomes a link; the rest stays as it is."""
    parts: list[SafeString] = []
    last = 0
    found = sorted([*_SITE.finditer(text), *_PHONE.finditer(text)], key=lambda match: match.start())
    for match in found:
        parts.append(format_html("{}", text[last : match.start()]))
        shown = match[0]
        address = f"tel:{shown.replace(' ', '')}" if match.re is _PHONE else f"https://{shown}"
        parts.append(format_html('<a href="{}" rel="noopener">{}</a>', address, shown))
        last = match.end()
    parts.append(format_html("{}", text[last:]))
    return format_html_join("", "{}", ((part,) for part in parts))


@register.filter
def form_name(text: str) -> str:
    """A form: its cerfa number said as such, or its name."""
    return gettext("Formulaire cerfa %(number)s") % {"number": text} if _CERFA.match(text) else text


@register.filter
def or_unknown(text: str | None) -> SafeString | str:
    """A fact, or « non connu » when no source gives it. Thousands stay on their line: 1 041,59."""
    if not text:
        return format_html('<span class="quiet">{}</span>', gettext("non connu"))
    return _THOUSANDS.sub("\u202f", text)


@register.filter
def first_sentence(text: str) -> str:
    """The first sentence of a description: enough for a list."""
    head, stop, _ = text.strip().partition(". ")
    return head + ("." if stop else "")


@register.filter
def shown_labels(question: Any) -> list[tuple[str, str]]:
    """The choices of a question of a local aid, each with its words."""
    return list(zip(question.choices, question.labels, strict=True))


@register.inclusion_tag("catalogue/parts/level.html")
def level_meter(level: int) -> dict[str, Any]:
    """The level of dematerialisation as five marks and in words."""
    return {"level": level, "steps": range(1, 6), "text": LEVELS[level]}


def _written(on: date, precision: str) -> str:
    """A date in French, whatever the language of the browser: the facts are in French."""
    if precision == "year":
        return str(on.year)
    with translation.override("fr"):
        month = date_format(on, "F Y")
    return month if precision == "month" else f"{'1er' if on.day == 1 else on.day} {month}"
