"""Communes by vintage: counts, merges, joins, refusals, a second département."""

import csv
import re

import polars as pl
import pytest

from allervers.foundation.errors import InvalidInput, NotFound
from allervers.foundation.periods import Month
from allervers.territory.communes import (
    commune,
    communes,
    communes_of_postal_code,
    current_code,
    departement_of,
    join_vintages,
    resolve_code,
    vintage_in_force,
    vintages,
)
from allervers.territory.ept import ept_of, epts
from allervers.territory.tables import DATA, departements, sources

SAINT_DENIS, PIERREFITTE, BOBIGNY = "93066", "93059", "93008"


@pytest.mark.parametrize(("vintage", "count"), [(2021, 40), (2022, 40), (2023, 40), (2024, 40), (2025, 39), (2026, 39)])
def test_pierrefitte_is_a_commune_until_2024(vintage, count):
    codes = {commune.code for commune in communes("93", vintage)}
    assert len(codes) == count
    assert (PIERREFITTE in codes) == (vintage <= 2024)


def test_population_of_a_vintage_is_the_published_one():
    assert sum(commune.population for commune in communes("93", 2024)) == 1_681_725
    assert sum(commune.population for commune in communes("93", 2026)) == 1_704_316


@pytest.mark.parametrize(("vintage", "name"), [(2024, "cog2024"), (2026, "cog2026")])
def test_communes_agree_with_the_lists_made_apart(public_data, vintage, name):
    with (public_data / f"territoire/communes_93_{name}.csv").open(encoding="utf-8", newline="") as stream:
        expected = {
            (row["code_insee"], row["nom"], row["codes_postaux"], int(row["population_municipale"]), row["ept_siren"])
            for row in csv.DictReader(stream)
        }
    found = {(c.code, c.nom, " ".join(c.codes_postaux), c.population, c.ept) for c in communes("93", vintage)}
    assert found == expected


def test_an_absorbed_commune_takes_the_code_of_its_heir_from_2025_on():
    assert current_code(PIERREFITTE, 2021, 2024) == PIERREFITTE
    assert current_code(PIERREFITTE, 2024, 2025) == SAINT_DENIS
    assert current_code(PIERREFITTE, 2021, 2026) == SAINT_DENIS
    assert current_code(BOBIGNY, 2026, 2021) == BOBIGNY


def test_a_merged_commune_has_no_single_code_before_its_merger():
    with pytest.raises(InvalidInput, match="93059, 93066"):
        current_code(SAINT_DENIS, 2026, 2021)
    assert current_code(SAINT_DENIS, 2026, 2025) == SAINT_DENIS


def test_an_unknown_code_is_refused_with_the_vintages_that_know_it():
    with pytest.raises(NotFound, match="2021, 2022, 2023, 2024"):
        commune(PIERREFITTE, 2025)
    with pytest.raises(NotFound, match="Commune inconnue"):
        commune("93999", 2025)
    with pytest.raises(NotFound, match="Millésime 1999 inconnu"):
        commune(BOBIGNY, 1999)
    with pytest.raises(NotFound, match="Département sans données"):
        commune("97411", 2025)
    with pytest.raises(InvalidInput, match="cinq caractères"):
        commune("9308", 2025)


def test_an_old_code_that_a_partner_still_writes_is_resolved():
    assert resolve_code(PIERREFITTE, 2026) == SAINT_DENIS
    assert resolve_code(PIERREFITTE, 2023) == PIERREFITTE
    with pytest.raises(NotFound):
        resolve_code("93999", 2026)


def test_a_join_moves_codes_and_keeps_rows_and_nulls():
    frame = pl.DataFrame({"code": [PIERREFITTE, SAINT_DENIS, None, BOBIGNY], "n": [1, 2, 3, 4]})
    joined = join_vintages(frame, "code", 2021, 2025)
    assert joined["code"].to_list() == [SAINT_DENIS, SAINT_DENIS, None, BOBIGNY]
    assert joined["n"].to_list() == [1, 2, 3, 4]


def test_a_join_names_the_first_row_of_an_unknown_code():
    frame = pl.DataFrame({"commune": [BOBIGNY, "93999", "93999"]})
    with pytest.raises(InvalidInput, match="Colonne commune, ligne 2") as refusal:
        join_vintages(frame, "commune", 2024, 2025)
    assert refusal.value.data == {"column": "commune", "row": 2, "code": "93999"}
    with pytest.raises(NotFound, match="Millésime"):
        join_vintages(frame.head(1), "commune", 1999, 2025)


def test_a_join_of_an_empty_frame_is_empty():
    assert join_vintages(pl.DataFrame({"code": []}, schema={"code": pl.String}), "code", 2021, 2025).is_empty()


def test_postal_codes_follow_the_merger():
    assert [c.code for c in communes_of_postal_code("93380", 2024)] == [PIERREFITTE]
    assert [c.code for c in communes_of_postal_code("93380", 2025)] == [SAINT_DENIS]
    with pytest.raises(NotFound):
        communes_of_postal_code("00000", 2025)


def test_vintage_in_force_is_the_last_one_known():
    assert vintage_in_force("93", Month(2024, 12)) == 2024
    assert vintage_in_force("93", Month(2025, 1)) == 2025
    assert vintage_in_force("93", Month(2031, 5)) == vintages("93")[-1]
    with pytest.raises(InvalidInput):
        vintage_in_force("93", Month(1999, 1))


@pytest.mark.parametrize(("code", "departement"), [("93008", "93"), ("2A004", "2A"), ("97411", "974")])
def test_departement_of_a_code(code, departement):
    assert departement_of(code) == departement


def test_each_commune_of_an_ept_is_counted_once():
    for vintage in vintages("93"):
        members = [member for ept in epts("93", vintage) for member in ept.communes]
        assert sorted(member.code for member in members) == [member.code for member in communes("93", vintage)]
    assert len(epts("93", 2026)) == 4
    assert ept_of(BOBIGNY, 2026).nom == "Est Ensemble"
    assert sum(ept.population for ept in epts("93", 2024)) == 1_681_725


def test_a_second_departement_is_there_by_data_alone():
    assert {"90", "93"} <= set(departements())
    belfort = communes("90", 2026)
    assert len(belfort) == 101
    assert all(member.departement == "90" and member.ept is None and member.epci for member in belfort)
    assert epts("90", 2026) == ()
    with pytest.raises(NotFound, match="n'appartient à aucun EPT"):
        ept_of("90010", 2026)


def test_no_code_of_the_layer_names_a_departement_or_a_commune():
    named = re.compile("|".join(rf"['\"]{departement}(\d{{3}})?['\"]" for departement in departements()))
    for path in DATA.parent.glob("*.py"):
        assert not named.search(path.read_text(encoding="utf-8")), path.name


def test_every_table_has_its_source():
    for departement in departements():
        tables = {path.stem.split("_")[0] for path in (DATA / departement).iterdir() if path.suffix != ".toml"}
        declared = sources(departement)
        assert tables - {"mouvements"} <= declared.keys()
        for source in (source for table in declared.values() for source in table):
            assert source.origin.startswith("https://")
            assert len(source.sha256) == 64
            assert source.licence
    assert [source.vintage for source in sources("93")["communes"]] == [str(year) for year in vintages("93")]
