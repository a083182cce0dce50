"""What is typed in the pages of the simulator, read into answers; what cannot be read is said beside its field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from allervers.apps.simulation.domain import read_amount
from allervers.foundation.errors import InvalidInput
from allervers.rights.interview.answers import Answers, Value, history, tax_years
from allervers.rights.interview.wording import SOURCES, PageAsked, Subject, pages, sources

UNKNOWN = "?"
"""What a choice sends for « je ne sais pas »."""
NOBODY = "personne"
MOST_TYPED = 60


@dataclass
class Reading:
    """Answers as far as they could be read, and what to say beside the others, by name of field."""

    answers: Answers
    errors: dict[str, str] = field(default_factory=dict)


def field_name(subject: str, row: str, period: str = "") -> str:
    """Name of a field of a form."""
    return ".".join(part for part in (subject, row, period) if part)


def read_page(page: PageAsked, rows: Iterable[str], posted: QueryDict, answers: Answers, *, by_month: bool) -> Reading:
    """The answers of a page. `by_month`: its form had a field a month."""
    reading = Reading(answers)
    if page.page == SOURCES:
        _read_sources(reading, page.row, posted)
        return reading
    for subject in pages()[page.page]:
        if subject.kind == "yes_no" and subject.together:
            _read_who(reading, subject, list(rows), posted)
            continue
        for row in rows:
            if "unknown" in posted or not _concerns(subject, row, answers):
                _give(reading, subject, row, None)
            elif subject.yearly:
                _read_years(reading, subject, row, posted)
            elif by_month and not subject.together:
                _read_months(reading, subject, row, posted)
            else:
                _read_one(reading, subject, row, posted)
    return reading


def _concerns(subject: Subject, row: str, answers: Answers) -> bool:
    """Whether a page shows a subject for a row: of kinds of income, those that were ticked."""
    return not subject.source or answers.had(subject.source, row) is not False


def _give(reading: Reading, subject: Subject, row: str, value: Value | tuple[Value, ...]) -> None:
    try:
        reading.answers = reading.answers.with_answer(subject.id, row, value)
    except InvalidInput:
        reading.errors[field_name(subject.id, row)] = _wrong(subject)


def _wrong(subject: Subject) -> str:
    if subject.kind in ("amount", "years"):
        return _("Écrivez un nombre entre 0 et %(most)s, sans lettres, ou choisissez « Je ne sais pas ».") % {
            "most": f"{subject.most:.0f}"
        }
    return _("Choisissez une réponse, ou « Je ne sais pas ».")


def _read_sources(reading: Reading, row: str, posted: QueryDict) -> None:
    ticked = [name for name in posted.getlist(SOURCES) if name in sources()]
    none = NOBODY in posted.getlist(SOURCES)
    if "unknown" in posted:
        reading.answers = reading.answers.with_answer(SOURCES, row, None)
    elif bool(ticked) == none:
        reading.errors[SOURCES] = _("Cochez ce qui a été reçu, ou « Aucune de ces ressources », mais pas les deux.")
    else:
        reading.answers = reading.answers.with_answer(SOURCES, row, tuple(ticked))


def _read_who(reading: Reading, subject: Subject, rows: list[str], posted: QueryDict) -> None:
    ticked = [row for row in posted.getlist(subject.id) if row in rows]
    if "unknown" in posted:
        for row in rows:
            _give(reading, subject, row, None)
    elif bool(ticked) == (NOBODY in posted.getlist(subject.id)):
        reading.errors[subject.id] = _("Cochez qui est concerné, ou « Personne », mais pas les deux.")
    else:
        for row in rows:
            _give(reading, subject, row, row in ticked)


def _read_one(reading: Reading, subject: Subject, row: str, posted: QueryDict) -> None:
    name = field_name(subject.id, row)
    value, is_read = _value(subject, posted.get(name, ""))
    if is_read:
        _give(reading, subject, row, value)
    else:
        reading.errors[name] = _wrong(subject)


def _read_years(reading: Reading, subject: Subject, row: str, posted: QueryDict) -> None:
    _read_periods(reading, subject, row, posted, [str(year) for year in tax_years(reading.answers.month)])


def _read_months(reading: Reading, subject: Subject, row: str, posted: QueryDict) -> None:
    _read_periods(reading, subject, row, posted, [str(month) for month in history(reading.answers.month)])


def _read_periods(reading: Reading, subject: Subject, row: str, posted: QueryDict, periods: list[str]) -> None:
    """One field a period; one left empty is not known, but not all of them."""
    values: list[Value] = []
    for period in periods:
        name = field_name(subject.id, row, period)
        text = posted.get(name, "").strip()
        value, is_read = (None, True) if not text else _value(subject, text)
        if not is_read:
            reading.errors[name] = _wrong(subject)
        values.append(value)
    if all(not posted.get(field_name(subject.id, row, p), "").strip() for p in periods):
        reading.errors[field_name(subject.id, row, periods[0])] = _(
            "Remplissez au moins une case, ou choisissez « Je ne sais pas »."
        )
    if not any(name.startswith(field_name(subject.id, row)) for name in reading.errors):
        _give(reading, subject, row, tuple(values))


def _value(subject: Subject, text: str) -> tuple[Value, bool]:
    """The value of a field, and whether it could be read."""
    text = text.strip()[:MOST_TYPED]
    if text == UNKNOWN:
        return None, True
    if subject.kind in ("amount", "years"):
        number = read_amount(text)
        return number, number is not None and number <= subject.most
    if subject.kind == "yes_no":
        return {"oui": True, "non": False}.get(text), text in ("oui", "non")
    return text, bool(text) and (text in subject.choices or not subject.choices)
