"""After how many days a request without answer calls for a reminder: declared in delays.toml, with the source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

PAYMENT_DAYS = 61
"""A right granted and not seen paid after two months is looked at: our choice, no text says it."""

REFERRAL_DAYS = 30
"""A referral without news for a month is looked at: our choice."""


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


def delay_of(right: str) -> Delay:
    """The delay of a right."""
    return delays().get(right, delays()["default"])
