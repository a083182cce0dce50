"""Numbers, durations, dates and periods as French readers write them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from allervers.engine.explain.record import Unit
from allervers.foundation.money import NARROW_SPACE, euros

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_DECIMALS = 4


def shown(value: Any, unit: Unit) -> str:  # noqa: PLR0911 - a case a unit
    """A value with its unit: `646,52 €`, `24 ans`, `12 %`, `oui`, `15 février 2001`."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if not isinstance(value, int | float):
        return day(str(value)) if unit == "date" else str(value)
    if not math.isfinite(value):
        return "sans limite" if value > 0 else "inconnu"
    if unit in ("euros", "euros_a_year"):
        return money(value)
    if unit == "rate":
        return f"{number(round(float(value) * 100, _DECIMALS))}{NARROW_SPACE}%"
    if unit == "years":
        return counted(value, "an")
    if unit == "months":
        return duration(int(value)) if float(value).is_integer() else f"{number(value)} mois"
    return number(value)


def money(value: float) -> str:
    """Euros to the cent; a negative amount with a true minus sign."""
    rounded = round(float(value), 2)
    return f"−{euros(-rounded)}" if rounded < 0 else euros(abs(rounded))


def number(value: float) -> str:
    """A number with a comma, four decimals at most."""
    text = f"{round(float(value), _DECIMALS):,.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return text.replace(",", NARROW_SPACE).replace(".", ",").replace("-", "−")


def counted(value: float, word: str) -> str:
    """`1 an`, `24 ans`."""
    return f"{number(value)} {word}{'s' if abs(value) >= 2 else ''}"


def duration(months: int) -> str:
    """Months in words: `24 ans et 11 mois`, `1 an`, `7 mois`."""
    years, rest = divmod(abs(months), 12)
    parts = [counted(years, "an")] if years else []
    if rest or not years:
        parts.append(f"{rest} mois")
    return " et ".join(parts)


def day(text: str) -> str:
    """`2001-02-15` as `15 février 2001`; another text as it is."""
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return text
    year, month, rank = (int(part) for part in parts)
    return f"{'1er' if rank == 1 else rank} {MONTHS[month - 1]} {year}"


def period(text: str) -> str:
    """`2026-01` as `janvier 2026`; a year as it is; nothing for what has no period."""
    if text == "ETERNITY":
        return ""
    year, _, month = text.partition("-")
    return f"{MONTHS[int(month) - 1]} {year}" if month.isdigit() else year


RELATIONS: Mapping[str, tuple[str, str]] = {
    "lt": ("<", "≥"), "le": ("≤", ">"), "gt": (">", "≤"), "ge": ("≥", "<"), "eq": ("=", "≠"), "ne": ("≠", "="),
}  # fmt: skip
"""Relation -> its sign when it holds, its sign when it does not."""
