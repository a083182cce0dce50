"""Rule-based detection: rights about to break, missing declarations, arrears, life events, facts that do not match.

Each rule is published here with its article. An alert protects the person: it opens help, never a check against them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import polars as pl

from allervers.detection.casefile import CaseFile
from allervers.foundation.periods import Month
from allervers.rights.catalogue import Right

COLUMNS = {
    "alert": pl.String,
    "right": pl.String,
    "menage_id": pl.String,
    "famille_id": pl.String,
    "person_id": pl.String,
    "since_on": pl.Date,
    "deadline_on": pl.Date,
    "amount_eur": pl.Float64,
    "detail": pl.String,
    "partner": pl.String,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of alert: what it says, on what ground, which team opens which course of action."""

    id: str
    label: str
    article: str
    parcours: str


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule, by id, as published in rules.toml."""
    text = (files("allervers.detection") / "rules.toml").read_text("utf-8")
    return {name: Rule(id=name, **fields) for name, fields in tomllib.loads(text).items()}


LOW_QUOTIENT_EUR = 400.0
"""Quotient familial under which a famille without social worker nor declaration is called (set by the convention)."""

BIRTH_MONTHS = 3
"""A child born within that many months is a birth to accompany."""

SILENCE_DAYS = 61
"""Days without contact after which a domiciled person is looked for: a month before the three of CASF D. 264-3."""

RENT_GAP_SHARE = 0.05
"""A certified rent that differs by more than this share from the known one is a mismatch."""


def find_alerts(case: CaseFile, rights: Mapping[str, Right], *, month: Month, today: date) -> pl.DataFrame:
    """Every alert, one row each, with COLUMNS. `today` sets the deadlines; the month, what is recent."""
    parts = [
        _expiring(case.droits, rights, today),
        _signals(case.signaux, today),
        _rent_mismatch(case, month),
        _births(case, month),
        _newly_paid(case.receipts, month, "ajpp", "nouvel_ajpp"),
        _newly_paid(case.receipts, month, "rsa", "nouveau_rsa"),
        _late_declarations(case.dossiers, today),
        _low_quotient(case.dossiers, today),
    ]
    found = pl.concat([part.select(pl.col(c).cast(t) for c, t in COLUMNS.items()) for part in parts])
    keys = ["alert", "right", "menage_id", "famille_id", "person_id"]
    return found.sort(*keys, "since_on", "partner", nulls_last=True).unique(keys, keep="first", maintain_order=True)


def _blank(**given: pl.Expr | str | None) -> list[pl.Expr]:
    """The columns of an alert, null where not given."""
    expressions = []
    for name, kind in COLUMNS.items():
        value = given.get(name)
        expression = (
            value if isinstance(value, pl.Expr) else pl.lit(value, pl.String if isinstance(value, str) else kind)
        )
        expressions.append(expression.alias(name))
    return expressions


def _expiring(droits: pl.DataFrame, rights: Mapping[str, Right], today: date) -> pl.DataFrame:
    leads = {r.id: r.renewal_lead_days for r in rights.values() if r.renewal_lead_days and r.received_as}
    lead = pl.col("prestation").replace_strict(leads, default=None, return_dtype=pl.Int64)
    ending = droits.filter(
        pl.col("etat") == "accorde",
        pl.col("fin_on").is_not_null(),
        lead.is_not_null(),
        (pl.col("fin_on") - pl.lit(today)).dt.total_days() <= lead,
        pl.col("fin_on") >= today - timedelta(days=92),
    )
    # A later period of the same right, one without end, or a claim under way: the renewal is done. A period that ends
    # soon too has its own alert.
    renewed = droits.filter(pl.col("etat").is_in(["accorde", "en_attente"])).select(
        "person_id", "prestation", pl.col("fin_on").alias("later_on"), pl.col("etat").alias("later_state")
    )
    period = ["person_id", "prestation", "fin_on"]
    later = ending.join(renewed, on=["person_id", "prestation"]).filter(
        pl.col("later_on").is_null() | (pl.col("later_on") > pl.col("fin_on")) | (pl.col("later_state") == "en_attente")
    )
    ending = ending.join(later.select(period), on=period, how="anti")
    kind = pl.when(pl.col("fin_on") < today).then(pl.lit("droit_echu")).otherwise(pl.lit("droit_expirant"))
    return ending.select(
        _blank(
            alert=kind,
            right=pl.col("prestation"),
            menage_id=pl.col("menage_id"),
            famille_id=pl.col("famille_id"),
            person_id=pl.col("person_id"),
            since_on=pl.col("fin_on") - pl.duration(days=lead),
            deadline_on=pl.col("fin_on"),
            amount_eur=pl.col("montant"),
            partner=pl.col("partner"),
        )
    )


def _signals(signaux: pl.DataFrame, today: date) -> pl.DataFrame:
    # The body tells the last contact of everyone it domiciles: only a long silence is an alert.
    in_touch = (pl.col("signal") == "sans_contact") & (pl.col("since_on") > today - timedelta(days=SILENCE_DAYS))
    kept = signaux.filter(pl.col("signal").is_in(list(rules())), ~in_touch.fill_null(value=False))
    return kept.select(
        _blank(
            alert=pl.col("signal"),
            menage_id=pl.col("menage_id"),
            famille_id=pl.col("famille_id"),
            person_id=pl.col("person_id"),
            since_on=pl.col("since_on"),
            amount_eur=pl.col("montant"),
            detail=pl.col("detail"),
            partner=pl.col("partner"),
        )
    )


def _rent_mismatch(case: CaseFile, month: Month) -> pl.DataFrame:
    name = f"loyer@{month}"
    certified = case.signaux.filter(pl.col("signal") == "attestation_loyer", pl.col("montant") > 0)
    if ("loyer", str(month)) not in case.population.columns:
        return certified.clear().select(_blank())
    known = pl.scan_parquet(case.population.folder / "menage.parquet")
    rents = known.select(pl.col("id").cast(pl.String).alias("menage_id"), pl.col(name).alias("rent")).collect()
    both = certified.join(rents, on="menage_id").filter(
        pl.col("rent") > 0, (pl.col("montant") - pl.col("rent")).abs() > RENT_GAP_SHARE * pl.col("montant")
    )
    return both.select(
        _blank(
            alert="loyer_different",
            right="aides_logement",
            menage_id=pl.col("menage_id"),
            famille_id=pl.col("famille_id"),
            person_id=pl.col("person_id"),
            since_on=pl.col("since_on"),
            amount_eur=pl.col("montant") - pl.col("rent"),
            partner=pl.col("partner"),
        )
    )


def _births(case: CaseFile, month: Month) -> pl.DataFrame:
    population = case.population
    members, home = population.membership["famille"], population.membership["menage"]
    births = pl.scan_parquet(population.folder / "individu.parquet").select("date_naissance").collect()
    persons = pl.DataFrame(
        {
            "famille_id": population.ids["famille"].gather(pl.Series(members.group)),
            "menage_id": population.ids["menage"].gather(pl.Series(home.group)),
            "role": members.role,
            "born_on": births["date_naissance"],
        }
    )
    children = persons.filter(pl.col("role") == "enfant", pl.col("born_on") <= month.last_day)
    recent = pl.col("born_on") >= (month - (BIRTH_MONTHS - 1)).first_day
    by_famille = (
        children.group_by("famille_id", "menage_id")
        .agg(recent.sum().alias("newborn"), pl.len().alias("children"), pl.col("born_on").max().alias("since_on"))
        .filter(pl.col("newborn") > 0)
    )
    kind = (
        pl.when(pl.col("newborn") > 1)
        .then(pl.lit("naissance_multiple"))
        .when(pl.col("children") == pl.col("newborn"))
        .then(pl.lit("premiere_naissance"))
        .otherwise(pl.lit("naissance"))
    )
    heads = case.contacts.select("famille_id", "person_id").unique("famille_id", keep="first", maintain_order=True)
    return by_famille.join(heads, on="famille_id", how="left").select(
        _blank(
            alert=kind,
            menage_id=pl.col("menage_id"),
            famille_id=pl.col("famille_id"),
            person_id=pl.col("person_id"),
            since_on=pl.col("since_on"),
        )
    )


def _newly_paid(receipts: pl.DataFrame, month: Month, prestation: str, alert: str) -> pl.DataFrame:
    """First payment in the last two months known, and none before in the history."""
    paid = receipts.filter(pl.col("prestation") == prestation, pl.col("montant") > 0)
    covered = receipts["month"].min()
    first = paid.group_by("unit_id", "menage_id").agg(pl.col("month").min(), pl.col("partner").first())
    new = first.filter(pl.col("month") >= str(month - 2), pl.col("month") > pl.lit(covered))
    return new.select(
        _blank(
            alert=alert,
            right=prestation,
            menage_id=pl.col("menage_id"),
            famille_id=pl.col("unit_id"),
            since_on=(pl.col("month") + "-01").str.to_date(),
            partner=pl.col("partner"),
        )
    )


def _late_declarations(dossiers: pl.DataFrame, today: date) -> pl.DataFrame:
    """A quarterly declaration was due and the partner has none since: contact before the right stops (row C2)."""
    return dossiers.filter(_declaration_is_late(today)).select(
        _blank(
            alert="declaration_manquante",
            menage_id=pl.col("menage_id"),
            famille_id=pl.col("famille_id"),
            person_id=pl.col("person_id"),
            since_on=pl.col("declaration_attendue_on"),
        )
    )


def _low_quotient(dossiers: pl.DataFrame, today: date) -> pl.DataFrame:
    """Low quotient familial, no social worker, no declaration: a call (row C10). An unknown follow-up is not a no."""
    alone = dossiers.filter(
        pl.col("quotient_familial") < LOW_QUOTIENT_EUR, pl.col("suivi_social").not_(), _declaration_is_late(today)
    )
    return alone.select(
        _blank(
            alert="quotient_faible_sans_suivi",
            menage_id=pl.col("menage_id"),
            famille_id=pl.col("famille_id"),
            person_id=pl.col("person_id"),
            since_on=pl.col("declaration_attendue_on"),
            amount_eur=pl.col("quotient_familial"),
        )
    )


def _declaration_is_late(today: date) -> pl.Expr:
    due, last = pl.col("declaration_attendue_on"), pl.col("derniere_declaration_on")
    return (due < today) & (last.is_null() | (last < due)) & (pl.col("etat").fill_null("actif") != "radie")
