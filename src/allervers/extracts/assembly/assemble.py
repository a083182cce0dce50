"""The population folder of a month, made of what the partners' current imports say of linked persons.

The folder holds the four files of the interchange contract, and beside them receipts, droits, signaux, provenance,
dossiers, contacts and differences. No name, NIR or address is in any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from allervers.extracts.assembly import facts
from allervers.extracts.assembly.dwelling import DWELLING, dwellings_of, menage_columns, rows_by_famille
from allervers.extracts.assembly.events import events_of
from allervers.extracts.assembly.groups import familles_of, foyers_of, menages_of
from allervers.extracts.assembly.incomes import incomes_of
from allervers.extracts.assembly.provenance import provenance_of
from allervers.extracts.assembly.situation import famille_columns, person_columns, with_what_follows
from allervers.extracts.assembly.sources import (
    CPAM,
    PERSONS,
    attached,
    canonical,
    differences,
    first_known,
    in_precedence,
    persons_commune,
)
from allervers.extracts.records import CHANNELS, TABLES
from allervers.foundation.errors import InvalidInput
from allervers.foundation.files import folder_written_whole
from allervers.foundation.periods import Month
from allervers.foundation.tables import write_by_household
from allervers.population.inputs import INPUTS

BESIDE = ("receipts", "droits", "signaux", "dossiers", "provenance", "contacts", "zones", "differences")
"""Tables written beside the population, one Parquet file each."""

_READ_BY_HOUSEHOLD = {
    "individu": "menage_id", "famille": "id", "menage": "id", "receipts": "menage_id", "droits": "menage_id",
    "signaux": "menage_id", "provenance": "menage_id",
}  # fmt: skip
"""Tables of which pages read one household, and the column that names it. They are written in its order."""

_NOT_FACTS = ("source_key", "dossier_key", "role", *(f"reach_{channel}" for channel in CHANNELS))
_FACTS = tuple(column for column in TABLES["personnes"] if column not in _NOT_FACTS)
_COMPARED = ("date_naissance", "situation_familiale", "nationalite", "activite")


@dataclass(frozen=True, slots=True)
class AssemblyReport:
    """Counts of an assembly. Nothing in it names a person."""

    month: Month
    persons: int
    familles: int
    foyers: int
    menages: int
    records_not_linked: int
    persons_in_several_files: int
    persons_deceased: int
    children_expected: int
    composition_unknown: int
    differences: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Population:
    """The pieces of an assembly. `members`: one row per person with the three groups; `situation`: merged facts."""

    members: pl.DataFrame
    situation: pl.DataFrame
    rows: pl.DataFrame
    by_famille: pl.DataFrame
    dwellings: pl.DataFrame
    events: pl.DataFrame
    several: int
    deceased: int
    expected: int


def assemble(
    *, month: Month, persons: pl.DataFrame, tables: Mapping[str, pl.DataFrame], folder: Path
) -> AssemblyReport:
    """Write the population of `month` and the tables of BESIDE in `folder`, whole or not at all.

    persons: columns PERSONS of sources.py, the result of linkage; `code_insee` too, where the vault gives it.
    tables: canonical tables of all current imports, with partner, import_id and reference_on.
    raises: InvalidInput when a table lacks its origin, or when no linked person is left.
    """
    missing = [column for column in PERSONS if column not in persons.columns]
    if missing:
        raise InvalidInput("Le résultat de l'appariement est incomplet : colonnes absentes.", columns=missing)
    given = {name: canonical(tables, name) for name in TABLES}
    people = _population(given, persons, month)
    living = people.members.select("person_id", "date_naissance")
    incomes = incomes_of(living, attached(given["ressources"], persons), month)
    frames = _frames(people, incomes.columns, month)
    compared = differences(people.rows, "person_id", _COMPARED)
    beside = _beside(people, given, persons) | {
        "provenance": provenance_of(
            people.members, people.situation, people.rows, people.by_famille, incomes.provenance, month
        ),
        "differences": compared,
    }
    with folder_written_whole(folder) as temporary:
        for name, frame in {**frames, **beside}.items():
            path = temporary / f"{name}.parquet"
            if name in _READ_BY_HOUSEHOLD:
                write_by_household(frame, path, key=_READ_BY_HOUSEHOLD[name])
            else:
                frame.write_parquet(path)
    return _report(people, frames, given["personnes"], persons, compared, month)


def _population(given: Mapping[str, pl.DataFrame], persons: pl.DataFrame, month: Month) -> _Population:
    links = persons.select("source_key", "person_id", persons_commune(persons))
    rows = in_precedence(given["personnes"].join(links, on="source_key"), "person_id")
    if rows.is_empty():
        raise InvalidInput("Aucune personne appariée : importez des extractions et lancez l'appariement.")
    events = events_of(rows, month)
    situation = first_known(rows, "person_id", _FACTS).join(_asked(rows), on="person_id")
    gone = pl.col("date_deces").dt.month_start().lt(pl.lit(month.first_day)).fill_null(value=False)
    deceased = situation.filter(gone)
    situation, rows = situation.filter(~gone), rows.join(deceased, on="person_id", how="anti")
    dossiers = in_precedence(given["dossiers"], "dossier_key")
    familles = familles_of(situation.select("person_id", "date_naissance", "situation_familiale"), rows, dossiers)
    columns = ("person_id", "date_naissance", "situation_familiale", "rattache_fiscalement")
    members = familles.members.join(situation.select(columns), on="person_id", maintain_order="left")
    by_famille = rows_by_famille(rows, members, dossiers)
    dwellings = dwellings_of(by_famille, rows, members, month)
    members = members.join(menages_of(members, dwellings), on="person_id", maintain_order="left")
    members = members.join(foyers_of(members, month), on="person_id", maintain_order="left")
    children = _expected_children(members, situation, month)
    told = pl.concat([situation, _facts_of_unborn(children, situation)], how="diagonal")
    return _Population(
        pl.concat([members, children]), with_what_follows(told, month), rows, by_famille, dwellings, events,
        familles.elsewhere, len(deceased), len(children),
    )  # fmt: skip


def _asked(rows: pl.DataFrame) -> pl.DataFrame:
    """Persons known by a partner to which a pregnancy is declared: Caf and Cpam."""
    return rows.group_by("person_id").agg(declares_pregnancy=(pl.col("rank") <= CPAM).any())


def _expected_children(members: pl.DataFrame, situation: pl.DataFrame, month: Month) -> pl.DataFrame:
    """A child to come is a person with a date of birth in the future: the law reads the term from it.

    The child is in the mother's famille when she is one of its adults; a minor who expects a child keeps her own
    place, and the child has none before birth.
    """
    future = situation.filter(pl.col("grossesse_terme") > pl.lit(month.last_day)).select("person_id", "grossesse_terme")
    adults = members.filter(pl.col("famille_role") != "enfant").join(future, on="person_id")
    return adults.with_columns(
        person_id=pl.format("{}-a-naitre", "person_id"),
        famille_role=pl.lit("enfant"),
        foyer_fiscal_role=pl.lit("personne_a_charge"),
        menage_role=pl.when(pl.col("menage_role") == "autre").then(pl.lit("autre")).otherwise(pl.lit("enfant")),
        date_naissance=pl.col("grossesse_terme"),
        situation_familiale=pl.lit(None, pl.String),
        rattache_fiscalement=pl.lit(None, pl.Boolean),
    ).select(members.columns)


def _facts_of_unborn(children: pl.DataFrame, situation: pl.DataFrame) -> pl.DataFrame:
    """What is true of a child to come: no disability is known, the nationality is the mother's."""
    mothers = situation.select("nationalite", person_id=pl.format("{}-a-naitre", "person_id"))
    facts = children.select("person_id", "date_naissance").join(mothers, on="person_id")
    flags = ("restriction_emploi", "inapte_travail", "garde_alternee")
    return facts.with_columns(
        *(pl.lit(value=False).alias(flag) for flag in flags),
        taux_incapacite=pl.lit(0.0),
        declares_pregnancy=pl.lit(value=True),
    )


