"""The words of each question: one table a subject in `wordings.toml`, and how an answer becomes columns of the law."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import numpy as np

from allervers.foundation.errors import InvalidInput
from allervers.population.inputs import kept

Kind = Literal["amount", "years", "choice", "yes_no"]
THEMES: tuple[str, ...] = ("personnes", "logement", "ressources", "sante", "projets")
"""In the order in which they come when nothing else decides."""
SOURCES = "sources"
"""The page that asks which kinds of income somebody had: what is not ticked is zero, said by the person."""
EVERYBODY = "tous"
"""Row of a page that is asked for everybody concerned at once."""
OF_FAMILY = frozenset({"isolement", "minima", "epargne"})
"""Subjects about a whole family."""
ONE_VALUE = frozenset({"sejour", "protection", "commune", *OF_FAMILY})
"""Subjects that nobody answers month by month."""
MOST_AMOUNT = 100_000.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked: `carries` gives the variables of the law that the answer fills, and the factor of an amount.

    `page`: subjects of the same page are asked together. `together`: for everybody concerned at once. `yearly`: asked
    for each tax year, else for the months. `source`: the kind of income, which the page of sources may set to zero.
    `choices`: value of the law as text -> words; `numeric`: the text is a number. `after`: a subject of the same
    row that is asked first, because it makes this one natural, or useless.
    """

    id: str
    theme: str
    kind: Kind
    carries: Mapping[str, float]
    title: str
    title_you: str
    page: str
    label: str = ""
    help: str = ""
    together: bool = False
    numeric: bool = False
    yearly: bool = False
    source: str = ""
    after: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    most: float = MOST_AMOUNT
    spared: tuple[float, float] = (0.0, 0.0)
    """Euros a month, as answered, between which what is withheld begins (see population.inputs.Income)."""

    def carried(self, variable: str, amount: float) -> float:
        """What an amount puts in a variable of the law."""
        return float(kept(np.array(amount, dtype=float), self.carries[variable], self.spared))

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables of the law that the answer fills."""
        return tuple(self.carries)


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of income that may be ticked."""

    id: str
    label: str
    help: str = ""
    question: str = ""
    """What is still to settle once it is ticked, when no amount is asked of it."""


@cache
def subjects() -> Mapping[str, Subject]:
    """Every subject, by id. Raises InvalidInput for a wrong table."""
    found = {}
    for name, data in _table()["subjects"].items():
        carries = data.pop("carries")
        if isinstance(carries, list):
            carries = dict.fromkeys(carries, 1.0)
        try:
            found[name] = Subject(id=name, carries=carries, **({"page": name, "title_you": data["title"]} | data))
        except (TypeError, KeyError) as error:
            raise InvalidInput(f"wordings.toml : « {name} » est mal formé ({error}).") from error
        if found[name].theme not in THEMES:
            raise InvalidInput(f"wordings.toml : « {name} » : thème inconnu.")
    return found


@cache
def sources() -> Mapping[str, Source]:
    """The kinds of income, by id."""
    return {name: Source(id=name, **data) for name, data in _table()["sources"].items()}


@cache
def themes() -> Mapping[str, str]:
    """Names of the themes."""
    return {name: _table()["themes"][name] for name in THEMES}


@cache
def doubt_words() -> Mapping[str, str]:
    """What is told of answers that do not go together (see `doubts`): id -> words, with names of values in braces."""
    return dict(_table()["doubts"])


class PageAsked(NamedTuple):
    """A page: its subjects and the row it is about (a person, the dwelling, the family, or `tous`)."""

    page: str
    row: str

    @property
    def theme(self) -> str:
        """Theme of the page."""
        return "ressources" if self.page == SOURCES else pages()[self.page][0].theme

    @property
    def variables(self) -> frozenset[str]:
        """Variables of the law that its answers fill."""
        of = [s for s in subjects().values() if s.source] if self.page == SOURCES else pages()[self.page]
        return frozenset(name for subject in of for name in subject.variables)


@cache
def pages() -> Mapping[str, tuple[Subject, ...]]:
    """Page -> its subjects, in the order of the table. The page of sources has none: it is about all of them."""
    found: dict[str, list[Subject]] = {}
    for subject in subjects().values():
        found.setdefault(subject.page, []).append(subject)
    return {page: tuple(of) for page, of in found.items()}


@cache
def subjects_of(variable: str, *, yearly: bool) -> tuple[Subject, ...]:
    """The subjects whose answers make a variable; its value is their sum when there are several."""
    return tuple(s for s in subjects().values() if variable in s.carries and s.yearly is yearly)


@cache
def _table() -> dict[str, Any]:
    text = (files("allervers.rights.interview") / "wordings.toml").read_text("utf-8")
    return tomllib.loads(text)
