"""The synthetic département: contract, families that do not nest, months, fit, seeds, identities."""

from datetime import date

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from stdnum.fr import nir as reference

from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month
from allervers.population.inputs import HISTORY_MONTHS, INCOMES, INPUTS
from allervers.population.synthetic import block, fit_table, make_population
from allervers.population.synthetic.identity import nir_key

MONTH = Month(2026, 11)
HOUSEHOLDS = 10_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("synthetic") / "population"
    make_population(households=HOUSEHOLDS, seed=7, month=MONTH, departement="93", folder=target)
    return target


@pytest.fixture(scope="module")
def tables(folder):
    return {name: pl.read_parquet(folder / f"{name}.parquet") for name in block.TABLES}


def test_columns_are_exactly_the_inputs(tables):
    months = [str(MONTH - back) for back in range(HISTORY_MONTHS - 1, -1, -1)]
    for entity in ("individu", "famille", "foyer_fiscal", "menage"):
        expected = []
        for item in (i for i in INPUTS if i.entity == entity):
            periods = {"once": [None], "monthly": months, "yearly": ["2024", "2025"]}[item.rhythm]
            expected += [item.variable if p is None else f"{item.variable}@{p}" for p in periods]
        given = [c for c in tables[entity].columns if c != "id" and not c.endswith(("_id", "_role"))]
        assert given == expected


@pytest.mark.parametrize(
    ("group", "first", "second"),
    [
        ("famille", "demandeur", "conjoint"),
        ("foyer_fiscal", "declarant_principal", "conjoint"),
        ("menage", "personne_de_reference", "conjoint"),
    ],
)
def test_one_head_and_at_most_one_partner(tables, group, first, second):
    people = tables["individu"]
    counted = people.group_by(f"{group}_id").agg(
        heads=(pl.col(f"{group}_role") == first).sum(), partners=(pl.col(f"{group}_role") == second).sum()
    )
    assert counted["heads"].unique().to_list() == [1]
    assert counted["partners"].max() == 1
    assert set(counted[f"{group}_id"]) == set(tables[group]["id"])
    assert people["id"].is_unique().all()


def test_groups_do_not_nest(tables):
    people = tables["individu"]

    def with_several(group, other):
        return people.group_by(f"{group}_id").agg(n=pl.col(f"{other}_id").n_unique()).filter(pl.col("n") > 1).height

    assert with_several("menage", "famille") > 100
    assert with_several("famille", "foyer_fiscal") > 100
    assert with_several("foyer_fiscal", "famille") > 20
    assert with_several("foyer_fiscal", "menage") > 20


def test_forms_of_income_follow_the_ratios_and_years_hold_their_months(tables):
    people, month = tables["individu"], str(MONTH)
    taxed: dict[str, np.ndarray] = {}
    for income in INCOMES:
        base = people[f"{income.gross or income.net}@{month}"].to_numpy().astype(float)
        if income.gross and income.net:
            assert np.allclose(people[f"{income.net}@{month}"], income.net_of(base), atol=0.02)
        if income.taxable:  # several kinds of income may share one taxable variable
            taxed[income.taxable] = taxed.get(income.taxable, 0.0) + income.taxable_of(base)
    for variable, amounts in taxed.items():
        assert np.allclose(people[f"{variable}@{month}"], amounts, atol=0.03)
        known = sum(people[f"{variable}@2025-{m:02d}"].to_numpy().astype(float) for m in range(9, 13))
        assert (people[f"{variable}@2025"].to_numpy() >= known - 0.05).all()


def test_amounts_are_known_finite_and_not_negative(tables):
    for name in ("individu", "menage"):
        frame = tables[name]
        for column in frame.columns:
            if frame[column].dtype.is_float():
                values = frame[column].drop_nulls()
                assert values.is_finite().all(), column
                assert (values.min() or 0) >= 0, column
                if not column.startswith("duree_possession"):
                    assert frame[column].null_count() == 0, column


def test_every_situation_is_met(tables):
    situation, people, homes = tables["situation"], tables["individu"], tables["menage"]
    assert set(situation["activite"].drop_nulls()) == {"SAL", "IND", "APP", "CHO", "ETU", "RET", "INA"}
    assert set(situation["situation_familiale"].drop_nulls()) == {"CEL", "MAR", "PAC", "CON", "DIV", "SEP", "VEU"}
    assert set(situation["nationalite"]) == {"FR", "UE", "HUE"}
    assert set(situation["domicilie"].drop_nulls()) == {"O", "N"}
    assert homes[f"statut_occupation_logement@{MONTH}"].n_unique() == 8
    rate = people[f"taux_incapacite@{MONTH}"]
    assert (rate >= 0.8).any()
    assert rate.is_between(0.5, 0.79).any()
    for flag in ("enceinte", "garde_alternee", "inapte_travail", "aah_restriction_substantielle_durable_acces_emploi"):
        assert people[f"{flag}@{MONTH}"].any(), flag
    ended = people.filter(
        (pl.col("chomage_net@2025-12") > 0)
        & (pl.col("chomage_net@2026-11") == 0)
        & (pl.col("salaire_net@2026-11") == 0)
    )
    assert len(ended) > 20
    fallen = (pl.col("chomage_net@2026-11") > 0) & (pl.col("chomage_net@2026-11") < 0.8 * pl.col("chomage_net@2026-04"))
    assert people.filter(fallen).height > 5
    assert tables["famille"][f"rsa_isolement_recent@{MONTH}"].any()
    held = people[f"duree_possession_titre_sejour@{MONTH}"].drop_nulls()
    assert 0.1 < (held.filter(held > 0) < 5).mean() < 0.5


