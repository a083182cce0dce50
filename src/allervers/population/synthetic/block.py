"""One block of households as Arrow tables: the four of the interchange contract, the identities, the situations.

A block is a fixed number of households with its own random streams: whatever the chunks written, the same block holds
the same people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allervers.population.inputs import HISTORY_MONTHS, INCOMES, INPUTS, Entity
from allervers.population.synthetic import situation as facts
from allervers.population.synthetic.careers import incomes
from allervers.population.synthetic.housing import dearness_of, expected_rent_eur
from allervers.population.synthetic.identity import identity_columns
from allervers.population.synthetic.margins import DepartementMargins
from allervers.population.synthetic.people import Calendar, Days, People, settle, tenure_names
from allervers.population.synthetic.shapes import (
    EXPECTED,
    FOYER,
    PARTNER,
    REFERENCE,
    SLOTS,
    Hosting,
    Households,
    Ints,
    State,
)

BLOCK = 4_000
"""Households of a block: the unit of random streams and of memory."""

TABLES = ("individu", "famille", "foyer_fiscal", "menage", "identity", "situation")
"""Tables of a population folder made here, in the order in which they are written."""

Values = npt.NDArray[Any]
RECENT_DEATH = np.timedelta64(400, "D")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the households of a block are: number of the block, its first household, commune index of each one."""

    block: int
    first_household: int
    commune: Ints
    margins: DepartementMargins


def make_block(seed: int, homes: Households, place: Place, calendar: Calendar) -> dict[str, pa.Table]:
    """Tables (TABLES) of one block of households."""
    streams = np.random.SeedSequence(entropy=seed, spawn_key=(1, place.block)).spawn(5)
    who, money, health, papers, home = (np.random.default_rng(stream) for stream in streams)
    people = settle(who, homes, calendar)
    bond = facts.bonds(who, people, calendar)
    permit = facts.permits(papers, people, calendar)
    country = facts.citizenships(papers, people)
    monthly: dict[str, Values | list[Values]] = {"date_naissance": people.birth}
    monthly |= _income_columns(incomes(money, people, calendar))
    monthly |= _person_facts(health, people, calendar, bond, permit, country, monthly)
    ids = _Ids(people, place.first_household)
    dwelling = _dwelling_columns(home, homes, place, calendar)
    identity, situation = _partner_tables(papers, people, calendar, bond, permit, country, place, ids)
    isolated = {"rsa_isolement_recent": _recently_alone(people, bond, calendar)}
    return {
        "individu": _table({**ids.columns()}, _named("individu", monthly, calendar)),
        "famille": _table({"id": ids.of_group("F", np.unique(people.famille))}, _named("famille", isolated, calendar)),
        "foyer_fiscal": _table({"id": ids.of_group("T", np.unique(people.foyer))}, {}),
        "menage": _table({"id": ids.of_homes(np.arange(len(homes)))}, _named("menage", dwelling, calendar)),
        "identity": identity,
        "situation": situation,
    }


@dataclass(frozen=True, slots=True)
class _Ids:
    """Identifiers of persons and groups of a block: a letter, number of the household, slot of its first person."""

    people: People
    first: int

    def of_group(self, letter: str, keys: Ints) -> list[str]:
        """Ids of persons or groups (I, F, T) from block keys (household row * SLOTS + slot)."""
        return [f"{letter}{self.first + key // SLOTS:07d}{key % SLOTS:02d}" for key in keys.tolist()]

    def of_homes(self, rows: Ints) -> list[str]:
        """Ids of households (M) from their rows in the block."""
        return [f"M{self.first + row:07d}" for row in rows.tolist()]

    def columns(self) -> dict[str, list[str] | Values]:
        """The seven columns of the interchange contract: id, groups and roles."""
        p = self.people
        in_union = (p.slot == PARTNER) | ((p.slot == 9) & (p.famille % SLOTS == 8))
        famille = np.where(p.famille == p.key, "demandeur", np.where(in_union, "conjoint", "enfant"))
        spouse = ((p.slot == PARTNER) & (p.foyer % SLOTS == REFERENCE)) | ((p.slot == 9) & (p.foyer % SLOTS == 8))
        foyer = np.where(p.foyer == p.key, "declarant_principal", np.where(spouse, "conjoint", "personne_a_charge"))
        own_child = ((p.slot >= 2) & (p.slot < 8)) | ((p.slot == EXPECTED) & (p.famille % SLOTS < 8))
        place = np.where(p.slot == REFERENCE, "personne_de_reference", np.where(own_child, "enfant", "autre"))
        return {
            "id": self.of_group("I", p.key),
            "famille_id": self.of_group("F", p.famille),
            "famille_role": famille,
            "foyer_fiscal_id": self.of_group("T", p.foyer),
            "foyer_fiscal_role": foyer,
            "menage_id": self.of_homes(p.household),
            "menage_role": np.where(p.slot == PARTNER, "conjoint", place),
        }


