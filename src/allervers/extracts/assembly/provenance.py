"""Where each group of inputs of a person comes from: partner, reference date, and how far it is known."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from allervers.extracts.assembly.dwelling import DWELLING
from allervers.extracts.assembly.sources import origin_of
from allervers.foundation.periods import Month

PERSON_GROUPS: Mapping[str, tuple[str, ...]] = {
    "etat_civil": ("date_naissance", "situation_familiale"),
    "nationalite": ("nationalite", "titre_sejour_depuis"),
    "activite": ("activite",),
    "scolarite": ("scolarite", "etablissement"),
    "sante": ("taux_incapacite", "restriction_emploi", "inapte_travail", "grossesse_terme"),
}
"""Group of inputs -> columns of `personnes` that feed it."""

STATES = ("known", "derived", "carried", "unknown")
"""known: said by a partner for the period; derived: computed from what was said; carried: from another month."""

_COLUMNS = ("menage_id", "person_id", "input_group", "partner", "reference_on", "state")


def provenance_of(
    members: pl.DataFrame,
    situation: pl.DataFrame,
    rows: pl.DataFrame,
    by_famille: pl.DataFrame,
    incomes: pl.DataFrame,
    month: Month,
) -> pl.DataFrame:
    """One row per person and group of inputs.

    members: person_id, famille_id, menage_id, composition, partner, reference_on. situation: merged facts of
    persons, with those that follow from others. rows: personnes in precedence.
    by_famille: dossiers in precedence. incomes: provenance of incomes.Incomes.
    """
    people = members.select("menage_id", "person_id", "famille_id")
    state = pl.col("composition").alias("state")
    parts = [
        members.select("menage_id", "person_id", "partner", "reference_on", state, input_group=pl.lit("composition"))
    ]
    for group, columns in PERSON_GROUPS.items():
        said = people.join(origin_of(rows, "person_id", columns), on="person_id", how="left")
        follows = situation.select("person_id", follows=pl.any_horizontal(pl.col(c).is_not_null() for c in columns))
        parts.append(_stated(said.join(follows, on="person_id", how="left"), group))
    home = origin_of(by_famille, "famille_id", DWELLING)
    homes = people.join(home, on="famille_id", how="left").with_columns(follows=pl.lit(value=False))
    parts.append(_stated(homes, "logement"))
    periods = {
        "ressources_mensuelles": str(month),
        "ressources_n2": str(month.year - 2),
        "ressources_n1": str(month.year - 1),
    }
    for group, period in periods.items():
        of_period = incomes.filter(pl.col("period") == period).drop("period")
        found = people.join(of_period, on="person_id", how="left").with_columns(pl.col("state").fill_null("unknown"))
        parts.append(found.with_columns(input_group=pl.lit(group)))
    return pl.concat([part.select(_COLUMNS) for part in parts]).sort("menage_id", "person_id", "input_group")


def _stated(frame: pl.DataFrame, group: str) -> pl.DataFrame:
    """known when a partner says any of the group; derived when it `follows` from other facts; else unknown."""
    state = pl.when(pl.col("partner").is_not_null()).then(pl.lit("known")).when("follows").then(pl.lit("derived"))
    return frame.with_columns(state=state.otherwise(pl.lit("unknown")), input_group=pl.lit(group))
