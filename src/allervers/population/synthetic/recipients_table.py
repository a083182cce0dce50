"""How close the recipients of a synthetic population come to the figures of the Caf by commune."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from allervers.foundation.errors import InvalidInput
from allervers.population.synthetic.fit_table import month_of_population
from allervers.population.synthetic.margins import departement_margins
from allervers.population.synthetic.recipients import RIGHTS
from allervers.territory.communes import vintage_in_force

_READ = ("unit_id", "menage_id", "right", "month", "received_eur")


def recipients_table(take_up: pl.DataFrame, folder: Path, departement: str) -> pl.DataFrame:
    """Recipients by commune and right: columns commune, indicator, public_figure, synthetic, relative_gap.

    take_up: columns of take_up.draw_take_up over the population of `folder`; those of its reference month are counted,
    raised to the public number of households. indicator: each of RIGHTS. commune is null for the whole département,
    over the communes that have a figure; a commune without figure (secrecy) is left out. Figures: Caf, December 2021.
    Tolerance: within 10 % for the département by the law and published take-up from 20,000 households on (15 % at
    2,000, where chance alone makes 10 % of the AAH), and a correlation over 0.8 of the shares of households by commune.
    raises: NotFound (no synthetic population in the folder), InvalidInput (columns of the take-up).
    """
    lacking = [name for name in _READ if name not in take_up.columns]
    if lacking:
        raise InvalidInput(f"Colonnes manquantes : {', '.join(lacking)}.", columns=lacking)
    month = month_of_population(folder)
    margins = departement_margins(departement, vintage_in_force(departement, month))
    homes = pl.read_parquet(folder / "menage.parquet", columns=["id", f"depcom@{month}"])
    homes = homes.select(menage_id="id", commune=f"depcom@{month}")
    raising = float(margins.households.sum()) / len(homes)
    counted = (
        take_up.filter(pl.col("month") == str(month), pl.col("received_eur") > 0, pl.col("right").is_in(RIGHTS))
        .join(homes, on="menage_id", how="inner")
        .group_by("commune", indicator=pl.col("right"))
        .agg(synthetic=pl.len() * raising)
    )
    figures = [
        (commune.code_insee, right, float(figure))
        for commune in margins.communes
        for right, figure in commune.recipients.items()
        if figure is not None
    ]
    schema = {"commune": pl.String, "indicator": pl.String, "public_figure": pl.Float64}
    public = pl.DataFrame(figures, schema=schema, orient="row")
    # No recipient drawn in a commune is a count of zero, not an unknown: the whole population was read.
    by_commune = public.join(counted, on=["commune", "indicator"], how="left").with_columns(
        pl.col("synthetic").fill_null(0.0)
    )
    whole = by_commune.group_by("indicator").agg(pl.col("public_figure", "synthetic").sum())
    whole = whole.select(commune=pl.lit(None, dtype=pl.String), **{name: name for name in whole.columns})
    table = pl.concat([whole, by_commune]).filter(pl.col("public_figure") > 0)
    gap = (pl.col("synthetic") - pl.col("public_figure")) / pl.col("public_figure")
    return table.with_columns(relative_gap=gap).sort("commune", "indicator", nulls_last=False)
