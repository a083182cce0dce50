"""The short grid at the counter: declared in grid.toml, answered without a name, and what it proposes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from allervers.foundation.errors import InvalidInput
from allervers.rights.registries import Heading, themes

MOST_SIGNS = 8
"""More would no longer be done within a minute."""


class Outcome(StrEnum):
    """What a grid proposes."""

    MEETING = "meeting"
    CHECK = "check"
    NOTHING = "nothing"
    UNSAID = "unsaid"


COUNTED = (Outcome.MEETING, Outcome.CHECK, Outcome.NOTHING)
"""A grid that nobody answered proposes nothing and is not counted."""
OUTCOME_LABELS = {
    Outcome.MEETING: "Rendez-vous des droits proposé",
    Outcome.CHECK: "Familles de droits à regarder",
    Outcome.NOTHING: "Rien à proposer aujourd'hui",
    Outcome.UNSAID: "Aucune question n'a eu de réponse",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of precarity: the question, why it is asked, the families of rights to look at, and whether it is enough
    alone.
    """

    id: str
    ask: str
    why: str
    themes: tuple[str, ...] = ()
    is_enough: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """The signs, where they come from, and how many call for a meeting."""

    source: str
    enough: int
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What the answers propose. `unsaid`: questions without answer; they are neither yes nor no."""

    outcome: Outcome
    present: tuple[Sign, ...]
    unsaid: int
    families: tuple[Heading, ...]


@cache
def grid() -> Grid:
    """The grid. Raises InvalidInput when its file is wrong."""
    return read_grid((files("allervers.apps.casework") / "grid.toml").read_text("utf-8"))


def read_grid(text: str) -> Grid:
    """The grid of a text. Raises InvalidInput for too many signs, one twice, or a family that does not exist."""
    try:
        data = tomllib.loads(text)
        signs = tuple(Sign(**{**sign, "themes": tuple(sign["themes"])}) for sign in data["signs"])
        made = Grid(data["source"], data["enough"], signs)
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"grid.toml est mal formé ({error}).") from error
    unknown = {name for sign in signs for name in sign.themes} - set(themes())
    if not 0 < len(signs) <= MOST_SIGNS or len({sign.id for sign in signs}) < len(signs) or unknown:
        raise InvalidInput("grid.toml : huit signes au plus, chacun une fois, des familles du catalogue.")
    return made


def result_of(answers: Mapping[str, str]) -> Result:
    """What answers (sign -> oui, non, anything else being unsaid) propose. An unsaid question counts for nothing."""
    signs = grid().signs
    present = tuple(sign for sign in signs if answers.get(sign.id) == "oui")
    unsaid = sum(answers.get(sign.id) not in {"oui", "non"} for sign in signs)
    families = dict.fromkeys(name for sign in present for name in sign.themes)
    if len(present) >= grid().enough or any(sign.is_enough for sign in present):
        outcome = Outcome.MEETING
    else:
        nothing = Outcome.UNSAID if unsaid == len(signs) else Outcome.NOTHING
        outcome = Outcome.CHECK if families else nothing
    return Result(outcome, present, unsaid, tuple(themes()[name] for name in families))
