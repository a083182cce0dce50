"""The zone of each pair: sure, to review, refused. Thresholds and guards come from the model, never from code."""

from __future__ import annotations

from functools import reduce

import polars as pl

from allervers.extracts.linkage.comparators import COMPARATORS
from allervers.extracts.linkage.model import Model, Thresholds

SURE, REVIEW, REFUSED = "sure", "review", "refused"
NIR, NUMBER, NAMES, AGENT = "nir", "numero", "noms", "agent"


def zoned(pairs: pl.DataFrame, model: Model, thresholds: Thresholds) -> pl.DataFrame:
    """Pairs with `method`, `zone` and `reason` (why it is not sure, null when it is); order of the rules: see docs.

    `pairs`: as given by probabilistic.weighed_pairs.
    """
    same_nir = pl.col("nir_keyed_l").eq(pl.col("nir_keyed_r")).fill_null(value=False)
    certain = (pl.col("nir_status_l") == "certain") & (pl.col("nir_status_r") == "certain")
    other_nir = (certain & (pl.col("nir_keyed_l") != pl.col("nir_keyed_r"))).fill_null(value=False)
    same_partner = pl.col("partner_l") == pl.col("partner_r")
    refused_by = _first_guard(model, "refused_", within=True)
    contradicted_by = _first_guard(model, "nir_contradicted_", within=True)
    unproved_by = _first_guard(model, "sure_", within=False)
    same_number = _same_number(model) & ~same_partner
    heavy = pl.col("weight") >= thresholds.sure
    method = pl.when(same_nir).then(pl.lit(NIR)).when(same_number & ~other_nir).then(pl.lit(NUMBER))
    reason = (
        pl.when(same_nir & contradicted_by.is_not_null()).then(pl.lit("nir_contredit"))
        .when(same_nir).then(None)
        .when(other_nir).then(pl.lit("nir_differents"))
        .when(same_number).then(None)
        .when(refused_by.is_not_null()).then(refused_by + "_different")
        .when(pl.col("weight") < thresholds.review).then(pl.lit("poids_insuffisant"))
        .when(same_partner & heavy & unproved_by.is_null()).then(pl.lit("meme_partenaire"))
        .when(same_partner).then(pl.lit("partenaire_distingue"))
        .when(unproved_by.is_not_null()).then(unproved_by + "_incertain")
        .when(~heavy).then(pl.lit("poids_moyen"))
    )  # fmt: skip
    to_refuse = ["nir_differents", "poids_insuffisant", "partenaire_distingue"]
    zone = (
        pl.when(pl.col("reason").is_null()).then(pl.lit(SURE))
        .when(pl.col("reason").is_in(to_refuse) | pl.col("reason").str.ends_with("_different")).then(pl.lit(REFUSED))
        .otherwise(pl.lit(REVIEW))
    )  # fmt: skip
    return pairs.with_columns(method=method.otherwise(pl.lit(NAMES)), reason=reason).with_columns(zone=zone)


def worth_keeping(pairs: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Without the pairs that weigh too little to be evidence of anything: a refusal by a guard is kept."""
    return pairs.filter((pl.col("zone") != REFUSED) | (pl.col("weight") >= thresholds.review))


def _first_guard(model: Model, prefix: str, *, within: bool) -> pl.Expr:
    """Name of the first comparison whose level is among (or, not `within`, outside) the guard's levels; else null."""
    found = [
        pl.when(pl.col(comparator.name).is_in(list(levels)) == within).then(pl.lit(comparator.name))
        for comparator in COMPARATORS
        if (levels := model.guards.get(prefix + comparator.name)) is not None
    ]
    return pl.coalesce(found)


def _same_number(model: Model) -> pl.Expr:
    """Same number in two files: a proof only when nothing in the identities speaks against it (files number alike)."""
    equal = pl.col("number_hash_l") == pl.col("number_hash_r")
    born = pl.col("date_naissance").is_in(["exact", "premier_janvier"])
    named = [~pl.col(name).is_in(["different", "unknown"]) for name in ("nom", "prenoms")]
    sexed = pl.col("sexe").is_in(list(model.guards["sure_sexe"]))
    return reduce(lambda left, right: left & right, [equal, born, sexed, *named])
