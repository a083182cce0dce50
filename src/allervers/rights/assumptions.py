"""What is supposed, openly, when no partner says it: each value that stands for an unknown has its sentence."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Assumption:
    """The value supposed for a variable, what the explanation says of it, and the question that settles it."""

    variable: str
    value: float | bool | str
    sentence: str
    question: str


@cache
def assumptions() -> Mapping[str, Assumption]:
    """Every assumption, by OpenFisca variable."""
    text = (files("allervers.rights") / "assumptions.toml").read_text("utf-8")
    return {name: Assumption(variable=name, **fields) for name, fields in tomllib.loads(text).items()}
