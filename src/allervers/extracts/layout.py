"""A documented layout of ours: the columns of a table that a partner delivers, what each must hold, its codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from allervers.extracts.batches import Reading
from allervers.extracts.records import IDENTITY_COLUMNS


class Kind(StrEnum):
    """What a cell must hold. The French name is the one of the documentation."""

    TEXT = "texte"
    NIR = "NIR"
    DATE = "date"
    MONTH = "mois"
    AMOUNT = "montant"
    CODE = "code"
    FLAG = "O/N"
    COMMUNE = "commune"
    POSTCODE = "code postal"
    PHONE = "téléphone"
    EMAIL = "courriel"
    YEAR = "année"


class Span(StrEnum):
    """When a date may lie: a birth, the end of a pregnancy, a past day, any day (ends of rights reach far ahead)."""

    BIRTH = "naissance"
    EXPECTED_BIRTH = "naissance, même attendue"
    TERM = "terme"
    PAST = "passé"
    ANY = "libre"


_IDENTITY = tuple(name for name in IDENTITY_COLUMNS if name != "nir_hmac")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a layout. `codes`: partner's code of our layout -> canonical value.

    `low`, `high`: bounds of an amount, in its unit. `lenient`: a wrong cell is left out and counted, the row stays;
    any other wrong cell rejects its row. `shape`: pattern that a text must match whole.
    """

    name: str
    kind: Kind
    label: str
    required: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    low: float = 0.0
    high: float = 1e6
    span: Span = Span.PAST
    longest: int = 120
    shape: str = ""
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a batch that passed the checks of their cells, then those of the layout.

    `frame`: typed columns named as in the layout, plus `line`; a column that the file lacks is null throughout.
    `delivered`: layout columns that the file (or a constant) really gives. `nir_as`: identity column that its NIR
    fill (`nir` in clear, `nir_hmac` keyed with the key of the exchange).
    """

    frame: pl.DataFrame
    delivered: frozenset[str]
    reading: Reading
    nir_as: str = "nir"

    def persons(self, frame: pl.DataFrame, number: str) -> pl.DataFrame:
        """Persons for the vault: `person_number` and the identity columns delivered; the first row of each number.

        frame: rows of this batch. number: its column that holds the partner's number of the person.
        """
        named = [pl.col(one).alias(self.nir_as if one == "nir" else one) for one in _IDENTITY if one in self.delivered]
        persons = frame.select(pl.col(number).alias("person_number"), *named)
        return persons.unique("person_number", keep="first", maintain_order=True)


@dataclass(frozen=True, slots=True)
class Output:
    """What a layout makes of its rows: persons and canonical tables, as in ParsedBatch."""

    persons: pl.DataFrame
    tables: dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class RowRule:
    """A condition between columns that every row must meet. `broken`: true where it does not (null: it does)."""

    reason: str
    column: str
    message: str
    broken: Callable[[Reading], pl.Expr]


@dataclass(frozen=True, slots=True)
class Layout:
    """A tabular format of ours. `keys`: columns that name a row; a second row with the same ones is refused.

    `needs`: column -> columns that make it mandatory when the file delivers one of them.
    """

    name: str
    label: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    make: Callable[[Rows], Output]
    rules: tuple[RowRule, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        return next(column for column in self.columns if column.name == name)