def _frames(people: _Population, incomes: pl.DataFrame, month: Month) -> dict[str, pl.DataFrame]:
    members = people.members
    groups = [f"{group}_{part}" for group in ("famille", "foyer_fiscal", "menage") for part in ("id", "role")]
    known = members.select("person_id", *groups, "date_naissance").join(
        people.situation.drop("date_naissance"), on="person_id", how="left"
    )
    persons = known.select("person_id", *groups, "date_naissance", *person_columns(month)).join(incomes, on="person_id")
    heads = members.filter(pl.col("famille_role") == "demandeur").select("person_id", "famille_id")
    couples = members.group_by("famille_id").agg(
        couple=(pl.col("famille_role") == "conjoint").any(), children=(pl.col("famille_role") == "enfant").any()
    )
    familles = heads.join(couples, on="famille_id").join(people.situation, on="person_id").sort("famille_id")
    references = members.filter(pl.col("menage_role") == "personne_de_reference").select("menage_id", "famille_id")
    homes = references.join(people.dwellings, on="famille_id", how="left").sort("menage_id")
    homes = _other_families_homes(homes, members, people.dwellings)
    return {
        "individu": _ordered(persons.rename({"person_id": "id"}).sort("menage_id", "id"), "individu", ["id", *groups]),
        "famille": _ordered(
            familles.select(pl.col("famille_id").alias("id"), *famille_columns(month)), "famille", ["id"]
        ),
        "foyer_fiscal": members.select(id="foyer_fiscal_id").unique().sort("id"),
        "menage": _ordered(homes.select(pl.col("menage_id").alias("id"), *menage_columns(month)), "menage", ["id"]),
    }


