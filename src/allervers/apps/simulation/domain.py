"""The state of a simulation between two pages: plain values, written as a short text and read back with care."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from allervers.foundation.errors import AllerVersError, InvalidInput
from allervers.foundation.periods import Month
from allervers.rights.interview.answers import Answers
from allervers.rights.interview.conversation import Step
from allervers.rights.interview.portable import as_document, from_text
from allervers.rights.interview.wording import PageAsked

_SPACES = re.compile(r"[\s\u202f\u00a0€]|euros?$", re.IGNORECASE)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:(?:\.\d{3})+(?:,\d{1,2})?|(?:,\d{3})+(?:\.\d{1,2})?)")
"""Thousands set apart by points or by commas, then perhaps cents after the other sign: no amount has three decimals."""
MOST_LETTERS = 20


@dataclass(frozen=True, slots=True)
class State:
    """The answers, the theme under way, and the step worked out for exactly these answers (None: not yet)."""

    answers: Answers
    theme: str = ""
    step: Step | None = None

    def with_answers(self, answers: Answers, theme: str = "") -> State:
        """Other answers: the step is to be worked out again."""
        return State(answers, theme or self.theme, None)

    def as_of(self, month: Month) -> State:
        """The same answers, read in another month."""
        if month == self.answers.month:
            return self
        return replace(self, answers=self.answers.as_of(month), step=None)


def written(state: State) -> str:
    """The state as text."""
    step = None
    if state.step is not None:
        page = list(state.step.page) if state.step.page is not None else None
        step = [page, list(state.step.rows), list(state.step.reasons), state.step.settled, state.step.total]
    document = [as_document(state.answers), state.theme, step]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> State:
    """The state in a text. Raises InvalidInput."""
    try:
        document, theme, step = json.loads(text)
        return State(from_text(json.dumps(document)), str(theme), _step(step))
    except AllerVersError:
        raise
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInput("Cette simulation ne peut pas être relue.") from error


def _step(found: Any) -> Step | None:
    if found is None:
        return None
    page, rows, reasons, settled, total = found
    asked = PageAsked(*page) if page is not None else None
    return Step(asked, tuple(rows), tuple(reasons), int(settled), int(total))


def read_amount(text: str) -> float | None:
    """An amount as people type it (« 1 234,50 € »); None when it is not one."""
    plain = _SPACES.sub("", text)
    if not plain or len(plain) > MOST_LETTERS:
        return None
    if _THOUSANDS.fullmatch(plain):
        apart = "." if re.match(r"\d+\.\d{3}", plain) else ","
        plain = plain.replace(apart, "")
    if plain.count(",") + plain.count(".") > 1:
        return None
    try:
        found = float(plain.replace(",", "."))
    except ValueError:
        return None
    return found if re.fullmatch(r"\d+(?:[.,]\d+)?", plain) else None


def shown_amount(value: float) -> str:
    """An amount as it is typed: without thousands separator, a comma for the cents."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}".replace(".", ",")
