"""Partners' files made by the tests, synthetic people only, and a stand-in for the identity vault."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from allervers.extracts.importing import ImportReport, import_file
from allervers.extracts.register import Register
from allervers.extracts.store import Store

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REFERENCE_ON = date(2026, 11, 5)

ROWS: dict[str, dict[str, str]] = {
    "caf_allocataires": {
        "matricule": "0012345", "rang": "1", "role": "ALLOC", "nir": "255081416802538", "nom_naissance": "MARTIN",
        "nom_usage": "DURAND", "prenoms": "Zoé Anne", "date_naissance": "1955-08-12", "sexe": "2",
        "situation_familiale": "DIV", "activite": "SAL", "annee_n2": "2024", "salaires_n2": "8000.50",
        "salaires_n1": "0", "adresse": "3 rue des Lilas", "code_postal": "93200", "code_insee": "93066",
        "statut_logement": "HLM", "loyer": "412.10", "identifiant_logement": "LOG-1", "taux_incapacite": "80",
        "colocation": "N", "etat_dossier": "A",
    },
    "caf_paiements": {"matricule": "0012345", "rang": "1", "mois": "2026-10", "prestation": "RSA", "montant": "301.20"},
    "ressources_mensuelles": {
        "matricule": "0012345", "rang": "1", "mois": "2026-09", "nature": "SALAIRE", "net": "640.00",
    },
    "cpam_assures": {
        "numero_assure": "A1", "numero_foyer": "F1", "qualite": "OD", "nir": "255081416802538",
        "nom_naissance": "MARTIN", "prenoms": "Zoé", "date_naissance": "1955-08-12", "sexe": "2",
        "code_insee": "93066", "medecin_traitant": "N", "complementaire": "CSSG", "date_debut_css": "2026-01-01",
        "date_fin_css": "2026-12-31",
    },
    "prestations_servies": {
        "numero": "D77", "nom_naissance": "BERNARD", "prenoms": "Luc", "date_naissance": "1940-01-01", "sexe": "1",
        "code_insee": "93001", "prestation": "APA", "etat": "ACC", "date_debut": "2025-03-01", "date_fin": "2027-02-28",
        "montant": "540",
    },
    "domiciliation": {
        "organisme": "CCAS-93001", "numero": "12", "nom_naissance": "PETIT", "prenoms": "Awa",
        "date_naissance": "1990-05-04", "sexe": "2", "code_insee": "93001", "date_debut": "2026-02-01",
        "date_fin": "2027-01-31", "dernier_contact": "2026-10-01",
    },
    "bailleurs": {
        "bailleur": "OPH-1", "numero_bail": "B9", "nature": "IMPAYE", "nom_naissance": "MARTIN", "prenoms": "Zoé",
        "date_naissance": "1955-08-12", "code_insee": "93066", "identifiant_logement": "LOG-1", "loyer": "412.10",
        "dette": "1300", "date_premier_impaye": "2026-07-01", "plan_apurement": "N",
    },
}  # fmt: skip
"""A right row of each tabular format."""


class FakeVault:
    """Pseudonyms that can be read, kept only when their transaction ends well."""

    def __init__(self) -> None:
        self.persons: dict[str, dict[str, Any]] = {}
        self.objecting: set[str] = set()

    @contextmanager
    def transaction(self, *, dry_run: bool = False) -> Iterator[None]:
        before = copy.deepcopy(self.persons)
        try:
            yield
        except BaseException:
            self.persons = before
            raise
        if dry_run:
            self.persons = before

    def person_keys(self, partner: str, persons: pl.DataFrame) -> pl.Series:
        keys = pl.Series([f"p:{partner}:{number}" for number in persons["person_number"]], dtype=pl.String)
        for key, row in zip(keys, persons.drop("person_number").rows(named=True), strict=True):
            self.persons.setdefault(key, {}).update(row)
        return keys

    def dossier_keys(self, partner: str, numbers: pl.Series) -> pl.Series:
        return pl.Series([n if n is None else f"d:{partner}:{n}" for n in numbers], dtype=pl.String)

    def dwelling_keys(self, values: pl.Series) -> pl.Series:
        return pl.Series([v if v is None else f"l:{v}" for v in values], dtype=pl.String)

    def opposed(self, keys: pl.Series) -> pl.Series:
        return pl.Series([key in self.objecting for key in keys], dtype=pl.Boolean)


def a_store(folder: Path) -> Store:
    """A store with a stand-in vault."""
    return Store(folder, FakeVault(), Register(folder))


def csv_text(rows: Sequence[Mapping[str, str]], separator: str = ";") -> str:
    """Rows as CSV text; the first row gives the columns."""
    names = list(rows[0])
    return "\n".join(separator.join(one) for one in (names, *([row.get(n, "") for n in names] for row in rows))) + "\n"


def with_values(format_name: str, **values: str) -> dict[str, str]:
    """The right row of a format with other values."""
    return ROWS[format_name] | values


def many(format_name: str, count: int = 40) -> list[dict[str, str]]:
    """Right rows that differ by their number, so that a single wrong one stays under the share admitted."""
    key = next(iter(ROWS[format_name])) if format_name not in ("bailleurs", "domiciliation") else "numero_bail"
    key = "numero" if format_name == "domiciliation" else key
    return [with_values(format_name, **{key: f"9{place:06d}"}) for place in range(count)]


def do_import(store: Store, path: Path, format_name: str, **changes: Any) -> ImportReport:
    """An import with ordinary parameters."""
    usual: dict[str, Any] = {
        "partner": "partenaire-93", "convention": "CONV-2026-01", "purpose": "information",
        "reference_on": REFERENCE_ON, "now": NOW,
    }  # fmt: skip
    return import_file(path=path, format_name=format_name, store=store, **(usual | changes))


def import_rows(tmp_path: Path, format_name: str, rows: Sequence[Mapping[str, str]], **changes: Any) -> Any:
    """Write rows as CSV and import them: (report, canonical tables, vault)."""
    path = tmp_path / f"{format_name}.csv"
    path.write_text(csv_text(rows), encoding="utf-8")
    folder = tmp_path / "store"
    folder.mkdir(exist_ok=True)
    store = a_store(folder)
    report = do_import(store, path, format_name, **changes)
    tables = store.tables()
    store.register.close()
    return report, tables, store.vault


def contents(folder: Path) -> set[str]:
    """Every file under a store's imports, the lock aside: nothing may be half-written."""
    imports = folder / "imports"
    return {str(one.relative_to(imports)) for one in imports.rglob("*") if one.is_file()} - {".lock"}
