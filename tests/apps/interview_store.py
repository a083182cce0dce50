"""The small store, where partners say more: rent, wages, nationality; some months and some facts are not known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
from small_store import FAMILY, HOUSEHOLD, make_store

from allervers.foundation.periods import Month
from allervers.population.inputs import INCOMES
from allervers.rights.interview.answers import history

MONTH = Month(2026, 11)


def make_interview_store(folder: Path) -> Path:
    """A wage each month and each year, no other income, rent known, flat-share and disability not."""
    make_store(folder)
    place = folder / "assembled" / "2026-11"
    people = pl.read_parquet(place / "individu.parquet").select("id", "famille_id", "famille_role", "menage_id",
                                                                "date_naissance")  # fmt: skip
    columns: dict[str, list[object]] = {
        "menage_role": ["personne_de_reference", "enfant"], "foyer_fiscal_id": ["foyer-1", "foyer-1"],
    }  # fmt: skip
    for rank, month in enumerate(history(MONTH)):
        columns |= {
            f"nationalite@{month}": ["FR", "FR"], f"statut_marital@{month}": ["divorce", "celibataire"],
            f"activite@{month}": ["actif" if rank > 8 else None, None], f"taux_incapacite@{month}": [None, 0.0],
            f"garde_alternee@{month}": [None, False], f"inapte_travail@{month}": [None, None],
        }  # fmt: skip
        columns |= {f"{name}@{month}": [0.0, 0.0] for income in INCOMES for name in _forms(income)}
        columns[f"salaire_net@{month}"] = [900.0 + rank, 0.0]
    for year in (2024, 2025):
        columns |= {f"{income.yearly}@{year}": [0.0, 0.0] for income in INCOMES if income.yearly}
        columns[f"salaire_imposable@{year}"] = [11_000.0, 0.0]
    people.with_columns(**{n: pl.Series(n, v, strict=False) for n, v in columns.items()}).write_parquet(
        place / "individu.parquet"
    )
    home = {"id": [HOUSEHOLD]}
    for month in history(MONTH):
        home |= {f"depcom@{month}": ["93066"], f"statut_occupation_logement@{month}": ["locataire_vide"],
                 f"loyer@{month}": [612.5], f"coloc@{month}": [None]}  # fmt: skip
    pl.DataFrame(home).write_parquet(place / "menage.parquet")
    ids = people["id"].to_list()
    told = [
        ("composition", "caf-93", date(2026, 11, 5)),
        ("etat_civil", "caf-93", date(2026, 11, 5)),
        ("logement", "cpam-93", date(2026, 11, 8)),
        ("nationalite", "cpam-93", date(2026, 11, 8)),
        ("ressources_mensuelles", "caf-93", date(2026, 11, 5)),
        ("ressources_n1", "caf-93", date(2026, 11, 5)),
    ]
    pl.DataFrame(
        [{"menage_id": HOUSEHOLD, "person_id": one, "input_group": group, "partner": partner, "reference_on": on,
          "state": "known"} for one in ids for group, partner, on in told]
    ).write_parquet(folder / "detections" / "2026-11" / "provenance.parquet")  # fmt: skip
    pl.DataFrame({"id": [FAMILY], "rsa_isolement_recent@2026-11": [None]}).write_parquet(place / "famille.parquet")
    return folder


def _forms(income):
    return [name for name in (income.gross, income.net, income.taxable) if name]
