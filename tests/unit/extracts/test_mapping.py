"""Mapping files: a partner's own export is read as it is; a wrong mapping is told with the nearest known name."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from partner_files import csv_text, do_import, many

from allervers.extracts.formats import FORMATS, format_named
from allervers.extracts.mapping import DEFAULT_MAPPING, check_mapping, mapping_of, read_mapping
from allervers.extracts.store import Store
from allervers.foundation.errors import InvalidInput

TOML = """
format = "caf_allocataires"
partenaire = "partenaire-93"
separateur = ","
encodage = "cp1252"
decimale = ","
milliers = [" ", "\\u00a0"]
dates = ["jj/mm/aaaa", "excel"]
ligne_entete = 3
nir_sans_cle = true

[colonnes]
matricule = "N° alloc."
date_naissance = "Né(e) le"
salaires_n2 = "Salaires"

[codes.role]
1 = "ALLOC"
2 = "CONJ"

[constantes]
annee_n2 = 2024

[completer]
matricule = 7
rang = 2
"""
EXPORT = (
    "Export du service,,,,,,,\n\n"
    "Né(e) le,N° alloc.,Rang,Role,Nom naissance,Prénoms,Salaires,NIR\n"
    '12/08/1955,12345,1,1,MARTIN,Zoé,"8 000,50",2550814168025\n'
    "20313,12345,2,2,PETIT,Max,0,\n"
)


def test_partner_export_is_read_as_it_is(tmp_path: Path, store: Store) -> None:
    (tmp_path / "caf.toml").write_text(TOML, encoding="utf-8")
    path = tmp_path / "export.csv"
    path.write_bytes(EXPORT.encode("cp1252"))
    report = do_import(store, path, "caf_allocataires", mapping=read_mapping(tmp_path / "caf.toml"))
    tables = store.tables()
    assert (report.kept, report.warnings, report.ignored) == (2, {}, ())
    people = tables["personnes"].select("source_key", "role", "date_naissance").rows()
    assert people == [
        ("p:partenaire-93:0012345/01", "demandeur", date(1955, 8, 12)),
        ("p:partenaire-93:0012345/02", "conjoint", date(1955, 8, 12)),
    ]
    assert tables["ressources"].select("period", "imposable").rows() == [("2024", 8000.5), ("2024", 0.0)]


def test_typed_cells_of_a_workbook_follow_the_mapping(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "paiements.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["matricule", "mois", "prestation", "montant"])
        sheet.write_row(1, 0, [12345, "10/2026", "RSA", 1234.5])
        sheet.write_row(2, 0, [12346, "2026-10", "RSA", "1.234,50"])
        sheet.write_datetime(3, 1, date(2026, 10, 1), book.add_format({"num_format": "mm/yyyy"}))  # type: ignore[arg-type]
        sheet.write_row(3, 2, ["AF", 10])
        sheet.write(3, 0, 12347)
    mapping = mapping_of(
        {"decimale": ",", "milliers": ".", "mois": ["mm/aaaa", "aaaa-mm-jj"], "completer": {"matricule": 7}}
    )
    do_import(store, path, "caf_paiements", mapping=mapping)
    paid = store.tables()["paiements"].select("dossier_key", "month", "montant").rows()
    assert paid == [
        ("d:partenaire-93:0012345", "2026-10", 1234.5),
        ("d:partenaire-93:0012346", "2026-10", 1234.5),
        ("d:partenaire-93:0012347", "2026-10", 10.0),
    ]


def test_typed_columns_of_a_parquet_file(tmp_path: Path, store: Store) -> None:
    frame = pl.DataFrame(
        {
            "organisme": ["CCAS"], "numero": [12], "nom_naissance": ["PETIT"], "prenoms": ["Awa"], "sexe": [2],
            "date_naissance": [date(1990, 5, 4)], "code_insee": ["93001"], "date_debut": [date(2026, 2, 1)],
            "date_fin": [date(2027, 1, 31)],
        }
    )  # fmt: skip
    frame.write_parquet(tmp_path / "d.parquet")
    do_import(store, tmp_path / "d.parquet", "domiciliation", mapping=mapping_of({"decimale": ","}))
    assert store.tables()["droits"]["fin_on"].to_list() == [date(2027, 1, 31)]


def test_keyed_nir_goes_to_its_own_column(tmp_path: Path, store: Store) -> None:
    rows = many("caf_allocataires", 2)
    rows[0]["nir"], rows[1]["nir"] = "AB" * 32, ""
    path = tmp_path / "a.csv"
    path.write_text(csv_text(rows), encoding="utf-8")
    do_import(store, path, "caf_allocataires", mapping=mapping_of({"nir": "hmac-sha256"}))
    person = store.vault.persons["p:partenaire-93:9000000/1"]  # type: ignore[attr-defined]
    assert person["nir_hmac"] == "ab" * 32
    assert "nir" not in person


WRONG = {
    "separatteur = ';'": "« separateur »",
    "separateur = 'x'": "« separateur »",
    "encodage = 'utf-88'": "« utf-8 »",
    "dates = ['jj/mm/yyyy']": "« jj/mm/aaaa »",
    "ligne_entete = '3'": "nombre entier",
    "ligne_entete = 0": "1 à 100",
    "nir_sans_cle = 1": "true ou false",
    "nir = 'chiffre'": "HMAC-SHA-256",
    "decimale = ','\nmilliers = ','": "autre que la décimale",
    "colonnes = 'x'": "section",
    "[completer]\nrang = 'a'": "largeur",
    "[codes]\nrole = 'x'": "codes.role",
    "x = = 1": "ligne 1, caractère 5 : la valeur ne peut pas être lue",
    "separateur = ';'\ndecimale": "fin du fichier : il manque « = »",
    "separateur = ';'\nseparateur = ','\n": "ligne 2, .* : ce nom est déjà donné",
    "[codes\n": "ligne 1, .* : il manque « ] »",
    'feuille = "Données\n': "ligne 1, .* n'est pas refermé",
    "ligne_entete = 3 4": "ligne 1, .* de trop",
    "[codes]\n[codes]": "ligne 2, .* ce titre",
}


@pytest.mark.parametrize("text", WRONG)
def test_wrong_mapping_is_explained(text: str, tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Exception, match=WRONG[text]):
        read_mapping(path)


ENGLISH = re.compile(r"\\b(Expected|Invalid|at line|Cannot|value|Illegal|statement)\\b")


@pytest.mark.parametrize("text", [text for text in WRONG if "ligne" in WRONG[text] or "fin du" in WRONG[text]])
def test_no_word_of_the_english_reader_is_shown(text: str, tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as error:
        read_mapping(path)
    assert not ENGLISH.search(error.value.message)


NOT_OF_THE_LAYOUT = (
    ({"colonnes": {"date_naisance": "x"}}, "« date_naissance »"),
    ({"codes": {"role": {"1": "ALOC"}}}, "« ALLOC »"),
    ({"codes": {"loyer": {"1": "2"}}}, "pas une colonne de codes"),
    ({"constantes": {"anee_n2": "2024"}}, "« annee_n2 »"),
    ({"colonnes": {"role": "x"}, "constantes": {"role": "ALLOC"}}, "à la fois"),
    ({"format": "cpam_assures"}, "celle du format"),
)


@pytest.mark.parametrize(("content", "message"), NOT_OF_THE_LAYOUT)
def test_mapping_that_does_not_fit_the_layout(content: dict[str, object], message: str) -> None:
    layout = FORMATS["caf_allocataires"].layout
    assert layout is not None
    with pytest.raises(InvalidInput, match=message):
        check_mapping(mapping_of(content), layout)


def test_named_column_that_the_file_lacks(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "p.csv"
    path.write_text(csv_text(many("caf_paiements")), encoding="utf-8")
    mapping = mapping_of({"colonnes": {"montant": "MONTAN"}})
    with pytest.raises(InvalidInput, match="« montant »"):
        do_import(store, path, "caf_paiements", mapping=mapping)


def test_annual_incomes_need_their_year(tmp_path: Path, store: Store) -> None:
    rows = [{k: v for k, v in row.items() if k != "annee_n2"} for row in many("caf_allocataires")]
    path = tmp_path / "a.csv"
    path.write_text(csv_text(rows), encoding="utf-8")
    with pytest.raises(InvalidInput, match="annee_n2"):
        do_import(store, path, "caf_allocataires")


def test_unknown_format_names_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="« caf_paiements »"):
        format_named("caf_paiement")


def test_fingerprint_says_what_changes_the_reading() -> None:
    assert DEFAULT_MAPPING.fingerprint == mapping_of({}).fingerprint
    assert DEFAULT_MAPPING.fingerprint != mapping_of({"decimale": ","}).fingerprint
