"""Lists of ours of common names, streets and countries of birth (names.toml). Nobody real is meant."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

ORIGINS = ("france", "maghreb", "afrique", "iberie", "turquie_est", "asie")
"""Lists of names, in the order of structure.ORIGIN_SHARES."""


@dataclass(frozen=True, slots=True)
class Names:
    """family, men, women: by list of names (ORIGINS). countries: ISO code -> the digits that follow 99 in a NIR."""

    family: dict[str, tuple[str, ...]]
    men: dict[str, tuple[str, ...]]
    women: dict[str, tuple[str, ...]]
    streets: tuple[str, ...]
    countries: dict[str, str]


@lru_cache(maxsize=1)
def lists_of_names() -> Names:
    """The lists, read once."""
    text = (files("allervers.population.synthetic") / "names.toml").read_text("utf-8")
    table = tomllib.loads(text)
    family, men, women = ({o: tuple(table[o][part]) for o in ORIGINS} for part in ("family", "men", "women"))
    streets = tuple(f"{way} {name}" for way in table["streets"]["ways"] for name in table["streets"]["names"])
    return Names(family, men, women, streets, dict(table["countries"]))
