"""Incomes of persons, month by month and by tax year, under the forms that the law reads. Unknown stays null.

A person for whom a partner gives any income of a period has zero for the natures that are not there; a person without
any row for the period is unknown for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from allervers.extracts.assembly.sources import in_precedence
from allervers.foundation.periods import Month, months_between
from allervers.population.inputs import HISTORY_MONTHS, INCOMES, Income

WORKING_AGE = 15
"""Below this age a person has no income: no work before 16, apprenticeship from 15 (C. trav. L. 4153-1)."""

_KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Incomes:
    """`columns`: person_id and one column per `variable@period`. `provenance`: person_id, period, partner,
    reference_on, state (known | derived | carried), one row per person and period that is not unknown."""

    columns: pl.DataFrame
    provenance: pl.DataFrame


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
    rows = ressources.filter(pl.col("period").is_in(periods)).join(
        people.select("person_id"), on="person_id", how="semi"
    )
    rows = _carried(_one_per_nature(_all_forms(rows)), month)
    young = _too_young(people, periods)
    provenance = pl.concat([_provenance(rows), young.join(rows, on=["person_id", "period"], how="anti")])
    wide = _wide(rows)
    known = provenance.select("person_id", on=pl.format(f"{_KNOWN}@{{}}", "period"), is_known=pl.lit(1))
    marks = known.pivot("on", index="person_id", values="is_known", aggregate_function="first")
    frame = people.select("person_id").join(wide, on="person_id", how="left").join(marks, on="person_id", how="left")
    return Incomes(frame.select("person_id", *(_column(frame, v, p) for v, p in income_columns(month))), provenance)


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
    shares = {i.nature: (i.net_share_of_gross, i.taxable_share_of_gross) for i in INCOMES}
    net = pl.col("nature").replace_strict({n: s[0] for n, s in shares.items()}, default=None, return_dtype=pl.Float64)
    taxable = pl.col("nature").replace_strict(
        {n: s[1] for n, s in shares.items()}, default=None, return_dtype=pl.Float64
    )
    gross = pl.coalesce(pl.col("brut"), pl.col("net") / net, pl.col("imposable") / taxable)
    single = pl.col("nature").is_in([i.nature for i in INCOMES if i.gross is None])
    yearly = pl.col("period").str.len_chars() == 4
    given = pl.col("brut", "net", "imposable")
    absent = pl.any_horizontal(given.is_null())
    filled = pl.when(yearly).then(pl.col("imposable").is_null()).when(single).then(pl.lit(value=False))
    return (
        rows.filter(pl.col("nature").is_in(list(shares)), pl.any_horizontal(given.is_not_null()))
        .with_columns(derived=filled.otherwise(absent))
        .with_columns(brut=gross)
        .with_columns(net=pl.col("net").fill_null(pl.col("brut") * net))
        .with_columns(imposable=pl.col("imposable").fill_null(pl.col("brut") * taxable))
    )


def _one_per_nature(rows: pl.DataFrame) -> pl.DataFrame:
    summed = (
        rows.unique(maintain_order=True)
        .group_by("person_id", "period", "nature", "partner", "import_id", "reference_on", "rank", maintain_order=True)
        .agg(pl.col("brut", "net", "imposable").sum(), pl.col("derived").any())
    )
    ordered = in_precedence(summed, "person_id", "period", "nature")
    return ordered.unique(["person_id", "period", "nature"], keep="first", maintain_order=True)


def _carried(rows: pl.DataFrame, month: Month) -> pl.DataFrame:
    marked = rows.with_columns(carried=pl.lit(value=False))
    there = marked.filter(pl.col("period") == str(month)).select("person_id").unique()
    before = marked.filter(pl.col("period") == str(month - 1)).join(there, on="person_id", how="anti")
    return pl.concat([marked, before.with_columns(period=pl.lit(str(month)), carried=pl.lit(value=True))])


def _provenance(rows: pl.DataFrame) -> pl.DataFrame:
    state = (
        pl.when(pl.col("carried").any()).then(pl.lit("carried")).when(pl.col("derived").any()).then(pl.lit("derived"))
    )
    return rows.group_by("person_id", "period", maintain_order=True).agg(
        pl.col("partner").first(), pl.col("reference_on").first(), state=state.otherwise(pl.lit("known"))
    )


def _too_young(people: pl.DataFrame, periods: list[str]) -> pl.DataFrame:
    """Periods that end before a person turns WORKING_AGE: their income is zero without any partner saying so."""
    ends = [Month.parse(p if len(p) == 7 else f"{p}-12").last_day for p in periods]
    frame = pl.DataFrame({"period": periods, "end": ends}, schema={"period": pl.String, "end": pl.Date})
    birthday = pl.col("date_naissance").dt.offset_by(f"{WORKING_AGE}y")
    crossed = (
        people.select("person_id", birthday=birthday)
        .join(frame, how="cross")
        .filter(pl.col("end") < pl.col("birthday"))
    )
    nobody = {"partner": pl.lit(None, pl.String), "reference_on": pl.lit(None, pl.Date), "state": pl.lit("derived")}
    return crossed.select("person_id", "period", **nobody)


def _wide(rows: pl.DataFrame) -> pl.DataFrame:
    parts: dict[tuple[str, str], list[pl.DataFrame]] = {}
    for income in INCOMES:
        of_nature = rows.filter(pl.col("nature") == income.nature)
        monthly = of_nature.filter(pl.col("period").str.len_chars() == 7)
        for form, variable in _forms(income).items():
            parts.setdefault((variable, "month"), []).append(_long(monthly, variable, _form_value(income, form)))
        if income.yearly:
            yearly = of_nature.filter(pl.col("period").str.len_chars() == 4)
            parts.setdefault((income.yearly, "year"), []).append(_long(yearly, income.yearly, "imposable"))
    known = pl.concat([_added(given) for given in parts.values()])
    return known.pivot("on", index="person_id", values="value", aggregate_function="first")


def _added(given: list[pl.DataFrame]) -> pl.DataFrame:
    """The values of a variable, added where natures share it; nothing where nothing was said, never zero."""
    if len(given) == 1:
        return given[0].drop_nulls("value")
    rows = pl.concat(given).drop_nulls("value")
    return rows.group_by("person_id", "on", maintain_order=True).agg(pl.col("value").sum())


def _form_value(income: Income, form: str) -> str:
    return form if income.gross or form == "imposable" else "brut"


def _long(rows: pl.DataFrame, variable: str, value: str) -> pl.DataFrame:
    return rows.select("person_id", on=pl.format(f"{variable}@{{}}", "period"), value=pl.col(value).round(2))


def _column(frame: pl.DataFrame, variable: str, period: str) -> pl.Expr:
    name, mark = f"{variable}@{period}", f"{_KNOWN}@{period}"
    value = pl.col(name) if name in frame.columns else pl.lit(None, pl.Float64)
    known = pl.col(mark).is_not_null() if mark in frame.columns else pl.lit(value=False)
    return pl.when(known).then(value.fill_null(0.0)).otherwise(value).alias(name)
