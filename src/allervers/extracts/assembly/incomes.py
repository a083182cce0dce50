"""Incomes of persons, month by month and by tax year, under the forms that the law reads. Unknown stays null.

A person for whom a partner gives any income of a period has zero for the natures that are not there; a person without
any row for the period is unknown for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from allervers.extracts.assembly.sources import ORIGIN, in_precedence
from allervers.foundation.periods import Month, months_between
from allervers.population.inputs import HISTORY_MONTHS, INCOMES, Income

WORKING_AGE = 15
"""Below this age a person has no income: no work before 16, apprenticeship from 15 (C. trav. L. 4153-1)."""


_WHEN = ("person", "period")
_FORMS = ("brut", "net", "imposable")
_BY_NAME = sorted(INCOMES, key=lambda income: income.nature)
_SHARES = [(i.net_share_of_gross, i.taxable_share_of_gross, *i.spared) for i in _BY_NAME]


@dataclass(frozen=True, slots=True)
class Incomes:
    """`columns`: person_id and one column per `variable@period`. `provenance`: person_id, period, partner,
    reference_on, state (known | derived | carried), one row per person and period that is not unknown."""

    columns: pl.DataFrame
    provenance: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Codes:
    """Texts that repeat, as small numbers, which millions of rows sort, join and group by faster.

    `people`: person_id, person (its place among the people). `origins`: ORIGIN and origin, from the first believed to
    the last. A period is its place in `periods`, a nature its place in _BY_NAME.
    """

    people: pl.DataFrame
    origins: pl.DataFrame
    periods: list[str]

    @classmethod
    def of(cls, people: pl.DataFrame, ressources: pl.DataFrame, periods: list[str]) -> _Codes:
        origins = in_precedence(ressources.select(*ORIGIN, "rank").unique().sort("partner"))
        return cls(people.select("person_id").with_row_index("person"), origins.with_row_index("origin"), periods)

    def coded(self, ressources: pl.DataFrame) -> pl.DataFrame:
        """Rows of these people, periods and of INCOMES: person, period, nature, origin, forms; whether `yearly`."""
        periods, natures = self.periods, [income.nature for income in _BY_NAME]
        rows = ressources.select(
            "person_id", *ORIGIN, "rank", *_FORMS,
            pl.col("period").replace_strict(periods, list(range(len(periods))), default=None, return_dtype=pl.UInt8),
            pl.col("nature").replace_strict(natures, list(range(len(natures))), default=None, return_dtype=pl.UInt8),
            yearly=pl.col("period").str.len_chars() == 4,
        )  # fmt: skip
        rows = rows.drop_nulls(["period", "nature"]).join(self.people, on="person_id", maintain_order="left")
        keys = [*ORIGIN, "rank"]
        return rows.join(self.origins, on=keys, nulls_equal=True, maintain_order="left").drop("person_id", *keys)

    def named(self, provenance: pl.DataFrame) -> pl.DataFrame:
        """Provenance with its texts again: person_id, period, partner, reference_on, state."""
        texts = pl.col("period").replace_strict(list(range(len(self.periods))), self.periods, return_dtype=pl.String)
        origins = self.origins.select("origin", "partner", "reference_on")
        return provenance.join(origins, on="origin", how="left", maintain_order="left").select(
            self.people["person_id"].gather(provenance["person"]), texts, "partner", "reference_on", "state"
        )


def history(month: Month) -> list[Month]:
    """The months of history, the reference month last."""
    return list(months_between(month - (HISTORY_MONTHS - 1), month))


def tax_years(month: Month) -> tuple[int, int]:
    """Years N-2 and N-1 of the reference month."""
    return month.year - 2, month.year - 1


def incomes_of(people: pl.DataFrame, ressources: pl.DataFrame, month: Month) -> Incomes:
    """Income columns of every person over the history and the two tax years.

    Rows of one import with the same person, period and nature are added (two employers); exact repeats count once.
    Between imports the precedence of sources.py holds. The reference month, that no partner has yet, is carried from
    the month before.

    people: person_id, date_naissance. ressources: canonical, with person_id instead of source_key.
    """
    periods = [*map(str, history(month)), *map(str, tax_years(month))]
    codes = _Codes.of(people, ressources, periods)
    rows = _carried(_one_per_nature(_all_forms(codes.coded(ressources)), codes), periods.index(str(month)))
    provenance = pl.concat([_provenance(rows), _too_young(people, periods).join(rows, on=_WHEN, how="anti")])
    known = np.zeros((len(periods), people.height), dtype=np.bool_)
    known[provenance["period"].to_numpy(), provenance["person"].to_numpy()] = True
    return Incomes(_columns(people, rows, known, codes, month), codes.named(provenance))


def income_columns(month: Month) -> list[tuple[str, str]]:
    """(variable, period) of every income column: each form by month, the taxable form by tax year."""
    monthly = [(v, str(m)) for income in INCOMES for v in _forms(income).values() for m in history(month)]
    yearly = [(v, str(y)) for income in INCOMES if (v := income.yearly) for y in tax_years(month)]
    return list(dict.fromkeys(monthly + yearly))  # two natures may share a variable


def _forms(income: Income) -> dict[str, str]:
    forms = {"brut": income.gross, "net": income.net, "imposable": income.taxable}
    return {form: variable for form, variable in forms.items() if variable}


def _all_forms(rows: pl.DataFrame) -> pl.DataFrame:
    """Fill the missing forms from the ones given, with the shares of INCOMES; `derived` marks the rows filled."""
    net, taxable, low, high = (
        pl.col("nature").replace_strict(list(range(len(_BY_NAME))), figures, return_dtype=pl.Float64)
        for figures in zip(*_SHARES, strict=True)
    )
    # A year is spared as its twelve months are.
    months = pl.when("yearly").then(12).otherwise(1)
    low, high = low * months, high * months
    gross = pl.coalesce(
        pl.col("brut"),
        _kept(pl.col("net"), 1 / net, low, high * net),
        _kept(pl.col("imposable"), 1 / taxable, low, high * taxable),
    )
    single = pl.col("nature").is_in([code for code, i in enumerate(_BY_NAME) if i.gross is None])
    given = pl.col("brut", "net", "imposable")
    absent = pl.any_horizontal(given.is_null())
    filled = pl.when("yearly").then(pl.col("imposable").is_null()).when(single).then(pl.lit(value=False))
    return (
        rows.filter(pl.any_horizontal(given.is_not_null()))
        .with_columns(derived=filled.otherwise(absent))
        .with_columns(brut=gross)
        .with_columns(net=pl.col("net").fill_null(_kept(pl.col("brut"), net, low, high)))
        .with_columns(imposable=pl.col("imposable").fill_null(_kept(pl.col("brut"), taxable, low, high)))
    )


def _kept(amount: pl.Expr, share: pl.Expr, low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """The same as population.inputs.kept, by row."""
    free = pl.min_horizontal(amount, pl.max_horizontal(low * (high - amount) / (high - low), 0.0))
    return pl.when(high == 0).then(amount * share).otherwise(share * amount + (1 - share) * free)


def _one_per_nature(rows: pl.DataFrame, codes: _Codes) -> pl.DataFrame:
    # One whole number holds person, period, nature and origin, in this order: it sorts as the four together.
    sizes = {"period": len(codes.periods), "nature": len(INCOMES), "origin": max(codes.origins.height, 1)}
    key = pl.col("person").cast(pl.UInt64)
    for name, size in sizes.items():
        key = key * size + pl.col(name)
    summed = (
        rows.select(*_WHEN, "nature", "origin", *_FORMS, "derived", key=key)
        .unique(maintain_order=True)
        .sort("key", maintain_order=True)
        .group_by("key", maintain_order=True)
        .agg(pl.col(*_WHEN, "nature", "origin").first(), pl.col(_FORMS).sum(), pl.col("derived").any())
    )
    place = pl.col("key") // sizes["origin"]
    return summed.filter(place.ne(place.shift(1)).fill_null(value=True)).drop("key")


def _carried(rows: pl.DataFrame, last: int) -> pl.DataFrame:
    marked = rows.with_columns(carried=pl.lit(value=False))
    there = marked.filter(pl.col("period") == last).select("person").unique()
    before = marked.filter(pl.col("period") == last - 1).join(there, on="person", how="anti", maintain_order="left")
    return pl.concat([marked, before.with_columns(period=pl.lit(last, pl.UInt8), carried=pl.lit(value=True))])


def _provenance(rows: pl.DataFrame) -> pl.DataFrame:
    state = (
        pl.when(pl.col("carried").any()).then(pl.lit("carried")).when(pl.col("derived").any()).then(pl.lit("derived"))
    )
    return rows.group_by(_WHEN, maintain_order=True).agg(
        pl.col("origin").first(), state=state.otherwise(pl.lit("known"))
    )


def _too_young(people: pl.DataFrame, periods: list[str]) -> pl.DataFrame:
    """Periods that end before a person turns WORKING_AGE: their income is zero without any partner saying so."""
    ends = [Month.parse(p if len(p) == 7 else f"{p}-12").last_day for p in periods]
    frame = pl.DataFrame({"end": ends}, schema={"end": pl.Date}).with_row_index("period")
    birthday = pl.col("date_naissance").dt.offset_by(f"{WORKING_AGE}y")
    crossed = (
        people.select(birthday=birthday)
        .with_row_index("person")
        .filter(pl.col("birthday") > min(ends))
        .join(frame.with_columns(pl.col("period").cast(pl.UInt8)), how="cross")
        .filter(pl.col("end") < pl.col("birthday"))
    )
    return crossed.select(*_WHEN, origin=pl.lit(None, pl.UInt32), state=pl.lit("derived"))


def _columns(
    people: pl.DataFrame, rows: pl.DataFrame, known: NDArray[np.bool_], codes: _Codes, month: Month
) -> pl.DataFrame:
    """person_id and the columns of `income_columns`. `known`: by period and person, zero where nothing else is said."""
    feeding: dict[tuple[str, bool], list[tuple[int, str]]] = {}
    for income in INCOMES:
        code = _BY_NAME.index(income)
        for form, variable in _forms(income).items():
            feeding.setdefault((variable, False), []).append((code, _form_value(income, form)))
        if income.yearly:
            feeding.setdefault((income.yearly, True), []).append((code, "imposable"))
    said = rows.with_columns(pl.col(_FORMS).round(2)).partition_by("period", "nature", as_dict=True)
    columns: dict[str, pl.Series] = {"person_id": people["person_id"]}
    for variable, period in income_columns(month):
        place = codes.periods.index(period)
        values = np.zeros(people.height)
        for nature, form in feeding[variable, len(period) == 4]:
            if (given := said.get((place, nature))) is not None:
                values[given["person"].to_numpy()] += given[form].to_numpy()
        name = f"{variable}@{period}"
        columns[name] = pl.Series(name, pa.array(values, mask=~known[place]))
    return pl.DataFrame(columns)


def _form_value(income: Income, form: str) -> str:
    return form if income.gross or form == "imposable" else "brut"