def _table(keys: dict[str, list[str] | Values], columns: dict[str, Values]) -> pa.Table:
    arrays = {name: _arrow(values) for name, values in {**keys, **columns}.items()}
    return pa.table(arrays)


def _arrow(values: list[str] | Values) -> pa.Array:
    if isinstance(values, list) or values.dtype.kind in "OU":
        return pa.array(values, type=pa.string(), from_pandas=True)
    return pa.array(np.ascontiguousarray(values), from_pandas=True)  # NaN and NaT become null


def _named(entity: Entity, values: Mapping[str, Values | list[Values]], calendar: Calendar) -> dict[str, Values]:
    """Columns `variable@period` of an entity in the order of INPUTS. A single array holds for every month."""
    out: dict[str, Values] = {}
    for item in (item for item in INPUTS if item.entity == entity):
        given = values[f"{item.variable}@year" if item.rhythm == "yearly" else item.variable]
        if item.rhythm == "once":
            out[item.variable] = given if not isinstance(given, list) else given[-1]
            continue
        periods = calendar.years if item.rhythm == "yearly" else calendar.history
        for rank, period in enumerate(periods):
            out[f"{item.variable}@{period}"] = given[rank] if isinstance(given, list) else given
    return out


def _income_columns(series: dict[str, npt.NDArray[np.float32]]) -> dict[str, Values | list[Values]]:
    """Every form of every income: by month of history under its name, by tax year as `name@year`, the amount taxed."""
    out: dict[str, Values | list[Values]] = {}
    for income in INCOMES:
        months = series[income.nature]
        forms = (
            (income.gross, months),
            (income.net, income.net_of(months)),
            (income.taxable, income.taxable_of(months)),
        )
        for variable, form in forms:
            if variable is None:
                continue
            amounts = np.round(form, 2)
            _add(out, variable, [amounts[:, -back] for back in range(HISTORY_MONTHS, 0, -1)])
        # Daily allowances have no yearly form of their own: they are assessed with the wages.
        assessed = income.yearly or income.taxable
        if assessed is not None:
            taxed = np.round(income.taxable_of(months), 2).astype(np.float64)
            _add(out, f"{assessed}@year", [taxed[:, start : start + 12].sum(axis=1) for start in (0, 12)])
    return out


def _add(out: dict[str, Values | list[Values]], name: str, columns: list[Values]) -> None:
    """Two kinds of income may share a variable, which then holds their sum."""
    before = out.get(name, [0.0] * len(columns))
    out[name] = [one + other for one, other in zip(before, columns, strict=True)]


def _person_facts(
    rng: np.random.Generator, people: People, calendar: Calendar, bond: facts.Bond, permit: Days,
    country: facts.Texts, money: dict[str, Values | list[Values]],
) -> dict[str, Values | list[Values]]:  # fmt: skip
    """Inputs of persons that are not income."""
    ends, state = calendar.month_ends(), facts.health(rng, people)
    months = range(len(ends))
    schools = [facts.school_levels(people, m.year, m.month) for m in calendar.history]
    kind = rng.choice(
        np.array(["public", "prive_sous_contrat", "prive_hors_contrat"], dtype=object),
        len(people),
        p=[0.85, 0.14, 0.01],
    )
    wages, turnover, pensions = (
        money[name] for name in ("salaire_net", "rpns_auto_entrepreneur_CA_bnc", "retraite_nette")
    )
    carried = facts.pregnant(people, ends)
    years = [(end - permit).astype(np.float32) / np.float32(365.2425) for end in ends]
    # Nationals and children need no permit: no time, which is known. Citizens of the Union: a settled stay.
    without = np.where(np.isin(country, facts.UNION_COUNTRIES), np.float32(1), np.float32(0))
    held = [np.where(np.isnat(permit), without, np.clip(y, 0, None)).astype(np.float32) for y in years]
    return {
        "activite": [facts.activities(people, wages[m] + turnover[m], pensions[m], schools[m]) for m in months],
        "statut_marital": [np.where(bond.since > ends[m], bond.before, bond.after) for m in months],
        "scolarite": list(schools),
        "statuts_etablissement_scolaire": [np.where(schools[m] == "inconnue", "inconnu", kind) for m in months],
        "taux_incapacite": [np.where(state.from_month <= m, state.rate, 0.0).astype(np.float32) for m in months],
        "aah_restriction_substantielle_durable_acces_emploi": [
            state.restriction & (state.from_month <= m) for m in months
        ],
        "inapte_travail": state.unfit,
        "enceinte": [carried[:, m] for m in months],
        "nationalite": country,
        "duree_possession_titre_sejour": held,
        "garde_alternee": facts.shared_custody(rng, people),
    }


