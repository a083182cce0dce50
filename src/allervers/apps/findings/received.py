"""What partners' data show a household receives already, as far as the grants of a person go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.conf import settings

from allervers.apps.accounts.models import User
from allervers.apps.findings.permissions import grants_for_household, open_publication
from allervers.apps.partnership.domain import Category
from allervers.apps.people.queries import Store, statuses
from allervers.detection.statuses import Status
from allervers.foundation.errors import NotFound
from allervers.foundation.periods import Month
from allervers.rights.catalogue import catalogue


@dataclass(frozen=True, slots=True)
class Received:
    """A right that a household receives. eur None: the sum is not known, or not open to the person."""

    month: str
    eur: float | None
    units: frozenset[str] = frozenset()
    """Who receives it: persons, families or the household."""


def received_rights(user: User, household: str, on: date) -> Mapping[str, Received]:
    """Right -> the last payment known, for what the household receives; a right whose payment is not known, or not
    open, has the month of the lists. Nothing when the household, or the data of the month, is closed.
    """
    publication, ended = open_publication(on)
    grants = grants_for_household(user, household, on)
    if publication is None or ended or not grants:
        return {}
    store = Store(settings.ALLERVERS.store_folder, Month.parse(publication.month))
    rights = frozenset().union(*(grant.rights for grant in grants))
    try:
        rows = statuses(store, household, rights).filter(pl.col("status") == str(Status.RECEIVED))
        paid = _paid(store, household) if any(Category.PAIEMENTS in grant.categories for grant in grants) else {}
    except NotFound:
        return {}
    units: dict[str, set[str]] = {}
    for right, unit in rows.select("right", "unit_id").iter_rows():
        units.setdefault(right, set()).add(unit)
    last = {
        right: max(
            (paid[code] for code in catalogue()[right].received_as if code in paid),
            key=lambda last: last.month, default=Received(publication.month, None),
        )
        for right in sorted(units) if right in catalogue()
    }  # fmt: skip
    # Paid to several: whose sum it is, the payments do not say here.
    return {
        right: Received(one.month, one.eur if len(units[right]) == 1 else None, frozenset(units[right]))
        for right, one in last.items()
    }


def _paid(store: Store, household: str) -> dict[str, Received]:
    rows = store.assembled("receipts").filter(pl.col("menage_id") == household, pl.col("montant") > 0).sort("month")
    last = rows.group_by("prestation", "month").agg(pl.col("montant").sum()).sort("month").collect().to_dicts()
    return {row["prestation"]: Received(row["month"], row["montant"]) for row in last}
