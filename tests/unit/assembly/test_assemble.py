"""The whole assembly, on a handful of people whose answer is known by hand."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from canonical_tables import CAF, CPAM, LANDLORD, linked, person, table

from allervers.extracts.assembly.assemble import BESIDE, AssemblyReport, assemble
from allervers.extracts.records import CHANNELS
from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month

MONTH = Month(2026, 11)

COUPLE = (
    person("a1", "D1", "demandeur", "1990-03-02", situation_familiale="marie", activite="actif", nationalite="FR"),
    person("a2", "D1", "conjoint", "1991-07-01", situation_familiale="marie", grossesse_terme=date(2027, 1, 20)),
    person("a3", "D1", "enfant", "2018-05-05", scolarite="primaire"),
    person("b1", "D2", "demandeur", "1960-01-01", activite="retraite", situation_familiale="divorce"),
    person("c1", "F1", "demandeur", "1990-03-02", CPAM, activite="chomeur"),
    person("c4", None, None, "1970-02-02", CPAM),
)  # fmt: skip
PERSONS = linked(a1="P1", a2="P2", a3="P3", b1="P4", c1="P1", c4="P5", l1="P1")


def run(folder: Path, persons: pl.DataFrame = PERSONS, **tables: pl.DataFrame) -> AssemblyReport:
    given = {"personnes": table("personnes", *COUPLE), **tables}
    return assemble(month=MONTH, persons=persons, tables=given, folder=folder / "population")


def read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / "population" / f"{name}.parquet")


def one(frame: pl.DataFrame, column: str, key: str, value: str) -> object:
    return frame.filter(pl.col(column) == value)[key].item()


def test_groups_follow_the_caf_file_and_expect_the_child_to_come(tmp_path: Path) -> None:
    report = run(tmp_path)
    people = read(tmp_path, "individu")
    assert (report.persons, report.children_expected, report.composition_unknown) == (6, 1, 1)
    roles = dict(people.select("id", "famille_role").iter_rows())
    assert roles == {
        "P1": "demandeur", "P2": "conjoint", "P3": "enfant", "P2-a-naitre": "enfant",
        "P4": "demandeur", "P5": "demandeur",
    }  # fmt: skip
    assert one(people, "id", "foyer_fiscal_role", "P2") == "conjoint"
    assert one(people, "id", "date_naissance", "P2-a-naitre") == date(2027, 1, 20)
    assert people.filter(pl.col("famille_id") == "D1").height == 4


@pytest.mark.law
def test_the_folder_keeps_the_interchange_contract(tmp_path: Path) -> None:
    from allervers.engine.openfisca import OpenFiscaLaw
    from allervers.population.checks import read_population

    run(tmp_path)
    assert read_population(tmp_path / "population", OpenFiscaLaw().variable).persons == 6


def test_no_column_of_identity_is_written(tmp_path: Path) -> None:
    run(tmp_path)
    for path in (tmp_path / "population").iterdir():
        columns = set(pl.read_parquet_schema(path))
        assert not columns & {"nir", "nom_naissance", "nom_usage", "prenoms", "adresse", "source_key", "dossier_key"}, (
            path
        )


def test_familles_under_one_roof_share_a_menage(tmp_path: Path) -> None:
    homes = table(
        "dossiers",
        {"dossier_key": "D1", "identifiant_logement": "L", "loyer": 600.0, "code_insee": "93066", **CAF},
        {"dossier_key": "D2", "identifiant_logement": "L", "code_insee": "93059", **CAF},
    )
    run(tmp_path, dossiers=homes)
    people = read(tmp_path, "individu")
    assert one(people, "id", "menage_id", "P4") == one(people, "id", "menage_id", "P1") == "D1"
    assert one(people, "id", "menage_role", "P1") == "personne_de_reference"
    assert one(people, "id", "menage_role", "P4") == "autre"


def test_a_hostel_is_not_a_shared_dwelling(tmp_path: Path) -> None:
    rows = [
        {"dossier_key": d, "identifiant_logement": "L", "statut_logement": "locataire_foyer", **CAF}
        for d in ("D1", "D2")
    ]
    assert run(tmp_path, dossiers=table("dossiers", *rows)).menages == 3


def test_old_commune_codes_are_brought_to_the_month(tmp_path: Path) -> None:
    run(tmp_path, dossiers=table("dossiers", {"dossier_key": "D2", "code_insee": "93059", **CAF}))
    assert one(read(tmp_path, "menage"), "id", "depcom@2026-11", "D2") == "93066"


def test_the_commune_that_no_dossier_gives_comes_from_the_vault(tmp_path: Path) -> None:
    known = pl.when(pl.col("source_key") == "c4").then(pl.lit("93059"))
    run(tmp_path, PERSONS.with_columns(code_insee=known))
    assert one(read(tmp_path, "menage"), "id", "depcom@2026-11", "seul-P5") == "93066"
    assert one(read(tmp_path, "contacts"), "person_id", "code_insee", "P4") is None


def test_the_landlord_more_recent_corrects_a_stale_rent(tmp_path: Path) -> None:
    homes = table(
        "dossiers",
        {"dossier_key": "D1", "loyer": 600.0, "charges": 40.0, **CAF},
        {"dossier_key": "B7", "loyer": 655.5, **LANDLORD},
    )
    personnes = table("personnes", *COUPLE, person("l1", "B7", "demandeur", "1990-03-02", LANDLORD))
    run(tmp_path, personnes=personnes, dossiers=homes)
    home = read(tmp_path, "menage")
    assert one(home, "id", "loyer@2026-11", "D1") == 655.5
    assert one(home, "id", "charges_locatives@2025-09", "D1") == 40.0


def test_contradictions_are_recorded_without_values(tmp_path: Path) -> None:
    report = run(tmp_path)
    assert report.differences == {"activite": 1}
    assert one(read(tmp_path, "individu"), "id", "activite@2026-11", "P1") == "actif"
    assert read(tmp_path, "differences").columns == ["person_id", "column", "kept_partner", "other_partner"]


def test_who_died_before_the_month_has_left(tmp_path: Path) -> None:
    early = person("a1", "D1", "demandeur", "1990-03-02", date_deces=date(2026, 10, 30))
    others = [row for row in COUPLE if row["source_key"] not in ("a1", "c1")]
    report = run(tmp_path, personnes=table("personnes", early, *others))
    assert report.persons_deceased == 1
    assert one(read(tmp_path, "individu"), "id", "famille_role", "P2") == "demandeur"


def test_receipts_name_the_unit_of_the_right(tmp_path: Path) -> None:
    paid = [
        {"dossier_key": "D1", "prestation": "af", "month": "2026-10", "montant": 150.0},
        {"source_key": "a2", "dossier_key": "D1", "prestation": "aah", "month": "2026-10", "montant": 900.0},
        {"source_key": "b1", "prestation": "cheque_energie", "month": "2026-04", "montant": 194.0},
        {"source_key": "nobody", "prestation": "af", "month": "2026-10", "montant": 1.0},
    ]
    run(tmp_path, paiements=table("paiements", *({**row, **CAF} for row in paid)))
    receipts = read(tmp_path, "receipts").sort("prestation")
    assert receipts.select("unit", "unit_id", "prestation").rows() == [
        ("individu", "P2", "aah"), ("famille", "D1", "af"), ("menage", "D2", "cheque_energie"),
    ]  # fmt: skip


def test_a_doubtful_link_forbids_contact(tmp_path: Path) -> None:
    doubtful = PERSONS.with_columns(
        zone=pl.when(pl.col("source_key") == "c1").then(pl.lit("review")).otherwise("zone"),
        contact_allowed=pl.col("source_key") != "c1",
    )
    run(tmp_path, doubtful)
    contacts = read(tmp_path, "contacts")
    assert dict(contacts.select("person_id", "contact_allowed").iter_rows()) == {"P1": False, "P4": True, "P5": True}
    assert one(contacts, "person_id", "zone", "P1") == "review"


def test_every_table_is_there_even_empty(tmp_path: Path) -> None:
    run(tmp_path)
    assert all((tmp_path / "population" / f"{name}.parquet").is_file() for name in BESIDE)


def test_nobody_linked_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        run(tmp_path, PERSONS.clear())
    assert not (tmp_path / "population").exists()


def test_life_events_become_signals(tmp_path: Path) -> None:
    dead = person("a2", "D1", "conjoint", "1991-07-01", date_deces=date(2026, 10, 3))
    child = person("a3", "D1", "enfant", "2018-05-05", date_deces=date(2026, 2, 3))
    parted = person(
        "b1", "D2", "demandeur", "1960-01-01", situation_familiale="separe", situation_familiale_depuis=date(2026, 9, 1)
    )
    run(tmp_path, personnes=table("personnes", COUPLE[0], dead, child, parted))
    signals = read(tmp_path, "signaux").select("person_id", "signal", "since_on").sort("signal").rows()
    assert signals == [("P1", "deces_conjoint", date(2026, 10, 3)), ("P4", "separation", date(2026, 9, 1))]


def test_a_row_without_origin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="personnes"):
        run(tmp_path, personnes=table("personnes", *COUPLE).drop("partner"))


def test_what_follows_from_age_is_not_unknown(tmp_path: Path) -> None:
    run(tmp_path)
    people = read(tmp_path, "individu")
    assert one(people, "id", "activite@2026-11", "P3") == "inactif"
    assert one(people, "id", "activite@2026-11", "P2-a-naitre") == "inactif"
    assert one(people, "id", "scolarite@2026-11", "P4") == "inconnue"
    assert one(people, "id", "scolarite@2026-11", "P3") == "primaire"
    assert one(people, "id", "activite@2026-11", "P2") is None
    states = read(tmp_path, "provenance").filter(pl.col("input_group") == "activite")
    found = dict(states.select("person_id", "state").iter_rows())
    assert (found["P1"], found["P2"], found["P3"]) == ("known", "unknown", "derived")


def test_a_person_is_reached_as_any_partner_says_and_unknown_is_not_none(tmp_path: Path) -> None:
    none = {f"reach_{channel}": False for channel in CHANNELS}
    people = [dict(row) for row in COUPLE]
    told = {"a1": {"reach_letter": True}, "c1": none | {"reach_sms": True}, "b1": none, "c4": {"reach_sms": False}}
    run(tmp_path, personnes=table("personnes", *(row | told.get(row["source_key"], {}) for row in people)))
    channels = dict(read(tmp_path, "zones").select("person_id", "channels").iter_rows())
    assert channels == {"P1": "letter,sms", "P2": None, "P3": None, "P4": "", "P5": None}
    contacts = read(tmp_path, "contacts")
    assert one(contacts, "person_id", "channels", "P1") == "letter,sms"
    assert not [name for name in read(tmp_path, "individu").columns if name.startswith("reach_")]
