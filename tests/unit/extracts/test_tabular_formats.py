"""Each tabular format: its right row gives the canonical rows that its page promises."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from partner_files import ROWS, csv_text, import_rows, with_values

from allervers.extracts.allowance import CATEGORIES, IDENTITY, Allowance
from allervers.extracts.formats import FORMATS
from allervers.extracts.records import TABLES


@pytest.mark.parametrize("name", ROWS)
def test_right_row_is_kept_and_tables_are_canonical(name: str, tmp_path: Path) -> None:
    report, tables, _ = import_rows(tmp_path, name, [ROWS[name]])
    assert (report.status, report.read, report.kept, report.rejected) == ("done", 1, 1, 0)
    assert tables
    for table, frame in tables.items():
        assert frame.columns[: len(TABLES[table])] == list(TABLES[table])
        assert {column: frame.schema[column] for column in TABLES[table]} == TABLES[table]


def test_every_tabular_format_has_a_right_row() -> None:
    assert set(ROWS) == {name for name, one in FORMATS.items() if one.kind == "tabular"}


@pytest.mark.parametrize("name", ROWS)
def test_no_identity_reaches_the_canonical_tables(name: str, tmp_path: Path) -> None:
    _, tables, _ = import_rows(tmp_path, name, [ROWS[name]])
    text = "".join(frame.write_csv() for frame in tables.values())
    for column in ("nir", "nom_naissance", "nom_usage", "prenoms", "adresse"):
        assert ROWS[name].get(column, "absent") not in text


def test_caf_allocataires(tmp_path: Path) -> None:
    child = with_values("caf_allocataires", rang="2", role="ENF", nir="", date_naissance="2015-01-01", loyer="",
                        salaires_n2="", salaires_n1="", taux_incapacite="")  # fmt: skip
    report, tables, vault = import_rows(tmp_path, "caf_allocataires", [child, ROWS["caf_allocataires"]])
    people = tables["personnes"].sort("source_key")
    assert people["source_key"].to_list() == ["p:partenaire-93:0012345/1", "p:partenaire-93:0012345/2"]
    assert people["role"].to_list() == ["demandeur", "enfant"]
    assert people["taux_incapacite"].to_list() == [0.8, None]
    dossier = tables["dossiers"].row(0, named=True)
    assert tables["dossiers"].height == 1
    assert (dossier["loyer"], dossier["statut_logement"], dossier["etat"]) == (412.10, "locataire_hlm", "actif")
    assert dossier["identifiant_logement"] == "l:LOG-1"
    assert dossier["colocation"] is False
    assert dossier["chambre"] is None
    incomes = tables["ressources"].select("period", "nature", "imposable").rows()
    assert incomes == [("2024", "salaire", 8000.5), ("2025", "salaire", 0.0)]
    assert vault.persons["p:partenaire-93:0012345/1"]["nir"] == "2550814168025"
    assert report.warnings == {"naissance_1er_janvier": 1}


def test_unborn_child_needs_a_pregnancy(tmp_path: Path) -> None:
    unborn = with_values("caf_allocataires", rang="2", role="ENF", nir="", date_naissance="2027-02-01")
    rows = [ROWS["caf_allocataires"] | {"grossesse_terme": ""}, unborn, unborn | {"rang": "3"}]
    rows[1]["grossesse_terme"] = "2027-02-01"
    report, _, _ = import_rows(tmp_path, "caf_allocataires", rows, max_error_share=0.5)
    assert (report.kept, report.reasons) == (2, {"naissance_future": 1})


def test_caf_paiements_sums_housing_aids_and_names_the_person_of_the_aah(tmp_path: Path) -> None:
    rows = [
        with_values("caf_paiements", prestation=code, montant=amount)
        for code, amount in (("APL", "100"), ("ALS", "50.5"), ("AAH", "900"), ("RSA", "-20"))
    ]
    _, tables, _ = import_rows(tmp_path, "caf_paiements", rows)
    paid = tables["paiements"].select("prestation", "montant", "source_key").rows()
    assert paid == [
        ("aides_logement", 150.5, None), ("aah", 900.0, "p:partenaire-93:0012345/1"), ("rsa", -20.0, None),
    ]  # fmt: skip


def test_ressources_mensuelles_by_number_or_by_nir(tmp_path: Path) -> None:
    row = ROWS["ressources_mensuelles"] | {"nir": "", "brut": ""}
    other_job = row | {"net": "10"}
    by_nir = row | {"matricule": "", "rang": "", "nir": "2 55 08 14 168 025 38", "brut": "900", "net": ""}
    nobody = row | {"matricule": "", "rang": ""}
    empty = row | {"mois": "2026-08", "net": ""}
    report, tables, vault = import_rows(
        tmp_path, "ressources_mensuelles", [row, row, other_job, by_nir, nobody, empty], max_error_share=0.6
    )
    assert report.reasons == {"doublon": 1, "identifiant_absent": 1, "montant_absent": 1}
    assert tables["ressources"]["net"].to_list() == [640.0, 10.0, None]
    assert vault.persons["p:partenaire-93:nir:2550814168025"]["nir"] == "2550814168025"


def test_cpam_assures_rights_and_signals(tmp_path: Path) -> None:
    base = ROWS["cpam_assures"]
    rows = [
        base,
        base | {"numero_assure": "A2", "complementaire": "CSSP", "date_fin_css": "2026-10-31", "medecin_traitant": ""},
        base | {"numero_assure": "A3", "numero_foyer": "", "complementaire": "AUC", "date_naissance": "2012-03-04"},
    ]
    _, tables, _ = import_rows(tmp_path, "cpam_assures", rows)
    rights = tables["droits"].select("prestation", "etat", "fin_on").rows()
    assert rights == [
        ("css_sans_participation", "accorde", date(2026, 12, 31)),
        ("css_avec_participation", "fini", date(2026, 10, 31)),
    ]  # fmt: skip
    signals = tables["signaux"].select("source_key", "signal").rows()
    assert signals == [("p:partenaire-93:A1", "sans_medecin_traitant"), ("p:partenaire-93:A3", "sans_complementaire")]
    assert tables["personnes"]["dossier_key"].null_count() == 1
    assert tables["dossiers"].height == 1


def test_prestations_servies_pays_what_is_granted_and_monthly(tmp_path: Path) -> None:
    base = ROWS["prestations_servies"]
    rows = [
        base,
        base | {"prestation": "CHEQUE_ENERGIE", "montant": "194"},
        base | {"prestation": "PCH", "date_fin": "2026-09-30"},
        base | {"prestation": "ASH", "etat": "ATT"},
    ]
    report, tables, _ = import_rows(tmp_path, "prestations_servies", rows)
    assert tables["droits"]["prestation"].to_list() == ["apa", "cheque_energie", "pch", "ash"]
    assert tables["paiements"].select("prestation", "month", "montant").rows() == [("apa", "2026-11", 540.0)]
    assert tables["personnes"].height == 1
    assert report.warnings == {"naissance_1er_janvier": 4}


def test_domiciliation_keeps_the_latest_election(tmp_path: Path) -> None:
    base = ROWS["domiciliation"]
    former = base | {"date_debut": "2025-02-01", "date_fin": "2026-01-31", "dernier_contact": "2026-01-15"}
    _, tables, _ = import_rows(tmp_path, "domiciliation", [former, base])
    assert sorted(tables["droits"]["etat"]) == ["accorde", "fini"]
    assert tables["signaux"].select("signal", "since_on").rows() == [("sans_contact", date(2026, 10, 1))]
    assert tables["dossiers"].select("statut_logement", "code_insee").rows() == [("sans_domicile", "93001")]


def test_bailleurs_one_signal_per_lease(tmp_path: Path) -> None:
    base = ROWS["bailleurs"] | {"rang": ""}
    rows = [
        base | {"rang": "2", "prenoms": "Max"}, base, base | {"nature": "ATTESTATION"},
        base | {"nature": "INDECENCE"}, base | {"numero_bail": "B10", "dette": ""},
    ]  # fmt: skip
    report, tables, _ = import_rows(tmp_path, "bailleurs", rows, max_error_share=0.3)
    assert report.reasons == {"dette_absente": 1}
    signals = tables["signaux"].sort("signal").select("source_key", "signal", "montant", "detail").rows()
    first = "p:partenaire-93:OPH-1/B9/1"
    assert signals == [
        (first, "attestation_loyer", 412.1, None), (first, "impaye_loyer", 1300.0, "sans_plan"),
        (first, "logement_indecent", None, None),
    ]  # fmt: skip
    assert tables["personnes"].height == 2


def test_columns_in_any_order_and_case(tmp_path: Path) -> None:
    row = ROWS["caf_paiements"]
    shuffled = {name.upper(): row[name] for name in reversed(row)} | {"Inconnue": "x"}
    report, tables, _ = import_rows(tmp_path, "caf_paiements", [shuffled])
    assert report.ignored == ("Inconnue",)
    assert tables["paiements"]["montant"].to_list() == [301.2]
    assert "Inconnue" in csv_text([shuffled])


FLAGS = ["reach_letter", "reach_phone", "reach_sms", "reach_email"]


@pytest.mark.parametrize(
    ("told", "flags"),
    [
        ({}, (True, None, None, None)),
        ({"telephone": "06 39 98 01 02"}, (True, True, True, None)),
        ({"telephone": "01 99 00 01 02"}, (True, True, False, None)),
        ({"telephone": "", "courriel": "awa@example.org", "adresse": ""}, (False, False, False, True)),
    ],
)
@pytest.mark.parametrize("name", ["caf_allocataires", "cpam_assures"])
def test_only_flags_say_how_a_person_may_be_reached(name, told, flags, tmp_path: Path) -> None:
    row = with_values(name, **{"adresse": "3 rue des Lilas"} | told)
    report, tables, vault = import_rows(tmp_path, name, [row])
    assert tables["personnes"].select(FLAGS).row(0) == flags
    [sealed] = vault.persons.values()
    assert bool(sealed.get("telephone")) == bool(flags[1])
    assert (report.kept, report.warnings.get("telephone_invalide")) == (1, None)


def test_a_wrong_phone_or_email_is_left_out_and_counted(tmp_path: Path) -> None:
    row = with_values("cpam_assures", telephone="12", courriel="néant")
    report, tables, vault = import_rows(tmp_path, "cpam_assures", [row])
    assert (report.kept, report.rejected) == (1, 0)
    assert report.warnings == {"telephone_invalide": 1, "courriel_invalide": 1}
    assert tables["personnes"].select(FLAGS).row(0) == (None, False, False, False)
    assert vault.persons["p:partenaire-93:A1"]["telephone"] is None


@pytest.mark.parametrize(
    ("allowance", "flags"),
    [
        (Allowance(frozenset(CATEGORIES)), (True, True, True, True)),
        (Allowance(frozenset(CATEGORIES), frozenset({"identite.telephone"})), (True, None, None, True)),
        (Allowance(frozenset(CATEGORIES) - {IDENTITY}), (None, None, None, None)),
    ],
)
def test_what_is_not_let_in_reaches_nobody(allowance, flags, tmp_path: Path) -> None:
    row = with_values("caf_allocataires", telephone="06 39 98 01 02", courriel="awa@example.org")
    _, tables, vault = import_rows(tmp_path, "caf_allocataires", [row], allowance=allowance)
    assert tables["personnes"].select(FLAGS).row(0) == flags
    [sealed] = vault.persons.values()
    assert bool(sealed.get("telephone")) == bool(flags[1])
