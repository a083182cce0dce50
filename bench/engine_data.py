"""Invented populations for the engine's benchmarks, as blocks: `uniform`, `varied`, `rich`. Seeded; nobody exists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import GROUPS, Block, Column, Membership

MONTH, YEAR = "2026-01", "2026"
OUTPUTS: tuple[tuple[str, str], ...] = (
    *((name, MONTH) for name in ("rsa", "ppa", "af", "paje", "aide_logement", "css_participation_forfaitaire", "acs",
                                 "cmu_c", "ass", "aspa", "cf", "asf", "aah")),
    ("ars", YEAR),
    ("cheque_energie", YEAR),
)  # fmt: skip
"""The fifteen outputs, each with its period."""
RIGHTS: tuple[tuple[str, str], ...] = (
    *OUTPUTS,
    *((name, MONTH) for name in ("asi", "bourse_college", "bourse_lycee", "bourse_criteres_sociaux", "aeeh")),
)
"""Twenty rights, for one household."""
KINDS = ("uniform", "varied", "rich")
CHUNK = 32_000
"""Households made at once: the people of a block do not depend on how many come after."""

_SALARY_MONTHS = (*(f"{year}-{month:02d}" for year in (2023, 2024, 2025) for month in range(1, 13)), MONTH)
_COMMUNES = np.array(["93008", "75056", "69123", "13055", "59350", "35238", "93066", "93029", "01004", "23096"])
_ROLES = {
    "famille": ("demandeur", "conjoint", "enfant"),
    "foyer_fiscal": ("declarant_principal", "conjoint", "personne_a_charge"),
    "menage": ("personne_de_reference", "conjoint", "enfant"),
}
Columns = dict[Column, tuple[str, NDArray[Any]]]


@dataclass(frozen=True, slots=True)
class People:
    """Households side by side. `household[i]`: of person i; `rank[i]`: 0 the head, 1 the spouse, 2 a child; `age`."""

    households: int
    household: NDArray[np.int64]
    rank: NDArray[np.int64]
    age: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RichColumn:
    """A column that the formulas read and nobody gave: what is needed to fill it at random."""

    variable: str
    period: str
    entity: str
    value_type: str
    items: tuple[str, ...]
    default: Any


def made(kind: str, households: int, seed: int = 1, rich: Path | None = None) -> Block:
    """A block of invented households. `rich`: file of the columns to add, for the kind `rich`."""
    starts = range(0, households, CHUNK)
    parts = [chunk_made(kind, min(CHUNK, households - start), (seed, start)) for start in starts]
    block = parts[0] if len(parts) == 1 else _joined(parts)
    if kind != "rich":
        return block
    assert rich is not None
    wanted = [RichColumn(**{**c, "items": tuple(c["items"])}) for c in json.loads(rich.read_text("utf-8"))]
    return with_random_columns(block, wanted, seed)


def chunk_made(kind: str, households: int, seed: Sequence[int]) -> Block:
    """Some households of a kind (`rich`: those of `varied`, before columns are added)."""
    random = np.random.default_rng(seed)
    people, columns = (_uniform if kind == "uniform" else _varied)(households, random)
    membership = {
        group: Membership(households, people.household, np.array(_ROLES[group])[people.rank]) for group in GROUPS
    }
    arrays = {column: values for column, (_, values) in columns.items()}
    return Block(len(people.age), membership, arrays, {column: entity for column, (entity, _) in columns.items()})


def cut(block: Block, households: int) -> Iterator[Block]:
    """The block cut into blocks of that many households, in order (groups of a household have its number)."""
    of_person = block.membership["menage"].group
    total = block.membership["menage"].count
    for first in range(0, total, households):
        last = min(first + households, total)
        low, high = (int(i) for i in np.searchsorted(of_person, [first, last]))
        rows = {entity: slice(low, high) if entity == "individu" else slice(first, last)
                for entity in ("individu", *GROUPS)}  # fmt: skip
        membership = {
            group: Membership(last - first, m.group[low:high] - first, m.role[low:high])
            for group, m in block.membership.items()
        }
        columns = {c: values[rows[block.entity_of[c]]] for c, values in block.columns.items()}
        yield Block(high - low, membership, columns, block.entity_of)


def distinct_columns(block: Block) -> int:
    """Number of columns with different values."""
    return len({(block.entity_of[c], np.ascontiguousarray(v).tobytes()) for c, v in block.columns.items()})


def _joined(parts: Sequence[Block]) -> Block:
    first = np.cumsum([0] + [p.membership["menage"].count for p in parts])
    membership = {
        group: Membership(
            int(first[-1]),
            np.concatenate([p.membership[group].group + start for p, start in zip(parts, first, strict=False)]),
            np.concatenate([p.membership[group].role for p in parts]),
        )
        for group in GROUPS
    }
    # Periods that share an array go on sharing it: memory is that of the distinct columns.
    kept: dict[tuple[int, ...], NDArray[Any]] = {}
    columns = {}
    for column in parts[0].columns:
        arrays = [p.columns[column] for p in parts]
        key = tuple(map(id, arrays))
        columns[column] = kept[key] if key in kept else kept.setdefault(key, np.concatenate(arrays))
    return Block(sum(p.persons for p in parts), membership, columns, parts[0].entity_of)


def _uniform(households: int, random: np.random.Generator) -> tuple[People, Columns]:
    """Two parents of 35 and 33, children of 4 and 1; wages and rents differ."""
    household = np.repeat(np.arange(households), 4)
    age = np.tile([35, 33, 4, 1], households)
    people = People(households, household, np.tile([0, 1, 2, 2], households), age)
    salary = np.zeros(4 * households, dtype=np.float32)
    salary[0::4] = random.uniform(0, 3000, households).round(2)
    salary[1::4] = random.uniform(0, 1500, households).round(2) * (random.random(households) < 0.5)
    columns: Columns = {("date_naissance", "ETERNITY"): ("individu", _births(age, 3, 5))}
    columns |= {("salaire_de_base", month): ("individu", salary) for month in _SALARY_MONTHS}
    rent = random.uniform(300, 900, households).round(2).astype(np.float32)
    for name, values in (
        ("loyer", rent),
        ("statut_occupation_logement", np.full(households, "locataire_vide")),
        ("depcom", np.full(households, "93008")),
    ):
        columns |= {(name, year): ("menage", values) for year in ("2025", "2026")}
    return people, columns


def _varied(households: int, random: np.random.Generator) -> tuple[People, Columns]:
    """2.6 persons a household, 55 different columns: wages of 37 months, other incomes by year, situations, housing."""
    couple = random.random(households) < 0.5
    children = random.choice(6, size=households, p=[0.45, 0.2, 0.2, 0.1, 0.03, 0.02])
    size = 1 + couple + children
    household = np.repeat(np.arange(households), size)
    persons = len(household)
    place = np.arange(persons) - np.repeat(np.cumsum(size) - size, size)
    rank = np.where(place == 0, 0, np.where((place == 1) & couple[household], 1, 2))
    head_age = random.integers(18, 90, households)[household]
    age = np.where(rank == 2, random.integers(0, 22, persons), head_age + random.integers(-4, 5, persons)).clip(0, 97)
    age = np.where(rank == 2, age, age.clip(18))
    people = People(households, household, rank, age)
    births = _births(age, random.integers(1, 13, persons), random.integers(1, 28, persons))
    columns: Columns = {("date_naissance", "ETERNITY"): ("individu", births)}
    columns |= _incomes_and_situations(people, couple[household], random)
    housing = ("proprietaire", "locataire_vide", "locataire_hlm", "locataire_meuble", "loge_gratuitement",
               "primo_accedant")  # fmt: skip
    occupation = np.array(housing)[random.choice(6, size=households, p=[0.35, 0.25, 0.25, 0.08, 0.05, 0.02])]
    commune = _COMMUNES[random.integers(0, len(_COMMUNES), households)]
    rent = random.uniform(200, 1200, households)
    for growth, year in enumerate(("2025", "2026")):
        columns["loyer", year] = ("menage", (rent * (1 + 0.03 * growth)).round(2).astype(np.float32))
        columns["statut_occupation_logement", year] = ("menage", occupation)
        columns["depcom", year] = ("menage", commune)
    return people, columns


def _incomes_and_situations(people: People, couple: NDArray[np.bool_], random: np.random.Generator) -> Columns:
    persons = len(people.age)
    adult = people.rank < 2
    retired = adult & (people.age >= 62)
    draw = random.random(persons)
    active = adult & ~retired
    worker, unemployed, disabled = active & (draw < 0.6), active & (draw >= 0.6) & (draw < 0.72), active & (draw > 0.92)
    wage = np.where(worker, random.lognormal(7.4, 0.6, persons), 0)
    unsteady = random.random(persons) < 0.2
    found: dict[Column, NDArray[Any]] = {}
    for month in _SALARY_MONTHS:
        found["salaire_de_base", month] = wage * np.where(unsteady, random.uniform(0.3, 1.3, persons), 1)
    for year in ("2023", "2024", "2025", "2026"):
        found["chomage_net", year] = np.where(unemployed, 12 * random.uniform(400, 1600, persons), 0)
        found["retraite_nette", year] = np.where(retired, 12 * random.uniform(300, 2200, persons), 0)
    alimony = np.where(worker & (random.random(persons) < 0.05), 12 * random.uniform(50, 300, persons), 0)
    found = {column: values.round(2).astype(np.float32) for column, values in found.items()}
    alimony = alimony.round(2).astype(np.float32)
    savings = np.where(random.random(persons) < 0.3, random.uniform(0, 20_000, persons), 0).round(2).astype(np.float32)
    student = ~adult & (people.age > 15)
    names = ["retraite", "actif", "chomeur", "etudiant"]
    activity = np.select([retired, worker, unemployed, student], names, "inactif")
    rate = np.where(disabled, random.choice([0.5, 0.6, 0.8, 0.9], persons), 0).astype(np.float32)
    marital = np.where(adult & couple, "marie", "celibataire")
    for year in ("2023", "2024", "2025", "2026"):
        found["pensions_alimentaires_percues", year] = alimony
    for year in ("2025", "2026"):
        found["activite", year], found["taux_incapacite", year] = activity, rate
        found["statut_marital", year], found["livret_a", year] = marital, savings
    return {column: ("individu", values) for column, values in found.items()}


def with_random_columns(block: Block, wanted: Sequence[RichColumn], seed: int, density: float = 0.3) -> Block:
    """The block with these columns added: a random value for that share of the rows, the law's own for the others."""
    random = np.random.default_rng((seed, 2))
    columns, entity_of = dict(block.columns), dict(block.entity_of)
    for one in wanted:
        rows = block.count(one.entity)
        entity_of[one.variable, one.period] = one.entity
        columns[one.variable, one.period] = _random_values(one, rows, random.random(rows) < density, random)
    return Block(block.persons, block.membership, columns, entity_of)


