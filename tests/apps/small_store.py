"""A store of one household, written table by table: what the household's page reads, without running detection."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl

from allervers.extracts.store import opened_store

HOUSEHOLD, FAMILY = "menage-1", "famille-1"
PENSIONS, RENT = "Quelles pensions sont versées ?", "Quel loyer ?"
ADDRESS, FAMILY_NAME, FIRST_NAME = "12 RUE INVENTEE", "MARQUEUR", "ZELIE"
PHONE, EMAIL = "+33639980102", "marqueur@example.org"


def make_store(folder: Path) -> Path:
    """Two persons, RSA not claimed, free health cover received, one unknown right; identities sealed in the vault."""
    people = pl.DataFrame(
        {
            "person_number": ["1", "2"],
            "nom_naissance": [FAMILY_NAME, FAMILY_NAME],
            "prenoms": [FIRST_NAME, "IDA"],
            "date_naissance": ["1980-05-03", "2015-01-02"],
            "adresse": [ADDRESS, ADDRESS],
            "code_postal": ["93200", "93200"],
            "code_insee": ["93066", "93066"],
            "telephone": [PHONE, None],
            "courriel": [EMAIL, None],
        }
    )
    with opened_store(folder) as store, store.vault.transaction():
        keys = store.vault.person_keys("caf-93", people).to_list()
    # Before any linkage, each record is a person of its own.
    _assembled(folder / "assembled" / "2026-11", keys)
    _detected(folder / "detections" / "2026-11")
    return folder


def _assembled(folder: Path, ids: list[str]) -> None:
    folder.mkdir(parents=True)
    home = {"menage_id": [HOUSEHOLD] * 2}
    pl.DataFrame(
        {"id": ids, "famille_id": [FAMILY] * 2, "famille_role": ["demandeur", "enfant"], **home,
         "date_naissance": [date(1980, 5, 3), date(2015, 1, 2)], "enceinte@2026-11": [None, False],
         "inapte_travail@2026-11": [None, None]}
    ).write_parquet(folder / "individu.parquet")  # fmt: skip
    pl.DataFrame({"id": [HOUSEHOLD], "coloc@2026-11": [False]}).write_parquet(folder / "menage.parquet")
    pl.DataFrame({"id": [FAMILY], "rsa_isolement_recent@2026-11": [None]}).write_parquet(folder / "famille.parquet")
    pl.DataFrame(
        {"menage_id": [HOUSEHOLD], "prestation": ["aides_logement"], "month": ["2026-10"], "montant": [310.0],
         "partner": ["caf-93"]}
    ).write_parquet(folder / "receipts.parquet")  # fmt: skip
    pl.DataFrame(
        {"menage_id": [HOUSEHOLD], "prestation": ["css_sans_participation"], "etat": ["accorde"],
         "debut_on": [date(2026, 1, 1)], "fin_on": [date(2026, 12, 31)], "partner": ["cpam-93"]}
    ).write_parquet(folder / "droits.parquet")  # fmt: skip
    pl.DataFrame(
        {"menage_id": [HOUSEHOLD], "signal": ["separation"], "since_on": [date(2026, 9, 2)], "partner": ["caf-93"]}
    ).write_parquet(folder / "signaux.parquet")


def _detected(folder: Path) -> None:
    folder.mkdir(parents=True)
    rows = [("rsa", "not_claimed", 607.75), ("aspa", "unknown", None)]
    pl.DataFrame(
        [
            {"right": right, "unit_entity": "famille", "unit_id": FAMILY, "person_id": "p1", "menage_id": HOUSEHOLD,
             "status": status, "amount_eur_month": amount,
             "since_month": "2026-09" if amount else None, "since_is_exact": True,
             "eur_lost": 1215.5 if amount else None,
             "questions": [] if amount else [PENSIONS]}
            for right, status, amount in rows
        ]
    ).write_parquet(folder / "statuts.parquet")  # fmt: skip
    pl.DataFrame(
        {"menage_id": [HOUSEHOLD, "menage-2", "menage-9"], "code_insee": ["93066", "93066", "93010"],
         "contact_allowed": [True, False, True], "aspa": [PENSIONS, f"{PENSIONS} | {RENT}", PENSIONS],
         "rsa": [None, RENT, None], "aah": [None, None, ""]}
    ).write_parquet(folder / "indetermines.parquet")  # fmt: skip
    pl.DataFrame(
        {"right": ["rsa"], "unit_id": [FAMILY], "variable": ["rsa_base_ressources"], "label": ["Ressources"],
         "value": [42.0]}
    ).write_parquet(folder / "explications.parquet")  # fmt: skip
    pl.DataFrame(
        {"menage_id": [HOUSEHOLD], "person_id": ["p"], "input_group": ["logement"], "partner": ["caf-93"],
         "reference_on": [date(2026, 11, 5)], "state": ["known"]}
    ).write_parquet(folder / "provenance.parquet")  # fmt: skip
    (folder / "suppositions.json").write_text(
        json.dumps({"rsa": ["enceinte", "coloc", "rsa_isolement_recent"], "aspa": ["inapte_travail"]})
    )
    counts = {"households_entitled": 9, "households_receiving": 3, "households_unknown": 2}
    pl.DataFrame(
        [
            {
                "right": "rsa",
                "code_insee": code,
                "households_not_taken_up": n,
                "eur_month_not_taken_up": 100.0 * n,
                **counts,
            }
            for code, n in (("93066", 12), ("93010", 6), ("93001", 3))
        ]
    ).write_parquet(folder / "synthese_commune.parquet")
