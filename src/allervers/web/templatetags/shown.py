"""How values are written in pages: euros, dates, months. Unknown is said, never shown as zero."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from allervers.foundation.money import NARROW_SPACE, euros
from allervers.foundation.periods import Month

register = template.Library()

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_SHORT = (
    "janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip


def _is_other_language() -> bool:
    """Whether the page is read in another language than French: the simulator's alone may be."""
    return get_language() not in (None, settings.LANGUAGE_CODE)


@register.filter
def translated(value: str | None) -> str:
    """A text of ours that a variable holds, in the language of the page; "" for none."""
    return gettext(value) if value else ""


@register.filter
def eur(value: float | None, unknown: str = "—") -> str:
    """An amount: 1 348,41 €; `unknown` for None."""
    return unknown if value is None else euros(float(value))


@register.filter
def day(value: date | None) -> str:
    """A date as it is read: 3 novembre 2026; a dash for None."""
    if value is None:
        return "—"
    if _is_other_language():
        return date_format(value, "j F Y")
    return f"{value.day}{'er' if value.day == 1 else ''} {_MONTHS[value.month - 1]} {value.year}"


@register.filter
def iso_day(value: str | None) -> str:
    """A date that a partner's file gives as text (YYYY-MM-DD), as it is read; as it is when it is not one."""
    try:
        return day(date.fromisoformat(value or ""))
    except ValueError:
        return value or "—"


@register.filter
def month(value: str) -> str:
    """A month as it is read: novembre 2026."""
    if not value:
        return "—"
    at = Month.parse(value)
    if _is_other_language():
        return date_format(at.first_day, "F Y")
    return f"{_MONTHS[at.month - 1]} {at.year}"


@register.filter
def short_day(value: date | None) -> str:
    """A date in a table: 30 nov. 2026."""
    return "—" if value is None else f"{value.day} {_SHORT[value.month - 1]} {value.year}"


@register.filter
def short_month(value: str) -> str:
    """A month in a table: nov. 2026."""
    if not value:
        return "—"
    at = Month.parse(value)
    return f"{_SHORT[at.month - 1]} {at.year}"


@register.filter
def count(value: int | None) -> str:
    """A count; what secrecy hides is said."""
    return "secret" if value is None else f"{value:,}".replace(",", NARROW_SPACE)


@register.filter
def percent(value: float | None) -> str:
    """A share, as a whole percentage; a dash when nothing was counted."""
    return "—" if value is None else f"{100 * value:.0f}{NARROW_SPACE}%"


@register.filter
def short(value: str) -> str:
    """The first characters of a pseudonym: enough to tell two lines of a page apart."""
    kind, _, rest = value.partition("accueil-")
    return f"accueil {rest[:8]}" if rest and not kind else value[:8]


@register.simple_tag
def query(current: QueryDict, **changes: object) -> SafeString:
    """The query string of the page with some values changed; None or empty removes one."""
    values = current.copy()
    for name, value in changes.items():
        if value is None or value == "":
            values.pop(name, None)
        else:
            values[name] = str(value)
    pairs = [(name, one) for name, several in values.lists() for one in several]
    return mark_safe("?" + urlencode(pairs).replace("&", "&amp;"))  # noqa: S308 (urlencode leaves nothing to escape)


@register.filter
def at(values: dict[object, object], key: object) -> object:
    """The value of a mapping; None when it has none."""
    return values.get(key)