def _random_values(
    one: RichColumn, rows: int, is_given: NDArray[np.bool_], random: np.random.Generator
) -> NDArray[Any]:
    if one.value_type == "enum":
        return np.where(is_given, np.array(one.items)[random.integers(0, len(one.items), rows)], one.default)
    if one.value_type == "bool":
        return is_given ^ bool(one.default)
    if one.value_type == "int":
        return np.where(is_given, random.integers(0, 5, rows), one.default).astype(np.int32)
    if one.value_type == "date":
        days = random.integers(0, 700, rows).astype("timedelta64[D]")
        return np.where(is_given, np.datetime64("2024-01-15") + days, np.datetime64(one.default))
    highest = 1 if "taux" in one.variable else 2000
    return np.where(is_given, random.uniform(0, highest, rows).round(2), one.default).astype(np.float32)


def _births(age: NDArray[np.int64], month: Any, day: Any) -> NDArray[np.datetime64]:
    """Birthdays of people of these ages in 2026 (or 2025), by month and day of the year."""
    months = (np.asarray(2025 - age) - 1970) * 12 + (np.asarray(month) - 1)
    days: NDArray[np.datetime64] = months.astype("datetime64[M]").astype("datetime64[D]")
    found: NDArray[np.datetime64] = days + (np.asarray(day) - 1).astype("timedelta64[D]")
    return found


def rows_of(block: Block) -> Mapping[str, int]:
    """Number of rows of each entity."""
    return {entity: block.count(entity) for entity in ("individu", *GROUPS)}
