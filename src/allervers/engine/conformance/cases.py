"""A test case as its file states it: what is given, what is expected, with which margins. No law is needed here."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allervers.engine.conformance.documents import documents_of
from allervers.engine.conformance.expressions import number_in
from allervers.foundation.errors import InvalidInput

KEYS = frozenset({
    "absolute_error_margin", "description", "extensions", "ignore_variables", "input", "keywords", "max_spiral_loops",
    "name", "only_variables", "output", "parameters", "period", "reforms", "relative_error_margin",
})  # fmt: skip
MAX_SPIRAL_LOOPS = 100
_PERIOD = re.compile(r"(?P<unit>year|month):(?P<year>[0-9]{4})(-(?P<month>[0-9]{2}))?(:(?P<size>[0-9]{1,4}))?")


@dataclass(frozen=True, slots=True)
class Margins:
    """A margin by variable. None: no such margin."""

    default: float | None = None
    by_variable: Mapping[str, float | None] = field(default_factory=dict)

    def of(self, variable: str) -> float | None:
        """The margin of a variable."""
        return self.by_variable.get(variable, self.default)


@dataclass(frozen=True, slots=True)
class Expected:
    """An expected value: of a variable for a period, for one instance of an entity (None: for all of them)."""

    variable: str
    period: str
    value: Any
    plural: str | None = None
    instance: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One test of a file. `number` counts from 1 in its file; `given` is the input as written."""

    file: str
    number: int
    name: str
    period: str | None
    given: Mapping[str, Any]
    output: Mapping[str, Any]
    absolute: Margins
    relative: Margins
    reforms: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    max_spiral_loops: int | None = None
    changes_parameters: bool = False
    only_variables: frozenset[str] | None = None
    ignore_variables: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """How a person finds this case again: its file, its place in it, its name."""
        return f"{self.file} no {self.number}" + (f" « {self.name} »" if self.name else "")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, or a test of a file (number from 1; 0: the file), that is no test case, and why, in French."""

    file: str
    number: int
    reason: str

    @property
    def title(self) -> str:
        """How a person finds it again."""
        return f"{self.file} no {self.number}" if self.number else self.file


def cases_of(path: Path, name: str) -> Iterator[Case | Unreadable]:
    """The cases of a file, in order. What cannot be read is given as such, and the rest goes on."""
    try:
        documents = documents_of(path, name)
    except InvalidInput as error:
        yield Unreadable(name, 0, error.message)
        return
    for number, document in enumerate(documents, 1):
        try:
            yield case_in(document, name, number)
        except InvalidInput as error:
            yield Unreadable(name, number, error.message)


def case_in(document: Any, file: str, number: int) -> Case:
    """The case in a YAML document. Raises InvalidInput, in French, for a missing or unknown key or a wrong type."""
    if not isinstance(document, dict):
        raise InvalidInput("Un test est un dictionnaire avec « input » et « output ».")
    unknown = sorted(str(key) for key in document if key not in KEYS)
    if unknown:
        raise InvalidInput(f"Clé inconnue : {', '.join(unknown)[:200]}.")
    given = document.get("input")
    output = document.get("output")
    if not isinstance(given if given is not None else {}, dict):
        raise InvalidInput("« input » doit être un dictionnaire.")
    if not isinstance(output, dict) or not output:
        raise InvalidInput("« output » manque ou n'est pas un dictionnaire : rien n'est à vérifier.")
    period = document.get("period")
    return Case(
        file=file,
        number=number,
        name=str(document.get("name") or "")[:200],
        period=None if period is None else period_text(period),
        given=given or {},
        output=output,
        absolute=_margins(document, "absolute_error_margin"),
        relative=_margins(document, "relative_error_margin"),
        reforms=_texts(document, "reforms"),
        extensions=_texts(document, "extensions"),
        keywords=_texts(document, "keywords"),
        max_spiral_loops=_loops(document.get("max_spiral_loops")),
        changes_parameters=bool(document.get("parameters")),
        only_variables=frozenset(_texts(document, "only_variables")) if document.get("only_variables") else None,
        ignore_variables=frozenset(_texts(document, "ignore_variables")),
    )


def period_text(period: Any) -> str:
    """A period as OpenFisca writes it, from what YAML made of it (2026 is a number there, 2026-01-01 a date)."""
    if isinstance(period, datetime.date):
        return period.isoformat()[:10]
    if isinstance(period, bool) or not isinstance(period, int | str):
        raise InvalidInput("Une période s'écrit 2026, 2026-01 ou month:2026-01:3.")
    return _shortest(str(period))


def _shortest(period: str) -> str:
    """The period in the one form that OpenFisca gives it: `month:2026-01:12` is `2026`, `month:2026-01` is `2026-01`.

    OpenFisca's builder forgets the values of the persons before the last one under any other form.
    """
    if re.fullmatch(r"day:[0-9]{4}-[0-9]{2}-[0-9]{2}(:1)?", period):
        return period[4:14]
    match = _PERIOD.fullmatch(period)
    if not match:
        return period
    unit, year, month, size = match["unit"], match["year"], match["month"], int(match["size"] or 1)
    if unit == "month" and month and size == 12:
        unit, size = "year", 1
    if size != 1 or (unit == "month" and not month):
        return period
    if unit == "month":
        return f"{year}-{month}"
    return year if month in (None, "01") else f"year:{year}-{month}"


def _margins(document: Mapping[str, Any], key: str) -> Margins:
    margins = document.get(key)
    if isinstance(margins, dict):
        by_variable = {str(variable): _margin(value, key) for variable, value in margins.items()}
        return Margins(by_variable.pop("default", None), by_variable)
    return Margins(_margin(margins, key))


def _margin(value: Any, key: str) -> float | None:
    number = number_in(value) if isinstance(value, str) else value
    if number is None and value is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int | float) or not number >= 0:
        raise InvalidInput(f"« {key} » doit être un nombre positif ou nul.")
    return float(number)


def _texts(document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = document.get(key)
    if value is None:
        return ()
    values: Sequence[Any] = [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        raise InvalidInput(f"« {key} » doit être un texte ou une liste de textes.")
    return tuple(str(item)[:200] for item in values)


def _loops(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SPIRAL_LOOPS:
        raise InvalidInput(f"« max_spiral_loops » doit être un entier de 0 à {MAX_SPIRAL_LOOPS}.")
    # Zero means the usual number, as in OpenFisca's own runner.
    return value or None
