"""Situation of persons and familles, month by month, from what partners say at the date of their extract.

A fact is carried over the whole history, except where its own date says since when it holds: before that date it is
unknown. Nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from allervers.extracts.assembly.incomes import history
from allervers.foundation.periods import Month

ACTIVITES = {
    "actif": "actif", "independant": "actif", "apprenti": "actif", "chomeur": "chomeur", "etudiant": "etudiant",
    "retraite": "retraite", "inactif": "inactif",
}  # fmt: skip
"""Canonical activity -> enum name of OpenFisca's `activite`."""

STATUTS_MARITAUX = {
    "celibataire": "celibataire", "concubin": "celibataire", "marie": "marie", "pacse": "pacse", "divorce": "divorce",
    "separe": "celibataire", "veuf": "veuf",
}  # fmt: skip
"""Canonical family situation -> `statut_marital`. Neither living together nor parting is a civil status: partners call
separated those who part from a marriage (taxed apart, CGI art. 6-4) as from no marriage."""

NATIONALITES = {"FR": "FR", "UE": "PT", "HUE": "ZZ"}
"""Group of nationality -> a country code that the law treats the same. Partners give the group only: PT stands for
any State of the Union, ZZ (no country) for any other State."""

ISOLATED_BY = ("divorce", "separe", "veuf")
"""Situations that open the RSA for lone parents without a young child, for a time (CASF L. 262-9)."""

ISOLATION_MONTHS = 12
"""Months, the first included, during which the RSA for lone parents is paid after the isolation (CASF R. 262-1)."""

PREGNANCY_MONTHS = 9
DAYS_A_YEAR = 365.2425
RESIDENT_YEARS = 1.0

_CARRIED = {
    "scolarite": "scolarite",
    "statuts_etablissement_scolaire": "etablissement",
    "taux_incapacite": "taux_incapacite",
    "aah_restriction_substantielle_durable_acces_emploi": "restriction_emploi",
    "inapte_travail": "inapte_travail",
    "garde_alternee": "garde_alternee",
}


SCHOOL_FROM_AGE, SCHOOL_UNTIL_AGE = 3, 16
"""Ages between which instruction is mandatory (C. éduc. L. 131-1): partners say nothing of activity before its end."""


def with_what_follows(situation: pl.DataFrame, month: Month) -> pl.DataFrame:
    """Facts that follow from age or activity, where no partner says anything.

    Under 16: inactive and unmarried (C. civ. 144). Under 3, or adult with another activity than studies or
    apprenticeship: not at school (`inconnue`, OpenFisca's name for it). situation: merged columns of `personnes`.
    """
    age = (pl.lit(month.last_day) - pl.col("date_naissance")).dt.total_days() / DAYS_A_YEAR
    young = age < SCHOOL_UNTIL_AGE
    studies = pl.col("activite").is_in(["etudiant", "apprenti"])
    elsewhere = (age < SCHOOL_FROM_AGE) | (~young & ~studies)
    filled = situation.with_columns(
        activite=pl.col("activite").fill_null(pl.when(young).then(pl.lit("inactif"))),
        situation_familiale=pl.col("situation_familiale").fill_null(pl.when(young).then(pl.lit("celibataire"))),
        scolarite=pl.col("scolarite").fill_null(pl.when(elsewhere).then(pl.lit("inconnue"))),
    )
    nowhere = pl.when(pl.col("scolarite") == "inconnue").then(pl.lit("inconnu"))
    return filled.with_columns(etablissement=pl.col("etablissement").fill_null(nowhere))


def person_columns(month: Month) -> Iterator[pl.Expr]:
    """Expressions of every situation column of `individu`, over a frame with the columns of `personnes`.

    The frame also has `declares_pregnancy`: whether a partner to which pregnancies are declared knows the person.
    """
    for at in history(month):
        first, last = pl.lit(at.first_day), pl.lit(at.last_day)
        yield pl.col("activite").replace_strict(ACTIVITES, default=None, return_dtype=pl.String).alias(f"activite@{at}")
        status = pl.col("situation_familiale").replace_strict(STATUTS_MARITAUX, default=None, return_dtype=pl.String)
        yield pl.when(_holds(last)).then(status).alias(f"statut_marital@{at}")
        country = pl.col("nationalite").replace_strict(NATIONALITES, default=None, return_dtype=pl.String)
        yield country.alias(f"nationalite@{at}")
        yield _years_of_permit(last).alias(f"duree_possession_titre_sejour@{at}")
        yield _pregnant(first, last).alias(f"enceinte@{at}")
        for variable, column in _CARRIED.items():
            yield pl.col(column).alias(f"{variable}@{at}")


def famille_columns(month: Month) -> Iterator[pl.Expr]:
    """Expressions of every column of `famille`, over the demandeur's situation with `couple` and `children`."""
    for at in history(month):
        yield _recent_isolation(at).alias(f"rsa_isolement_recent@{at}")


def _holds(day: pl.Expr) -> pl.Expr:
    since = pl.col("situation_familiale_depuis")
    return since.is_null() | (since <= day)


def _years_of_permit(day: pl.Expr) -> pl.Expr:
    """Years of permit at a day, zero before it. Null when not known, but for those who need none.

    A national or a minor has none. A citizen of the Union has no permit but must have lived here three months
    (CASF L. 262-6): RESIDENT_YEARS stands for a stay that partners' files show to be longer.
    """
    years = ((day - pl.col("titre_sejour_depuis")).dt.total_days() / DAYS_A_YEAR).clip(lower_bound=0.0)
    resident = pl.when(pl.col("nationalite") == "UE").then(pl.lit(RESIDENT_YEARS))
    is_minor = pl.col("date_naissance").dt.offset_by("18y") > day
    needs_none = (pl.col("nationalite") == "FR") | is_minor
    return pl.when(needs_none).then(pl.lit(0.0)).otherwise(pl.coalesce(years, resident))


def _pregnant(first: pl.Expr, last: pl.Expr) -> pl.Expr:
    """True in the months of a declared pregnancy; false when the Caf or the Cpam knows of none; else unknown."""
    term = pl.col("grossesse_terme")
    during = (first <= term) & (last >= term.dt.offset_by(f"-{PREGNANCY_MONTHS}mo"))
    return pl.when(term.is_not_null()).then(during).when("declares_pregnancy").then(pl.lit(value=False))


def _recent_isolation(at: Month) -> pl.Expr:
    """Alone with a child, or expecting one, since less than ISOLATION_MONTHS months. Unknown without the date."""
    situation, since = pl.col("situation_familiale"), pl.col("situation_familiale_depuis")
    start = pl.lit((at - (ISOLATION_MONTHS - 1)).first_day)
    recent = (since >= start) & (since <= pl.lit(at.last_day))
    alone = situation.is_in(ISOLATED_BY)
    settled = situation.is_not_null() & _holds(pl.lit(at.last_day))
    not_concerned = pl.col("couple") | ~pl.col("children")
    no = pl.lit(value=False)
    return pl.when(not_concerned).then(no).when(alone).then(recent).when(settled).then(no)
