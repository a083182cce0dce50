"""Fields of a JSON answer, read with strict types. A message names the field and never its value."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from allervers.extracts.rows import RowProblem

T = TypeVar("T")

_DATES = (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), re.compile(r"(?P<d>\d{2})(?P<m>\d{2})(?P<y>\d{4})"))
_LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of birth as it is known: `day` is null unless complete; `precision` is null only then."""

    day: date | None
    precision: str | None  # jour_inconnu | jour_et_mois_inconnus | inconnue


@dataclass(slots=True)
class Fields:
    """An object of an answer: `content` is empty when it was not an object, which is then a problem of its own."""

    content: Any
    errors: list[RowProblem]
    line: int
    path: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.content, Mapping):
            self.errors.append(RowProblem(self.line, self.path or "racine", "type_invalide", "objet attendu."))
            self.content = {}

    def at(self, name: str) -> str:
        """Path of a field, for messages."""
        return f"{self.path}.{name}" if self.path else name

    def refuse(self, name: str, reason: str, expected: str) -> None:
        """Record a problem on a field."""
        self.errors.append(RowProblem(self.line, self.at(name), reason, f"{expected} (valeur masquée)."))

    def _value(self, name: str, required: bool) -> Any:
        value = self.content.get(name)
        if value is None and required:
            self.refuse(name, "champ_absent", "champ obligatoire absent")
        return value

    def one(self, name: str, *, required: bool = True) -> Fields | None:
        """The object of a field; None when absent."""
        value = self._value(name, required)
        return None if value is None else Fields(value, self.errors, self.line, self.at(name))

    def many(self, name: str, *, at_least: int = 0) -> list[Fields]:
        """The objects of a list; an absent list is a problem."""
        value = self._value(name, required=True)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) < at_least:
            self.refuse(name, "type_invalide", f"liste de {at_least} éléments au moins attendue")
            return []
        return [Fields(item, self.errors, self.line, f"{self.at(name)}[{i}]") for i, item in enumerate(value)]

    def text(self, name: str, *, required: bool = True) -> str | None:
        """Text of a field, trimmed; None when absent or empty."""
        value = self._value(name, required)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
            self.refuse(name, "type_invalide", f"texte de {_LONGEST_TEXT} caractères au plus attendu")
            return None
        return value.strip() or None

    def flag(self, name: str, *, required: bool = True) -> bool | None:
        """Boolean of a field; None when absent or null."""
        value = self._value(name, required)
        if value is not None and not isinstance(value, bool):
            self.refuse(name, "type_invalide", "booléen attendu")
            return None
        return value

    def whole(self, name: str, *, required: bool = True) -> int | None:
        """Whole number, not negative, of a field."""
        value = self._value(name, required)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            self.refuse(name, "type_invalide", "nombre entier attendu")
            return None
        return value

    def amount(self, name: str, *, required: bool = True) -> float | None:
        """Finite number of a field, as a float."""
        value = self._value(name, required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.refuse(name, "type_invalide", "nombre attendu")
            return None
        return float(value)

    def choice(self, name: str, values: Mapping[str, T]) -> T | None:
        """Value that a code of a closed list stands for."""
        code = self.text(name)
        if code is not None and code not in values:
            self.refuse(name, "code_inconnu", "code hors de la liste du service")
            return None
        return None if code is None else values[code]

    def day(self, name: str, *, required: bool = True) -> date | None:
        """Complete date `YYYY-MM-DD` of a field."""
        text = self.text(name, required=required)
        if text is None:
            return None
        found = self._partial(name, text)
        if found.day is None and found.precision is not None:
            self.refuse(name, "date_invalide", "date complète attendue")
        return found.day

    def birth(self) -> PartialDate:
        """Date of birth under any of the names and forms of the API; unknown parts are `00`, empty or null."""
        for name in ("date_naissance", "dateDeNaissance", "dateNaissance"):
            if name in self.content:
                text = self.text(name, required=False)
                return self._partial(name, text) if text else PartialDate(None, "inconnue")
        for suffix in ("DateDeNaissance", "DateNaissance"):
            if f"annee{suffix}" in self.content:
                parts = [self._part(part + suffix, width) for part, width in (("annee", 4), ("mois", 2), ("jour", 2))]
                return self._partial(f"annee{suffix}", "-".join(parts))
        return PartialDate(None, "inconnue")

    def _part(self, name: str, width: int) -> str:
        """Year, month or day given as text or as a number; zeros when unknown."""
        value = self.content.get(name)
        if value is None or value == "":
            return "0" * width
        if isinstance(value, bool) or not isinstance(value, int | str):
            self.refuse(name, "type_invalide", "texte ou nombre attendu")
            return "0" * width
        return str(value).zfill(width)

    def _partial(self, name: str, text: str) -> PartialDate:
        match = next((found for shape in _DATES if (found := shape.fullmatch(text))), None)
        if match is None:
            self.refuse(name, "date_invalide", "date attendue sous la forme AAAA-MM-JJ")
            return PartialDate(None, None)
        named = match.groupdict()
        year, month, day = map(int, (named["y"], named["m"], named["d"]) if named else match.groups())
        if not (year and month and day):
            unknown = "inconnue" if not year else ("jour_inconnu" if month else "jour_et_mois_inconnus")
            return PartialDate(None, unknown)
        try:
            return PartialDate(date(year, month, day), None)
        except ValueError:
            self.refuse(name, "date_invalide", "date qui n'existe pas")
            return PartialDate(None, None)
