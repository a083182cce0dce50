"""Reads of the store for one household. The caller proves its access by the grants that it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl
from django.db.models import QuerySet

from allervers.apps.partnership.domain import Category, Grant
from allervers.apps.partnership.labels import commune_label
from allervers.apps.people.domain import Granted, Happening, HouseholdFile, Payment, Person, Source
from allervers.apps.people.models import Opposition
from allervers.detection.storage import assembled_folder, detection_folder
from allervers.extracts.identity.reading import Purpose, read_identities
from allervers.extracts.identity.vault import Vault
from allervers.extracts.linkage.report import given_by, records_of
from allervers.foundation.errors import NotFound, Refused
from allervers.foundation.periods import Month

_ROLES = {
    "parent": "parent", "enfant": "enfant", "personne_de_reference": "personne de référence", "conjoint": "conjoint",
    "autre": "autre",
}  # fmt: skip


SideValues = dict[tuple[str, str], dict[str, float | None]]
"""(right, unit) -> variable -> value; null is unknown."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where to read: the store's folder and the month of the lists."""

    folder: Path
    month: Month

    def assembled(self, name: str) -> pl.LazyFrame:
        """A table of the assembled population. Raises NotFound when the month was destroyed."""
        return self._scan(assembled_folder(self.folder, self.month) / f"{name}.parquet")

    def detected(self, name: str) -> pl.LazyFrame:
        """A table of the detection. Raises NotFound when the month was destroyed."""
        return self._scan(detection_folder(self.folder, self.month) / f"{name}.parquet")

    def has(self, name: str) -> bool:
        """Whether the detection of the month holds a table."""
        return (detection_folder(self.folder, self.month) / f"{name}.parquet").is_file()

    @staticmethod
    def _scan(path: Path) -> pl.LazyFrame:
        if not path.is_file():
            raise NotFound("Les données de ce mois ont été détruites : attendez la prochaine détection.")
        return pl.scan_parquet(path)


def household_file(
    store: Store, household: str, grants: Sequence[Grant], *, actor: str, now: datetime
) -> HouseholdFile:
    """Everything that the grants open of a household. Identities are read through the vault, which writes it down.

    raises: Refused without a grant; NotFound when the store no longer holds the household.
    """
    if not grants:
        raise Refused("Ce foyer n'est pas dans vos missions.")
    categories = frozenset().union(*(grant.categories for grant in grants))
    members = _of(store.assembled("individu"), household).select(
        "id", "famille_role", pl.col("date_naissance").dt.year().alias("birth_year"),
        (pl.col("date_naissance") > store.month.last_day).fill_null(value=False).alias("is_expected"),
    )  # fmt: skip
    persons = _persons(members.collect(), store, categories, actor=actor, now=now)
    if not persons:
        raise NotFound("Ce foyer n'est plus dans les données : il a pu s'opposer, ou déménager.")
    with_rights = Category.DROITS in categories
    granted = _granted(store, household) if with_rights else None
    happenings = _events(store, household) if Category.SIGNAUX in categories else ()
    return HouseholdFile(
        id=household,
        persons=persons,
        payments=_payments(store, household) if Category.PAIEMENTS in categories else None,
        granted=granted,
        sources=_sources(store, household),
        # What several partners, or several persons of the household, say alike is said once.
        happenings=tuple(sorted({*happenings, *_ends(granted or ())}, key=lambda h: (h.on, h.text), reverse=True)),
    )


def own_records(store: Store, household: str, partner: str, *, actor: str, now: datetime) -> list[tuple[str, str]]:
    """Name and date of birth of the persons of a household, in the records that this partner gave and no other.

    The vault writes the reading down. Raises NotFound when the month was destroyed.
    """
    members = _of(store.assembled("individu"), household).select("id").collect()["id"].to_list()
    keys = given_by(store.folder, partner, records_of(store.folder, members)["source_key"])
    with Vault(store.folder) as vault:
        read = read_identities(vault, keys, purpose=Purpose.CORRECTION, actor=actor, now=now)
    rows = read.sort("date_naissance", "source_key").iter_rows(named=True)
    return list(dict.fromkeys((_name(row) or "", row["date_naissance"] or "") for row in rows))


def oppositions_waiting() -> QuerySet[Opposition]:
    """Oppositions whose data are still to destroy, the oldest first (workers)."""
    return Opposition.objects.filter(done_at=None).select_related("recorded_by").order_by("pk")


def statuses(store: Store, household: str, rights: Collection[str]) -> pl.DataFrame:
    """Rows of the detection for the household and these rights, received and undetermined ones included."""
    # The rights afterwards: with them, the reader would look into every group of rows.
    return _of(store.detected("statuts"), household).collect().filter(pl.col("right").is_in(sorted(rights)))


def side_values(store: Store, units: Collection[str], rights: Collection[str]) -> SideValues:
    """Values that explain each result: (right, unit) -> variable -> value; null is unknown."""
    # Written as equalities, by which a reader skips groups of rows.
    ours = pl.any_horizontal(pl.lit(value=False), *(pl.col("unit_id") == unit for unit in sorted(units)))
    rows = store.detected("explications").filter(ours).collect().filter(pl.col("right").is_in(sorted(rights)))
    found: SideValues = {}
    for row in rows.iter_rows(named=True):
        found.setdefault((row["right"], row["unit_id"]), {})[row["variable"]] = row["value"]
    return found