def _dwelling_columns(
    rng: np.random.Generator, homes: Households, place: Place, calendar: Calendar
) -> dict[str, Values | list[Values]]:
    communes = place.margins.communes
    medians = np.array([c.median_eur_year or np.nan for c in communes])
    usual = float(np.nanmean(medians))
    dear = dearness_of(np.where(np.isnan(medians), usual, medians), usual)[place.commune]
    rent = expected_rent_eur(homes.tenure, homes.size, dear) * rng.lognormal(0, 0.16, len(homes))
    charges = np.where(rent > 0, rent * rng.uniform(0.1, 0.24, len(homes)), 0.0)
    # Rents are revised in January, by 1.2 % at most of the years seen (index of reference of rents, assumption).
    factors = [1.0 if month.year == calendar.month.year else 1 / 1.012 for month in calendar.history]
    return {
        "depcom": np.array([c.code_insee for c in communes], dtype=object)[place.commune],
        "statut_occupation_logement": tenure_names(homes),
        "loyer": [np.round(rent * factor, 2).astype(np.float32) for factor in factors],
        "charges_locatives": np.round(charges, 2).astype(np.float32),
        "coloc": homes.hosting == Hosting.COLOCATION,
        "logement_chambre": (homes.tenure == FOYER) & (rng.random(len(homes)) < 0.5),
    }


def _recently_alone(people: People, bond: facts.Bond, calendar: Calendar) -> list[Values]:
    """By famille and month: alone with a child or expecting, for twelve months at most (CASF L. 262-9, R. 262-1)."""
    keys = np.unique(people.famille)
    parted = np.isin(bond.code, ("SEP", "DIV", "VEU")) & (people.famille == people.key) & ~people.partnered
    charged = np.isin(people.famille, people.famille[((people.age < 25) & (people.famille != people.key))])
    rows = np.flatnonzero(parted & charged)
    position = np.searchsorted(keys, people.famille[rows])
    first = bond.since[rows].astype("datetime64[M]")
    out: list[Values] = []
    for month in calendar.history:
        current = np.datetime64(str(month), "M")
        recent = (first <= current) & (first > current - 12)
        column = np.zeros(len(keys), dtype=np.bool_)
        column[position[recent]] = True
        out.append(column)
    return out


def _partner_tables(
    rng: np.random.Generator, people: People, calendar: Calendar, bond: facts.Bond, permit: Days,
    country: facts.Texts, place: Place, ids: _Ids,
) -> tuple[pa.Table, pa.Table]:  # fmt: skip
    """identity and situation: the persons of the block, then the spouses who died lately (in no household)."""
    said = facts.situation_columns(rng, people, calendar, bond, permit)
    names = identity_columns(rng, people, country, place.commune, place.margins, place.block)
    living = {"id": ids.of_group("I", people.key)}
    links = {"famille_id": ids.of_group("F", people.famille), "menage_id": ids.of_homes(people.household)}
    identity = _table({**living}, {"date_naissance": people.birth, **names})
    situation = _table({**living, **links}, {"vivant": np.ones(len(people), dtype=np.bool_), **said})
    rows = np.flatnonzero((bond.code == "VEU") & (bond.since > calendar.last_day - RECENT_DEATH))
    if not len(rows):
        return identity, situation
    dead = _spouses(rng, people, rows)
    named = identity_columns(rng, dead, country[rows], place.commune, place.margins, place.block, first_order=5)
    codes = facts.situation_columns(rng, dead, calendar, _subset(bond, rows), permit[rows])
    codes["situation_familiale"] = np.full(len(rows), "MAR", dtype=object)
    codes |= {"date_deces": bond.since[rows], "date_situation_familiale": np.full(len(rows), facts.NO_DAY)}
    lost = {"id": [f"{living['id'][row]}D" for row in rows]}
    of = {name: [values[row] for row in rows] for name, values in links.items()}
    more = _table({**lost}, {"date_naissance": dead.birth, **named})
    told = _table({**lost, **of}, {"vivant": np.zeros(len(rows), dtype=np.bool_), **codes})
    return pa.concat_tables([identity, more]), pa.concat_tables([situation, told])


def _subset(bond: facts.Bond, rows: Ints) -> facts.Bond:
    return facts.Bond(bond.code[rows], bond.since[rows], bond.before[rows], bond.after[rows])


def _spouses(rng: np.random.Generator, people: People, rows: Ints) -> People:
    """The late spouse of each of these persons: other sex, an age near theirs, retired or inactive."""
    gap = rng.integers(-1500, 2200, len(rows)).astype("timedelta64[D]")
    old = people.age[rows] >= 64
    return replace(
        people, household=people.household[rows], slot=people.slot[rows], age=people.age[rows],
        female=~people.female[rows], state=np.where(old, State.RETRAITE, State.INACTIF),
        level_eur=np.zeros(len(rows)), foreign=people.foreign[rows], birth=people.birth[rows] - gap,
        famille=people.famille[rows], foyer=people.foyer[rows], mother=np.full(len(rows), -1),
    )  # fmt: skip
