"""After how many days a request without answer calls for a reminder: declared in delays.toml, with the source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from allervers.apps.casework.domain import RightStatus
from allervers.apps.casework.models import PlannedRight

PAYMENT_DAYS = 61
"""A right granted and not seen paid after two months is looked at: our choice, no text says it."""

REFERRAL_DAYS = 30
"""A referral without news for a month is looked at: our choice."""


APPEAL_DAYS = 60
"""A refusal may be contested for two months in most social rights (CASF L. 262-47, CSS R. 142-1; to be confirmed for
each): the letter says so, and from when."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Days, where they come from, whether the article was read; `is_default`: no delay of its own is known."""

    days: int
    source: str
    is_checked: bool
    is_default: bool = False


@cache
def delays() -> Mapping[str, Delay]:
    """Right -> its own delay; `default` for the others."""
    text = (files("allervers.apps.casework") / "delays.toml").read_text("utf-8")
    return {name: Delay(**data, is_default=name == "default") for name, data in tomllib.loads(text).items()}


def appeal_by(planned: PlannedRight) -> date | None:
    """The last day on which the refusal of a right of a plan is surely in time to be contested; None: not refused."""
    if planned.status != RightStatus.REFUSED or planned.decided_on is None:
        return None
    return planned.decided_on + timedelta(days=APPEAL_DAYS)


def delay_of(right: str) -> Delay:
    """The delay of a right."""
    return delays().get(right, delays()["default"])