def assumed(store: Store, household: str) -> dict[str, list[str]]:
    """Right -> the variables not known of the household, for which an assumption stands, that the right reads.

    Empty for lists made before this was written down.
    """
    path = detection_folder(store.folder, store.month) / "suppositions.json"
    if not path.is_file():
        return {}
    read: dict[str, list[str]] = json.loads(path.read_text("utf-8"))
    wanted = {f"{name}@{store.month}": name for several in read.values() for name in several}
    unknown: set[str] = set()
    families: list[str] = []
    for table, key in (("individu", "menage_id"), ("famille", "id"), ("menage", "id")):
        rows = store.assembled(table)
        named = [name for name in rows.collect_schema().names() if name in wanted]
        ids = families if table == "famille" else [household]
        link = ["famille_id"] if table == "individu" else []
        held = rows.filter(pl.col(key).is_in(ids)).select(*link, *named).collect()
        families = held["famille_id"].unique().to_list() if link else families
        unknown |= {wanted[name] for name in named if held[name].null_count()}
    return {right: [name for name in several if name in unknown] for right, several in read.items()}


def provenance(store: Store, household: str) -> pl.DataFrame:
    """Where each group of the household's data comes from."""
    return _of(store.detected("provenance"), household).collect()


def _of(table: pl.LazyFrame, household: str) -> pl.LazyFrame:
    return table.filter(pl.col("menage_id") == household)


def _persons(
    members: pl.DataFrame, store: Store, categories: frozenset[Category], *, actor: str, now: datetime
) -> tuple[Person, ...]:
    rows = members.sort("birth_year", nulls_last=True).to_dicts()
    named = _identities(store, [row["id"] for row in rows], actor, now) if Category.IDENTITE in categories else {}
    composition = Category.PERSONNES in categories
    return tuple(
        Person(
            id=row["id"],
            rank=rank,
            birth_year=row["birth_year"] if composition else None,
            is_expected=row["is_expected"] and composition,
            family_role=_ROLES.get(row["famille_role"], row["famille_role"]) if composition else "",
            **named.get(row["id"], {}),
        )
        for rank, row in enumerate(rows, 1)
    )


def _identities(store: Store, persons: list[str], actor: str, now: datetime) -> dict[str, dict[str, str | None]]:
    linked = records_of(store.folder, persons)
    with Vault(store.folder) as vault:
        read = read_identities(vault, linked["source_key"], purpose=Purpose.CONTACT, actor=actor, now=now)
    rows = read.join(linked, on="source_key").sort("source_key")
    found: dict[str, dict[str, str | None]] = {}
    for row in rows.iter_rows(named=True):
        # The most complete of the records that partners gave of one person.
        told = {"name": _name(row), "birth_on": row["date_naissance"], "address": _address(row),
                "phone": _phone(row["telephone"]), "email": row["courriel"]}  # fmt: skip
        known = found.setdefault(row["person_id"], dict.fromkeys(told))
        found[row["person_id"]] = {key: known[key] or value for key, value in told.items()}
    return found


def _phone(number: str | None) -> str | None:
    """As it is dialled in France: 06 12 34 56 78."""
    digits = f"0{number.removeprefix('+33')}" if number else ""
    return " ".join(digits[at : at + 2] for at in range(0, len(digits), 2)) or None


def _name(row: dict[str, str | None]) -> str | None:
    family = row["nom_usage"] or row["nom_naissance"]
    parts = [part for part in (row["prenoms"], family) if part]
    return _capitals(" ".join(parts)) or None


def _capitals(text: str) -> str:
    """Files of partners write names in capitals, or not: one way for all."""
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), text)


def _address(row: dict[str, str | None]) -> str | None:
    place = " ".join(
        part for part in (row["code_postal"], row["code_insee"] and commune_label(row["code_insee"])) if part
    )
    return ", ".join(part for part in (row["adresse"], place) if part) or None


def _payments(store: Store, household: str) -> tuple[Payment, ...]:
    rows = _of(store.assembled("receipts"), household).filter(pl.col("montant") > 0).sort("month")
    last = rows.group_by("prestation").last().sort("prestation").collect()
    return tuple(Payment(r["prestation"], r["month"], r["montant"], r["partner"]) for r in last.to_dicts())


def _granted(store: Store, household: str) -> tuple[Granted, ...]:
    rows = _of(store.assembled("droits"), household).sort("prestation", "debut_on").collect()
    return tuple(Granted(r["prestation"], r["etat"], r["debut_on"], r["fin_on"], r["partner"]) for r in rows.to_dicts())


def _events(store: Store, household: str) -> tuple[Happening, ...]:
    rows = _of(store.assembled("signaux"), household).filter(pl.col("since_on").is_not_null()).collect()
    return tuple(Happening(r["since_on"], r["signal"], r["partner"]) for r in rows.to_dicts())


def _ends(granted: Sequence[Granted]) -> tuple[Happening, ...]:
    found: list[Happening] = []
    for one in granted:
        dates: tuple[tuple[date | None, str], ...] = ((one.starts_on, "debut"), (one.ends_on, "fin"))
        found += [Happening(on, f"{what}:{one.benefit}", one.partner) for on, what in dates if on is not None]
    return tuple(found)


def _sources(store: Store, household: str) -> tuple[Source, ...]:
    rows = provenance(store, household).unique(["input_group", "partner", "reference_on", "state"])
    rows = rows.sort("partner", "reference_on", "input_group", nulls_last=True)
    return tuple(Source(r["input_group"], r["partner"], r["reference_on"], r["state"]) for r in rows.to_dicts())
