"""Households of which a right is unknown, as far as someone's missions go: read from the store, not the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl
from django.conf import settings

from allervers.apps.accounts.models import User
from allervers.apps.findings.models import Publication
from allervers.apps.findings.permissions import open_publication
from allervers.apps.partnership.domain import Scope
from allervers.apps.partnership.queries import scope_of
from allervers.apps.people.models import Opposition
from allervers.apps.people.queries import Store
from allervers.detection.unsettled import PLACE, questions_by_use
from allervers.foundation.periods import Month

SORTS = ("droits", "commune", "menage")


@dataclass(frozen=True, slots=True)
class Asked:
    """What someone asked of the list. Empty values do not filter."""

    right: str = ""
    commune: str = ""
    household: str = ""
    contact: str = ""
    sort: str = "droits"


@dataclass(frozen=True, slots=True)
class Household:
    """A household to complete: its rights that are unknown, and the questions with the rights that each settles."""

    id: str
    commune: str
    may_contact: bool
    rights: tuple[str, ...]
    questions: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Unsettled:
    """The households to complete of a person on a day. Empty when the lists are closed, or not published yet."""

    user: User
    on: date
    asked: Asked

    @cached_property
    def scope(self) -> Scope:
        """What conventions and teams open."""
        return scope_of(self.user, self.on)

    @cached_property
    def publication(self) -> tuple[Publication | None, frozenset[str]]:
        """The current lists, and the ended conventions that close them."""
        return open_publication(self.on)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """PLACE, `rights` (how many are unknown) and the rights of the scope, in the order asked for."""
        publication, ended = self.publication
        if publication is None or ended or not self.scope:
            return pl.DataFrame()
        store = Store(settings.ALLERVERS.store_folder, Month.parse(publication.month))
        if not store.has("indetermines"):
            return pl.DataFrame()
        table = store.detected("indetermines")
        known = set(table.collect_schema().names()) - set(PLACE)
        rights = sorted(right for right in self.scope.rights & known if self.asked.right in ("", right))
        if not rights:
            return pl.DataFrame()
        found = table.select(
            *PLACE, *(pl.when(pl.col("code_insee").is_in(self._communes(right))).then(right) for right in rights)
        )
        count = pl.sum_horizontal(pl.col(right).is_not_null().cast(pl.Int32) for right in rights).alias("rights")
        rows = found.filter(*self._wanted()).with_columns(count).filter(pl.col("rights") > 0).collect()
        order = {"droits": "rights", "commune": "code_insee"}.get(self.asked.sort, "menage_id")
        return rows.sort(order, "menage_id", descending=[order == "rights", False])

    def _communes(self, right: str) -> list[str]:
        """Where the scope opens a right."""
        return sorted({code for grant in self.scope.grants if right in grant.rights for code in grant.communes})

    def _wanted(self) -> list[pl.Expr]:
        opposed = list(Opposition.objects.values_list("household", flat=True).distinct())
        wanted = [~pl.col("menage_id").is_in(opposed)] if opposed else []
        if self.asked.commune:
            wanted.append(pl.col("code_insee") == self.asked.commune)
        if self.asked.household:
            wanted.append(pl.col("menage_id").str.starts_with(self.asked.household))
        if self.asked.contact:
            wanted.append(pl.col("contact_allowed") == (self.asked.contact == "oui"))
        return wanted

    def __len__(self) -> int:
        return self.rows.height

    def __bool__(self) -> bool:
        return self.rows.height > 0

    def __getitem__(self, asked: slice) -> Sequence[Household]:
        rights = [name for name in self.rows.columns if name not in (*PLACE, "rights")]
        return [_household(row, rights) for row in self.rows[asked].iter_rows(named=True)]


def _household(row: dict[str, object], rights: Sequence[str]) -> Household:
    cells = {right: str(row[right]) for right in rights if row[right] is not None}
    return Household(
        id=str(row["menage_id"]),
        commune=str(row["code_insee"] or ""),
        may_contact=bool(row["contact_allowed"]),
        rights=tuple(cells),
        questions=tuple(questions_by_use(cells.values())),
    )