def _other_families_homes(homes: pl.DataFrame, members: pl.DataFrame, dwellings: pl.DataFrame) -> pl.DataFrame:
    """What the famille of reference does not say of the dwelling is taken from the others under the same roof."""
    roof = members.select("famille_id", "menage_id").unique().sort("famille_id")
    others = first_known(roof.join(dwellings, on="famille_id", maintain_order="left"), "menage_id", DWELLING)
    filled = homes.join(others, on="menage_id", how="left", suffix="_other", maintain_order="left")
    return filled.with_columns(pl.coalesce(column, f"{column}_other").alias(column) for column in DWELLING)


def _ordered(frame: pl.DataFrame, entity: str, first: list[str]) -> pl.DataFrame:
    """Columns in the order of INPUTS: every input of the entity, and nothing else."""
    names = [i.variable for i in INPUTS if i.entity == entity]
    columns = [c for name in dict.fromkeys(names) for c in frame.columns if c.split("@")[0] == name]
    return frame.select(*first, *columns)


def _beside(people: _Population, given: Mapping[str, pl.DataFrame], persons: pl.DataFrame) -> dict[str, pl.DataFrame]:
    links = persons.select("source_key", "person_id")
    place = people.members.select("person_id", "famille_id", "menage_id")
    holders, channels = facts.holders_of(people.rows, place), facts.channels_of(people.rows)
    zones = facts.zones_of(persons).join(channels, on="person_id", how="left", maintain_order="left")
    at = {n: facts.located(given[n], links, holders, place) for n in ("paiements", "droits", "signaux")}
    return {
        "receipts": facts.receipts_of(at["paiements"]),
        "droits": facts.rights_of(at["droits"]),
        "signaux": facts.signals_of(pl.concat([at["signaux"], _events(people, place)], how="diagonal")),
        "dossiers": facts.files_of(people.members, people.dwellings),
        "contacts": facts.contacts_of(people.members, people.dwellings, zones),
        "zones": zones,
    }


def _events(people: _Population, place: pl.DataFrame) -> pl.DataFrame:
    return people.events.join(place, on="person_id", maintain_order="left")


def _report(
    people: _Population, frames: Mapping[str, pl.DataFrame], personnes: pl.DataFrame, persons: pl.DataFrame,
    compared: pl.DataFrame, month: Month,
) -> AssemblyReport:  # fmt: skip
    return AssemblyReport(
        month=month,
        persons=len(frames["individu"]),
        familles=len(frames["famille"]),
        foyers=len(frames["foyer_fiscal"]),
        menages=len(frames["menage"]),
        records_not_linked=len(personnes.join(persons, on="source_key", how="anti")),
        persons_in_several_files=people.several,
        persons_deceased=people.deceased,
        children_expected=people.expected,
        composition_unknown=people.members.filter(pl.col("composition") == "unknown")["famille_id"].n_unique(),
        differences=dict(compared.group_by("column").len().sort("column").iter_rows()),
    )
