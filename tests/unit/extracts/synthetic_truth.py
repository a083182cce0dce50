"""A small synthetic truth for the tests: a population, and receipts drawn without the law (plausible, no more)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from allervers.foundation.periods import Month
from allervers.population.synthetic.make import make_population

MONTH = Month(2026, 11)
_FAMILLE = {"rsa": (0.15, 500.0), "ppa": (0.2, 180.0), "aides_logement": (0.3, 250.0), "af": (0.2, 150.0),
            "css_sans_participation": (0.2, 60.0), "css_avec_participation": (0.1, 40.0), "aspa": (0.05, 300.0),
            "bourse_college": (0.05, 30.0)}  # fmt: skip
_INDIVIDU = {"asi": (0.01, 300.0), "aah": (0.03, 900.0), "bourse_crous": (0.02, 200.0)}


def make_truth(folder: Path, households: int = 900, seed: int = 3) -> tuple[Path, Path]:
    """Make `folder/population` and `folder/receipts.parquet`; returns both paths."""
    population = folder / "population"
    make_population(households=households, seed=seed, month=MONTH, departement="93", folder=population)
    people = pl.read_parquet(population / "individu.parquet")
    familles = people.filter(pl.col("famille_role") == "demandeur").select("menage_id", unit_id="famille_id")
    born = people.filter(pl.col("date_naissance") <= MONTH.last_day).select("menage_id", unit_id="id")
    homes = people.select("menage_id", unit_id="menage_id").unique(maintain_order=True)
    rng = np.random.default_rng(seed)
    months = [str(MONTH - back) for back in range(14, -1, -1)]
    parts = [_drawn(familles, right, *given, months, rng) for right, given in _FAMILLE.items()]
    parts += [_drawn(born, right, *given, months, rng) for right, given in _INDIVIDU.items()]
    parts.append(_drawn(homes, "cheque_energie", 0.2, 194.0, ["2026-04"], rng))
    receipts = folder / "receipts.parquet"
    pl.concat(parts).write_parquet(receipts)
    return population, receipts


def _drawn(units: pl.DataFrame, right: str, share: float, amount: float, months: list[str], rng) -> pl.DataFrame:
    held = units.filter(pl.Series(rng.random(len(units)) < share))
    kind = held.with_columns(draw=pl.Series(rng.random(len(held))))
    rows = kind.join(pl.DataFrame({"month": months}), how="cross")
    status = (
        pl.when(pl.col("draw") < 0.25).then(pl.lit("not_claimed"))
        .when(pl.col("draw") < 0.32).then(pl.lit("documents_missing"))
        .when((pl.col("draw") > 0.95) & (pl.col("month") >= "2026-09")).then(pl.lit("not_claimed"))
        .otherwise(pl.lit("received"))
    )  # fmt: skip
    received = pl.when(status == "received").then(pl.lit(amount)).otherwise(0.0)
    return rows.select(
        "unit_id",
        "menage_id",
        "month",
        right=pl.lit(right),
        entitled_eur=pl.lit(amount),
        received_eur=received,
        status=status,
    )
