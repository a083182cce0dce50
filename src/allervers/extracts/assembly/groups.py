"""Who lives with whom: familles, ménages and foyers fiscaux from the partners' files.

Each rule is stated where it is applied. A person belongs to exactly one group of each kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from allervers.extracts.assembly.sources import CPAM
from allervers.foundation.periods import Month

ATTACHED_UNTIL_AGE = 21
"""Below this age on 1 January a child is attached to the parents' tax household unless declared otherwise.

CGI art. 6-3 lets a child under 21 (25 for students) ask for it; under 18 it is the rule (CGI art. 196).
"""

NOT_SHARED = ("locataire_foyer", "sans_domicile")
"""Tenures whose dwelling identifier names a hostel or a postal address, not a dwelling that families share."""

GENERATION_YEARS = 15
"""Years between a claimant and another one of the same file who is taken for their child."""

_COUPLES = ("marie", "pacse", "concubin")
_ADULT_ROLES = ("demandeur", "conjoint")


@dataclass(frozen=True, slots=True)
class Familles:
    """`members`: person_id, famille_id, famille_role, dossier_key, composition, partner, reference_on.

    `elsewhere`: number of persons that several files claim and that were given to one.
    """

    members: pl.DataFrame
    elsewhere: int


def familles_of(people: pl.DataFrame, rows: pl.DataFrame, dossiers: pl.DataFrame) -> Familles:
    """Give each person one famille.

    A person that several files claim (a child in shared custody, an adult who left the parents' file) belongs to:
    the Caf's file before the Cpam's; a file that is not struck off; a file where the person is an adult of the
    famille, before one where they are a child; the most recent; then the lowest key.
    A person in no such file, or who only shares a roof (role `autre`), is a famille alone, composition unknown.

    people: person_id, date_naissance, situation_familiale. rows: personnes with person_id, in precedence.
    dossiers: dossier_key, etat.
    """
    claims = _claims(people, rows, dossiers)
    chosen = claims.unique("person_id", keep="first", maintain_order=True)
    members = claims.filter(pl.col("role") != "autre")
    several = (
        members.group_by("person_id", "rank").agg(pl.col("dossier_key").n_unique()).filter(pl.col("dossier_key") > 1)
    )
    placed = _with_roles(chosen.filter(pl.col("role") != "autre").join(people, on="person_id"))
    alone = people.join(placed, on="person_id", how="anti").join(chosen, on="person_id", how="left")
    familles = pl.concat([placed.select(_MEMBERS), alone.select(_ALONE)])
    return Familles(familles.sort("person_id"), several["person_id"].n_unique())


def _claims(people: pl.DataFrame, rows: pl.DataFrame, dossiers: pl.DataFrame) -> pl.DataFrame:
    order = ["person_id", "rank", "left", "child", "reference_on", "dossier_key"]
    state = dossiers.unique("dossier_key", keep="first", maintain_order=True).select("dossier_key", "etat")
    return (
        rows.filter(pl.col("dossier_key").is_not_null() & (pl.col("rank") <= CPAM))
        .join(people.select("person_id"), on="person_id", how="semi")
        .join(state, on="dossier_key", how="left")
        .with_columns(
            left=pl.col("etat").eq("radie").fill_null(value=False),
            child=~pl.col("role").is_in(_ADULT_ROLES).fill_null(value=False),
        )
        .sort(order, descending=[c == "reference_on" for c in order], maintain_order=True)
        .select("person_id", "dossier_key", "role", "rank", "partner", "reference_on")
    )


_MEMBERS = ("person_id", "famille_id", "famille_role", "dossier_key", "composition", "partner", "reference_on")
_ALONE = (
    pl.col("person_id"),
    pl.format("seul-{}", "person_id").alias("famille_id"),
    pl.lit("demandeur").alias("famille_role"),
    pl.col("dossier_key"),
    pl.lit("unknown").alias("composition"),
    pl.col("partner"),
    pl.col("reference_on"),
)


def _with_roles(chosen: pl.DataFrame) -> pl.DataFrame:
    """Roles inside each file: exactly one demandeur, one conjoint at most.

    The claimant comes first, else the spouse, else the eldest child (composition unknown: the adults are missing).
    The Cpam insures grown children in their own name: see `_read_in_one_file`. A third adult is left out.
    """
    role_order = pl.col("role").replace_strict({"demandeur": 0, "conjoint": 1}, default=2, return_dtype=pl.Int8)
    ranked = (
        _read_in_one_file(chosen)
        .with_columns(order=role_order)
        .sort("dossier_key", "order", "date_naissance", "person_id", nulls_last=True)
        .with_columns(place=pl.int_range(pl.len()).over("dossier_key"))
    )
    first, adult = pl.col("place") == 0, pl.col("order") < 2
    headless = (pl.col("order").min().over("dossier_key")) == 2
    role = pl.when(first).then(pl.lit("demandeur")).when(adult).then(pl.lit("conjoint")).otherwise(pl.lit("enfant"))
    return ranked.filter(~adult | (pl.col("place") < 2)).with_columns(
        famille_id=pl.col("dossier_key"),
        famille_role=role,
        composition=pl.when(headless).then(pl.lit("unknown")).otherwise(pl.lit("known")),
    )


def _read_in_one_file(chosen: pl.DataFrame) -> pl.DataFrame:
    """What second claimants of one file are, the eldest being the first: spouse, grown child, or another famille.

    Spouse when both declare a couple; child when younger by GENERATION_YEARS and not in a couple; the others leave.
    """
    claimant = pl.col("role") == "demandeur"
    rows = chosen.sort("dossier_key", "date_naissance", "person_id", nulls_last=True).with_columns(
        couple=pl.col("situation_familiale").is_in(_COUPLES).fill_null(value=False),
        head=pl.when(claimant).then("person_id"),
    )
    rows = rows.with_columns(head=pl.col("head").drop_nulls().first().over("dossier_key"))
    heads = rows.filter(pl.col("person_id") == pl.col("head"))
    heads = heads.select("head", "dossier_key", head_couple="couple", head_birth="date_naissance")
    known = rows.join(heads, on=["head", "dossier_key"], how="left", maintain_order="left")
    gap = pl.col("date_naissance").dt.year() - pl.col("head_birth").dt.year()
    second = claimant & (pl.col("person_id") != pl.col("head"))
    role = (
        pl.when(~second).then("role")
        .when(pl.col("couple") & pl.col("head_couple")).then(pl.lit("conjoint"))
        .when((gap >= GENERATION_YEARS) & ~pl.col("couple")).then(pl.lit("enfant"))
    )  # fmt: skip
    return known.with_columns(role=role).drop_nulls("role")


def menages_of(members: pl.DataFrame, dwellings: pl.DataFrame) -> pl.DataFrame:
    """Familles under one roof. Shape: person_id, menage_id, menage_role.

    Familles share a ménage when their dwelling identifier is the same (hostels and postal addresses apart), or when
    one person is in the other's file as sharing the roof. A ménage is named after the lowest famille_id it holds.
    The person of reference is the demandeur of the famille whose rent is known, else the eldest demandeur.

    dwellings: famille_id, identifiant_logement, statut_logement, loyer.
    """
    shared = pl.col("statut_logement").is_in(NOT_SHARED).fill_null(value=False)
    roof = (
        members.join(dwellings, on="famille_id", how="left")
        .with_columns(dwelling=pl.when(~shared).then(pl.col("identifiant_logement")))
        .with_columns(
            dwelling=pl.when(pl.col("dossier_key").is_not_null())
            .then(pl.col("dwelling").fill_null(pl.col("dwelling").drop_nulls().first().over("dossier_key")))
            .otherwise("dwelling")
        )
        .with_columns(roof=pl.coalesce("dwelling", "dossier_key", "famille_id"))
        .with_columns(roof=pl.col("roof").min().over("famille_id"))
        .with_columns(menage_id=pl.col("famille_id").min().over("roof"))
    )
    heads = (
        roof.filter(pl.col("famille_role") == "demandeur")
        .sort("menage_id", pl.col("loyer").is_null(), "date_naissance", "person_id", nulls_last=True)
        .unique("menage_id", keep="first", maintain_order=True)
        .select("menage_id", head_famille="famille_id")
    )
    names = {"demandeur": "personne_de_reference", "conjoint": "conjoint", "enfant": "enfant"}
    role = pl.when(pl.col("famille_id") == pl.col("head_famille")).then(pl.col("famille_role").replace_strict(names))
    return roof.join(heads, on="menage_id").select(
        "person_id", "menage_id", menage_role=role.otherwise(pl.lit("autre"))
    )


def foyers_of(members: pl.DataFrame, month: Month) -> pl.DataFrame:
    """Tax households. Shape: person_id, foyer_fiscal_id, foyer_fiscal_role.

    A couple that one of the two declares married or pacsed is one foyer; other adults are alone. A child of the
    famille is attached to the demandeur's foyer when declared so, or when nothing is declared and the child is under
    ATTACHED_UNTIL_AGE on 1 January of the year.

    members: person_id, famille_id, famille_role, date_naissance, situation_familiale, rattache_fiscalement.
    """
    age = month.year - pl.col("date_naissance").dt.year() - 1
    young = (age < ATTACHED_UNTIL_AGE).fill_null(value=True)
    union = pl.col("situation_familiale").is_in(["marie", "pacse"]).fill_null(value=False)
    adult = pl.col("famille_role") != "enfant"
    demandeur = pl.col("person_id").filter(pl.col("famille_role") == "demandeur").first().over("famille_id")
    known = members.with_columns(
        demandeur=demandeur,
        union=(union & adult).any().over("famille_id"),
        joins=pl.col("rattache_fiscalement").fill_null(young),
    )
    spouse = (pl.col("famille_role") == "conjoint") & pl.col("union")
    child = (pl.col("famille_role") == "enfant") & pl.col("joins")
    role = pl.when(spouse).then(pl.lit("conjoint")).when(child).then(pl.lit("personne_a_charge"))
    return known.select(
        "person_id",
        foyer_fiscal_id=pl.format("foyer-{}", pl.when(spouse | child).then("demandeur").otherwise("person_id")),
        foyer_fiscal_role=role.otherwise(pl.lit("declarant_principal")),
    )