def test_expected_children_and_dead_spouses(tables):
    born_later = tables["individu"].filter(pl.col("date_naissance") > MONTH.last_day)
    assert len(born_later) > 30
    assert (born_later["famille_role"] == "enfant").all()
    assert born_later["date_naissance"].max() <= date(2027, 6, 30)
    situation = tables["situation"]
    flagged = situation.filter("enfant_a_naitre")["id"]
    assert set(flagged) == set(born_later["id"])
    assert tables["identity"].filter(pl.col("id").is_in(flagged.implode()))["nir"].null_count() == len(flagged)
    assert situation["grossesse_terme"].drop_nulls().len() == len(flagged)
    dead = situation.filter(~pl.col("vivant"))
    assert len(dead) > 5
    assert dead["date_deces"].null_count() == 0
    assert not set(dead["id"]) & set(tables["individu"]["id"])
    assert set(dead["menage_id"]) <= set(tables["menage"]["id"])


def test_nir_are_valid_and_unique(tables):
    identity = tables["identity"].filter(pl.col("nir").is_not_null())
    assert identity["nir"].is_unique().all()
    for nir, sex, birth, place in (
        identity.select("nir", "sexe", "date_naissance", "commune_naissance").head(4000).rows()
    ):
        assert len(nir) == 15
        assert nir[0] == sex
        assert nir[1:5] == f"{birth:%y%m}"
        assert nir[5:10] == place
        assert nir[13:] == nir_key(nir[:13])
    places = identity["commune_naissance"].str.slice(0, 2)
    assert {"2A", "2B", "99", "93"} <= set(places)


@pytest.mark.parametrize(
    "thirteen", ["2550814168025", "2550819168025", "255082A168025", "255082B168025", "1850199352001"]
)
def test_nir_key_is_that_of_the_reference_library(thirteen):
    assert nir_key(thirteen) == reference.calc_check_digits(thirteen)


def test_identities_hold_what_breaks_linkage(tables):
    identity = tables["identity"]
    names = identity["nom_naissance"].drop_nulls()
    for pattern in ("^de ", "^El ", "^Ben ", "N'", "-", "é|ï"):
        assert names.str.contains(pattern).any(), pattern
    assert identity["nom_usage"].drop_nulls().len() > 500
    abroad = identity.filter(pl.col("commune_naissance").str.starts_with("99"))
    new_year = abroad.filter(pl.col("date_naissance").dt.ordinal_day() == 1)
    assert 0.05 < len(new_year) / len(abroad) < 0.2
    twins = tables["individu"].filter(pl.col("menage_role") == "enfant").select("menage_id", "date_naissance")
    assert twins.is_duplicated().any()
    assert identity.select("nom_naissance", "prenoms").is_duplicated().any()


def test_declared_synthetic_and_the_truth_is_elsewhere(folder):
    assert "synthétique" in (folder / "SYNTHETIQUE.txt").read_text("utf-8")
    names = {file.name for file in folder.iterdir()}
    assert names == {f"{name}.parquet" for name in block.TABLES} | {"SYNTHETIQUE.txt"}
    for name in block.TABLES:
        schema = pq.read_schema(folder / f"{name}.parquet")
        assert schema.metadata[b"allervers:synthetic"] == b"true"
        assert not any("received" in column or "take_up" in column for column in schema.names)


def test_fit_to_the_public_figures(folder):
    table = fit_table(folder, "93")
    gaps = table.filter(pl.col("commune").is_not_null()).group_by("indicator").agg(
        gap=(pl.col("relative_gap").abs() * pl.col("public_figure")).sum() / pl.col("public_figure").sum(),
        points=(pl.col("synthetic") - pl.col("public_figure")).mean(),
        correlation=pl.corr("synthetic", "public_figure"),
    )  # fmt: skip
    of = {row["indicator"]: row for row in gaps.to_dicts()}
    assert of["households"]["gap"] < 0.02
    assert of["persons"]["gap"] < 0.02
    assert of["lone_parents"]["gap"] < 0.20
    assert of["couples_3_children"]["gap"] < 0.20
    assert of["median_eur_year"]["gap"] < 0.08
    assert of["poverty_share"]["correlation"] > 0.9
    assert abs(of["poverty_share"]["points"]) < 0.03
    ages = table.filter(pl.col("commune").is_null())
    weighted = (ages["relative_gap"].abs() * ages["public_figure"]).sum()
    assert weighted < 0.05
    assert len(table.filter(pl.col("indicator") == "households")) == 39


def test_same_seed_same_people_whatever_the_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr("allervers.population.synthetic.make.BLOCK", 150)
    made = {}
    for name, seed, chunk in (("a", 3, 1_000), ("b", 3, 150), ("c", 4, 1_000)):
        report = make_population(
            households=450, seed=seed, month=MONTH, departement="93", folder=tmp_path / name, chunk=chunk
        )
        assert report.households == 450
        made[name] = {t: pl.read_parquet(tmp_path / name / f"{t}.parquet") for t in block.TABLES}
    for table in block.TABLES:
        assert made["a"][table].equals(made["b"][table]), table
    assert not made["a"]["individu"].equals(made["c"]["individu"])
    groups = pq.ParquetFile(tmp_path / "b" / "menage.parquet")
    assert groups.num_row_groups == 3
    groups.close()


@pytest.mark.parametrize("wrong", [{"households": 0}, {"chunk": 0}, {"seed": -1}])
def test_sizes_out_of_bounds_are_refused(tmp_path, wrong):
    asked = {"households": 10, "seed": 1, "chunk": 10} | wrong
    with pytest.raises(InvalidInput):
        make_population(month=MONTH, departement="93", folder=tmp_path / "x", **asked)
    assert not (tmp_path / "x").exists()
