"""What the pages say of plain values: the cost of a delay, dates known in part, answers given in a form."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from allervers.engine.explain.french import MONTHS
from allervers.rights.catalogue import Right
from allervers.rights.local_aids import Answer, LocalTable, Question

UNKNOWN = "non connu"
LARGEST = 10_000_000
"""A number of a form above it is a slip, not an answer."""

_LOST = {
    "month_of_request": "Le droit part du mois de la demande : un mois passé sans demande est perdu.",
    "month_after_request": "Le droit part du mois qui suit la demande : ce qui précède est perdu.",
}

_FRENCH_DAY = re.compile(r"(\d{1,2})\s*[/. -]\s*(\d{1,2})\s*[/. -]\s*(\d{4})", re.ASCII)
_WRITTEN_DAY = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)?\s+([a-z]+)\.?,?\s+(\d{4})", re.ASCII)
_ENGLISH = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_DIGITS_DAY = re.compile(r"(\d{2})(\d{2})(\d{4})", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered to the questions of a local aid; `wrong`: what could not be read, by question."""

    answers: Mapping[str, Answer | None]
    wrong: Mapping[str, str]
    typed: Mapping[str, str]

    @property
    def is_any(self) -> bool:
        """Whether the form was sent."""
        return bool(self.typed)


def cost_of_delay(right: Right) -> str | None:
    """What a late request costs, in words; None when the catalogue does not say it."""
    months = right.start.retroactive_months
    if months:
        return f"Un retard se rattrape jusqu'à {months} mois en arrière ; au-delà, c'est perdu."
    return None if right.mode == "automatic" else _LOST.get(right.start.kind)


def initial(label: str) -> str:
    """The letter under which a label is sorted: É is E; what is no letter goes under #."""
    first = unicodedata.normalize("NFKD", label)[:1].upper()
    return first if first.isalpha() else "#"


def sort_key(label: str) -> str:
    """A label without accent nor case, to sort as a dictionary does."""
    return _plain(label)


def read_answers(table: LocalTable, typed: Mapping[str, str]) -> Given:
    """The answers of a form: a question left empty is unknown, never « no » nor zero. Raises nothing."""
    answers: dict[str, Answer | None] = {}
    wrong: dict[str, str] = {}
    kept: dict[str, str] = {}
    for name, question in table.questions.items():
        text = typed.get(name, "").strip()[:60]
        if not text:
            continue
        kept[name] = text
        answer = _answer(question, text)
        if answer is None and text != "?":
            wrong[name] = text
        answers[name] = answer
    return Given(answers, wrong, kept)


def read_day(text: str) -> date | None:
    """A date of a form, as people type it: 31/01/2026, 31.01.2026, 31-01-2026, 31 01 2026, 31012026, 2026-01-31,
    31 janvier 2026, 31 Jan. 2026. None when it is not one.
    """
    parts = _parts(text)
    try:
        return None if parts is None else date(*parts)
    except ValueError:
        return None


def is_no_day(text: str) -> bool:
    """Whether a text is written as a date, of a day that does not exist: 31/02/1992."""
    return _parts(text) is not None and read_day(text) is None


def _parts(text: str) -> tuple[int, int, int] | None:
    found = _FRENCH_DAY.fullmatch(text.strip()) or _DIGITS_DAY.fullmatch(text.strip())
    if found is not None:
        return int(found[3]), int(found[2]), int(found[1])
    iso = _ISO_DAY.fullmatch(text.strip())
    if iso is not None:
        return int(iso[1]), int(iso[2]), int(iso[3])
    written = _WRITTEN_DAY.fullmatch(_plain(text.strip()))
    month = None if written is None else _month_named(written[2])
    return None if written is None or month is None else (int(written[3]), month, int(written[1]))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def _month_named(text: str) -> int | None:
    """The month of a name, whole or cut after three letters at least; None when it is none, or may be two."""
    names = zip(map(_plain, MONTHS), _ENGLISH, strict=True)
    found = [rank for rank, of in enumerate(names, 1) if any(name.startswith(text) for name in of)]
    return found[0] if len(text) >= 3 and len(found) == 1 else None


def _answer(question: Question, text: str) -> Answer | None:
    if question.kind == "yes_no":
        return {"oui": True, "non": False}.get(text)
    if question.kind == "choice":
        return text if text in question.choices else None
    try:
        number = float(re.sub(r"[\s\u202f\u00a0€]", "", text).replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 <= number <= LARGEST else None
