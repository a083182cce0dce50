"""The tables of reasons, read and checked: what a condition and a sentence may say is in docs/explications.md."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from allervers.foundation.errors import InvalidInput

Outcome = Literal["yes", "no"]
PARAMETERS = "prestations_sociales."
"""Where the parameters of the tables are, in the law's tree."""
SLOT = re.compile(r"\{([^{}]+)\}")
_CONDITION = re.compile(
    r"(?:(?P<how>all|some|no|count) (?P<whom>parents|children|members) ?)?(?P<negated>not )?"
    r"(?P<left>(?:\w+(?: \+ \w+)*)?)(?: (?P<sign>[=<≤>≥]|in) (?P<right>.+))?"
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a reason. `left` empty: whether there is nobody (`no children`)."""

    how: str
    whom: str
    negated: bool
    left: tuple[str, ...]
    sign: str
    right: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Condition:
        """The condition that a text writes. Raises InvalidInput."""
        found = _CONDITION.fullmatch(text)
        if found is None or not (found["left"] or found["how"]):
            raise InvalidInput(f"Raisons : la condition « {text} » ne se lit pas.")
        right, between = found["right"] or "", r"\|" if found["sign"] == "in" else r" \+ "
        return cls(
            found["how"] or "", found["whom"] or "", bool(found["negated"]),
            tuple(part for part in found["left"].split(" + ") if part), found["sign"] or "",
            tuple(part.strip() for part in re.split(between, right) if part),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: its conditions, its sentence, the article of the law."""

    conditions: tuple[Condition, ...]
    say: str
    article: str


@cache
def reasons(right: str, outcome: Outcome) -> tuple[Reason, ...]:
    """The reasons of a right for an outcome, in the order in which they are tried; none for a right without a table."""
    return tuple(_reason(table) for table in _file(right).get(outcome, ()))


@cache
def _file(right: str) -> Mapping[str, Any]:
    source = files("allervers.rights.reasons") / f"{right}.toml"
    return tomllib.loads(source.read_text("utf-8")) if source.is_file() else {}


def _reason(table: Mapping[str, Any]) -> Reason:
    return Reason(tuple(Condition.parse(text) for text in table["when"]), table["say"], table["article"])
