"""Rights that other bodies serve: Département, Cnav, ASP, rectorat, with the end of each right. One file a body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from allervers.extracts.synthetic.export import IDENTITY, Export
from allervers.extracts.synthetic.layouts import Layout
from allervers.extracts.synthetic.mess import NOT_A_CODE, NOT_A_DATE
from allervers.extracts.synthetic.truth import Truth

FORMAT = "prestations_servies"


@dataclass(frozen=True, slots=True)
class _Served:
    """A right of the Département: who may hold it, the share who does, monthly euros, years of validity."""

    code: str
    holders: pl.Expr
    share: float
    amount_eur: float
    years: int


_DEPARTEMENTAL = (
    _Served("AMETHYSTE", pl.col("age") >= 65, 0.22, 0.0, 1),
    _Served("APA", pl.col("age") >= 78, 0.2, 480.0, 5),
    _Served("ASH", pl.col("age") >= 83, 0.03, 1150.0, 5),
    _Served("PCH", (pl.col("taux_incapacite") >= 0.8) & (pl.col("age") < 75), 0.35, 620.0, 3),
    _Served("ADAJE", pl.col("age") < 2, 0.04, 150.0, 1),
)
"""Shares: order of magnitude of the holders of the 93 (assumptions, confidence C). ADAJE: closed to new requests."""

_SERVED_BY: Mapping[str, Mapping[str, str]] = {
    "cnav": {"aspa": "ASPA", "asi": "ASI"},
    "asp": {"cheque_energie": "CHEQUE_ENERGIE"},
    "rectorat-creteil": {
        "bourse_college": "BOURSE_COLLEGE", "bourse_lycee": "BOURSE_LYCEE", "bourse_crous": "BOURSE_CROUS",
    },
}  # fmt: skip
_SCHOOL_OF = {"bourse_college": "college", "bourse_lycee": "lycee"}

LAYOUTS = {
    "departement-93": Layout(
        FORMAT, "departement-93", "dep93_prestations.csv", encoding="iso-8859-1", decimal=",", dates="jj/mm/aaaa",
        columns={"numero": "N° dossier", "prestation": "Aide", "etat": "Décision", "date_fin": "Échéance"},
        codes={"prestation": {"AMETHYSTE": "Améthyste"}, "etat": {"ACC": "Accordé", "ATT": "En cours"}},
    ),
    "cnav": Layout(FORMAT, "cnav", "cnav_allocations.csv", separator=",", dates="aaaa-mm-jj"),
    "asp": Layout(
        FORMAT, "asp", "asp_cheque_energie.csv", separator="\t", columns={"numero": "id_beneficiaire"}, upper=True,
    ),
    "rectorat-creteil": Layout(
        FORMAT, "rectorat-creteil", "rectorat_bourses.xlsx", dates="jj/mm/aaaa", decimal=",", sheet="Boursiers",
        columns={"nom_naissance": "Nom de l'élève", "prenoms": "Prénom(s)", "date_naissance": "Né(e) le"},
    ),
}  # fmt: skip


def service_exports(truth: Truth) -> list[Export]:
    """One file for the Département, the Cnav, the ASP and the rectorat."""
    rows = {"departement-93": _departemental(truth), **{body: _served(truth, body) for body in _SERVED_BY}}
    on = truth.month.first_day + timedelta(days=9)
    bad = {"date_naissance": NOT_A_DATE, "prestation": NOT_A_CODE, "nom_naissance": ""}
    return [_export(truth, body, frame.join(truth.persons, on="id"), bad, on) for body, frame in rows.items()]


def _export(truth: Truth, body: str, rows: pl.DataFrame, bad: Mapping[str, str], on: date) -> Export:
    ids = rows.select("id").unique(maintain_order=True)
    numbers = truth.numbers(body, len(ids), 1_000_000)
    ids = ids.with_columns(numero=numbers)
    named = rows.join(ids, on="id", maintain_order="left")
    columns = ("prestation", "etat", "date_debut", "date_fin", "montant", "motif")
    frame = named.select("numero", *IDENTITY, "code_insee", *columns)
    return Export(LAYOUTS[body], frame, on, ids.select("id", person_number="numero"), bad)


def _departemental(truth: Truth) -> pl.DataFrame:
    parts = []
    for served in _DEPARTEMENTAL:
        may = truth.alive.filter(served.holders)
        held = may.filter(truth.drawn(served.code, may["id"]) < served.share)
        days = truth.stream(f"end_{served.code}").integers(-45, 365 * served.years - 45, len(held))
        end = pl.lit(truth.month.last_day) + pl.duration(days=pl.lit(pl.Series(days, dtype=pl.Int64)))
        waiting = pl.lit(truth.drawn(f"waits_{served.code}", held["id"])) < 0.04
        amount = pl.lit(served.amount_eur if served.amount_eur else None, pl.Float64)
        parts.append(
            held.select(
                "id", prestation=pl.lit(served.code), date_fin=end, waiting=waiting, montant=amount
            ).with_columns(date_debut=pl.col("date_fin").dt.offset_by(f"-{served.years}y"))
        )
    rows = pl.concat(parts)
    return rows.select(
        "id", "prestation",
        pl.when("waiting").then(pl.lit("ATT")).otherwise(pl.lit("ACC")).alias("etat"),
        pl.when(~pl.col("waiting")).then("date_debut").alias("date_debut"),
        pl.when(~pl.col("waiting")).then("date_fin").alias("date_fin"),
        pl.when(~pl.col("waiting")).then("montant").alias("montant"),
        pl.lit(None, pl.String).alias("motif"),
    )  # fmt: skip


def _served(truth: Truth, body: str) -> pl.DataFrame:
    """Who is paid, with the last amount; and who claimed and has documents missing."""
    codes = _SERVED_BY[body]
    since = str(truth.month - (11 if body == "asp" else 2))
    rows = truth.receipts.filter(
        pl.col("right").is_in(list(codes)), pl.col("month") >= since, pl.col("month") < str(truth.month)
    )
    rows = rows.filter((pl.col("received_eur") > 0) | (pl.col("status") == "documents_missing"))
    rows = rows.sort("month", descending=True).unique(["right", "unit_id"], keep="first", maintain_order=True)
    rows = _pupils(truth, rows)
    paid = pl.col("received_eur") > 0
    start = pl.concat_str([pl.col("month"), pl.lit("-01")]).str.to_date()
    end = start.dt.offset_by("12mo").dt.offset_by("-1d")
    return rows.select(
        "id",
        prestation=pl.col("right").replace_strict(codes),
        etat=pl.when(paid).then(pl.lit("ACC")).otherwise(pl.lit("PIE")),
        date_debut=pl.when(paid).then(start),
        date_fin=pl.when(paid & pl.lit(body != "cnav")).then(end),
        montant=pl.when(paid).then(pl.col("received_eur").round(2)),
        motif=pl.when(~paid).then(pl.lit("JUSTIF")),
    )


def _pupils(truth: Truth, rows: pl.DataFrame) -> pl.DataFrame:
    """A school grant is known under the name of the pupil: the eldest one of the famille in that school."""
    pupils = truth.alive.filter(pl.col("famille_role") == "enfant").sort("date_naissance", "id")
    pupils = pupils.select("famille_id", "scolarite", pupil="id")
    first = pupils.unique(["famille_id", "scolarite"], keep="first", maintain_order=True)
    school = pl.col("right").replace_strict(_SCHOOL_OF, default=None, return_dtype=pl.String)
    found = rows.with_columns(scolarite=school).join(
        first, on=["famille_id", "scolarite"], how="left", maintain_order="left"
    )
    return found.with_columns(id=pl.coalesce("pupil", "id")).drop("pupil", "scolarite")
