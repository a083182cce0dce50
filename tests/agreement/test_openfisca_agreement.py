"""`evaluate` gives what OpenFisca gives, bit for bit, however the population is cut, ordered and shared out."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from general_population import MONTH, general_frames, write_general
from numpy.typing import NDArray

from allervers.engine.block import ENTITIES, GROUPS
from allervers.engine.law import Changes, Law
from allervers.population.checks import read_population
from allervers.population.evaluation import Request, Result, evaluate
from allervers.population.folder import Population, column_name, write_population

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_france import FranceTaxBenefitSystem

REQUESTS = (
    *(Request(name, MONTH) for name in ("rsa", "ppa", "aide_logement", "af", "aspa", "aah", "cmu_c", "activite")),
    Request("ars", "2026"),
    Request("rfr", "2024"),
)

pytestmark = pytest.mark.law


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_general(tmp_path_factory.mktemp("general") / "population", seed=93, communities=120)


@pytest.fixture(scope="module")
def population(folder: Path, openfisca: Law) -> Population:
    return read_population(folder, openfisca.variable)


@pytest.fixture(scope="module")
def whole(population: Population) -> dict[Request, Result]:
    return evaluate(population, REQUESTS, changes=Changes())


def _stock(system: Any, folder: Path, population: Population, request: Request) -> NDArray[Any]:
    """OpenFisca built straight from the tables, in one piece, without our engine."""
    tables = {entity: pl.read_parquet(folder / f"{entity}.parquet") for entity in ENTITIES}
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("individu", tables["individu"]["id"].to_numpy())
    for group in GROUPS:
        position = {key: row for row, key in enumerate(tables[group]["id"])}
        declared = builder.declare_entity(group, np.arange(len(tables[group])))
        of_person = np.array([position[key] for key in tables["individu"][f"{group}_id"]])
        builder.join_with_persons(declared, of_person, tables["individu"][f"{group}_role"].to_numpy().astype(str))
    simulation = builder.build(system)
    for column, variable in sorted(population.columns.items(), key=lambda item: -len(item[0][1])):
        values: Any = tables[variable.entity][column_name(column)].to_numpy()
        if variable.value_type == "enum":
            values = system.variables[column[0]].possible_values.encode(values.astype(str))
        elif variable.value_type == "float":
            values = values.astype(np.float32)
        simulation.set_input(*column, values)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = simulation.calculate(request.output, request.period)
    return np.asarray(answer.decode_to_str() if hasattr(answer, "decode_to_str") else answer)


def _same(one: dict[Request, Result], other: dict[Request, Result]) -> None:
    for request, result in one.items():
        assert np.array_equal(result.values, other[request].values), request.output
        assert np.array_equal(result.unknown, other[request].unknown), request.output


def test_same_as_stock_openfisca(folder: Path, population: Population, whole: dict[Request, Result]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        system = FranceTaxBenefitSystem()
    for request in REQUESTS:
        expected = _stock(system, folder, population, request)
        assert np.array_equal(whole[request].values, expected), request.output
        assert whole[request].values.dtype == expected.dtype
    assert all(whole[r].values.any() for r in REQUESTS if r.output != "activite")


@pytest.mark.parametrize("households", [45, 100_000])
def test_independent_of_the_size_of_blocks(
    households: int, population: Population, whole: dict[Request, Result]
) -> None:
    requests = [r for r in REQUESTS if r.output in {"rsa", "ars", "activite"}]
    cut = evaluate(population, requests, changes=Changes(), block_households=households)
    _same(cut, whole)


def test_independent_of_the_number_of_workers(population: Population, whole: dict[Request, Result]) -> None:
    requests = [r for r in REQUESTS if r.output in {"rsa", "ars"}]
    _same(evaluate(population, requests, changes=Changes(), workers=2, block_households=60), whole)


def test_independent_of_the_order_of_rows(
    folder: Path, whole: dict[Request, Result], openfisca: Law, tmp_path: Path
) -> None:
    tables = {entity: pl.read_parquet(folder / f"{entity}.parquet") for entity in ENTITIES}
    # Groups in any order; persons by whole households, since the order inside one is the order of sums of floats.
    shuffled = {e: t.sample(fraction=1, shuffle=True, seed=1) for e, t in tables.items() if e != "individu"}
    key = tables["individu"]["famille_id"].str.slice(1, 4).cast(pl.Int64)
    persons = tables["individu"].with_columns(key=(key * 7919) % 10_007).sort("key", maintain_order=True).drop("key")
    write_population(tmp_path / "shuffled", {**shuffled, "individu": persons})
    population = read_population(tmp_path / "shuffled", openfisca.variable)
    requests = [Request("rsa", MONTH), Request("aide_logement", MONTH)]
    again = evaluate(population, requests, changes=Changes())
    for request in requests:
        before = dict(zip(tables["famille"]["id"], whole[request].values.tolist(), strict=True))
        after = dict(zip(population.ids["famille"], again[request].values.tolist(), strict=True))
        assert after == before


def test_null_reaches_its_household_and_only_it(openfisca: Law, tmp_path: Path) -> None:
    tables = general_frames(seed=7, communities=30)
    person, column = 11, "salaire_net@2025-11"
    hidden = pl.when(pl.int_range(pl.len()) == person).then(None).otherwise(pl.col(column)).alias(column)
    write_population(tmp_path / "known", tables)
    write_population(tmp_path / "hidden", {**tables, "individu": tables["individu"].with_columns(hidden)})
    requests = [Request("rsa", MONTH), Request("activite", MONTH)]
    known, partly = (
        evaluate(read_population(tmp_path / name, openfisca.variable), requests, changes=Changes())
        for name in ("known", "hidden")
    )
    population = read_population(tmp_path / "hidden", openfisca.variable)
    label = population.component()
    household = np.zeros(len(population.ids["famille"]), dtype=bool)
    household[population.membership["famille"].group[label == label[person]]] = True
    rsa = partly[requests[0]]
    assert np.array_equal(rsa.unknown, household)
    assert np.array_equal(rsa.values[~household], known[requests[0]].values[~household])
    assert not partly[requests[1]].unknown.any()  # the wage is not read for the activity
