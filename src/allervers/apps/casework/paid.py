"""Rights of plans seen received in the data of a month, within what conventions give to the plan's organisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.conf import settings
from django.utils import timezone

from allervers.apps.casework.actions.rights import see_paid
from allervers.apps.casework.domain import RightStatus
from allervers.apps.casework.models import Plan, PlannedRight
from allervers.apps.findings.models import Publication
from allervers.apps.findings.permissions import open_publication
from allervers.apps.partnership.domain import Category, Side
from allervers.apps.partnership.models import Party
from allervers.apps.partnership.queries import conventions_in_force
from allervers.apps.people.models import Opposition
from allervers.apps.people.queries import Store
from allervers.detection.statuses import Status
from allervers.foundation.periods import Month
from allervers.rights.catalogue import catalogue


@dataclass(frozen=True, slots=True)
class _Given:
    """What conventions in force give to an organisation: rights, and those whose sums are open."""

    rights: frozenset[str]
    with_sums: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Proof:
    """How a right is seen received: the month, the partner, the sum; empty and None where the data do not say."""

    month: str
    partner: str
    eur: float | None


def see_what_is_paid(now: datetime) -> int:
    """Mark the rights of plans that the current lists' data show received. Returns how many are new. Idempotent.

    raises: NotFound when the data of the month were destroyed.
    """
    on = timezone.localdate(now)
    publication, ended = open_publication(on)
    if publication is None or ended:
        return 0
    _follow_moves(publication)
    waiting = _waiting()
    given = _given(on)
    proofs = _Proofs(_store(publication), sorted({one.plan.household for one in waiting}), publication.month)
    seen = 0
    for planned in waiting:
        allowed = given.get(planned.plan.organisation_id, _Given(frozenset(), frozenset()))
        proof = proofs.of(planned) if planned.right in allowed.rights else None
        if proof is None:
            continue
        has_sum = planned.right in allowed.with_sums
        seen += see_paid(
            now=now, planned=planned, month=proof.month, partner=proof.partner,
            eur=proof.eur if has_sum else None, on=timezone.localdate(publication.published_at),
        )  # fmt: skip
    return seen


def _waiting() -> list[PlannedRight]:
    opposed = Opposition.objects.values("household")
    open_ones = PlannedRight.objects.filter(plan__closed_at=None, paid_month="").exclude(plan__household__in=opposed)
    return list(open_ones.exclude(status=RightStatus.DECLINED).select_related("plan").order_by("pk"))


def _follow_moves(publication: Publication) -> None:
    """A household that moved is in its new commune, and opens to who has that one in their missions."""
    households = set(Plan.objects.filter(closed_at=None).values_list("household", flat=True))
    lines = publication.findings.filter(household__in=households).exclude(commune="")
    for household, commune in lines.values_list("household", "commune").distinct():
        Plan.objects.filter(household=household, closed_at=None).exclude(commune=commune).update(commune=commune)


def _store(publication: Publication) -> Store:
    return Store(settings.ALLERVERS.store_folder, Month.parse(publication.month))


def _given(on: date) -> Mapping[int, _Given]:
    found: dict[int, _Given] = {}
    parties = Party.objects.filter(side=Side.RECEIVES, convention__reference__in=conventions_in_force(on))
    for party in parties:
        rights = frozenset(party.rights)
        with_sums = rights if Category.PAIEMENTS in party.categories else frozenset()
        known = found.get(party.organisation_id, _Given(frozenset(), frozenset()))
        found[party.organisation_id] = _Given(known.rights | rights, known.with_sums | with_sums)
    return found


class _Proofs:
    """What the store shows received by some households, read once."""

    def __init__(self, store: Store, households: list[str], month: str) -> None:
        of_ours = pl.col("menage_id").is_in(households)
        received = store.detected("statuts").filter(of_ours, pl.col("status") == str(Status.RECEIVED))
        self._received = received.select("right", "menage_id", "unit_id").collect().to_dicts()
        paid = store.assembled("receipts").filter(of_ours, pl.col("montant") > 0).sort("month")
        self._paid = paid.select("menage_id", "prestation", "month", "montant", "partner").collect().to_dicts()
        at = Month.parse(month)
        granted = store.assembled("droits").filter(
            of_ours, pl.col("etat") == "accorde",
            pl.col("debut_on").is_null() | (pl.col("debut_on") <= at.last_day),
            pl.col("fin_on").is_null() | (pl.col("fin_on") >= at.first_day),
        )  # fmt: skip
        self._granted = granted.select("menage_id", "prestation", "partner").collect().to_dicts()
        self._month = month

    def of(self, planned: PlannedRight) -> _Proof | None:
        """How a right of a plan is seen received; None when it is not."""
        right = catalogue().get(planned.right)
        if right is None:
            return None
        household = planned.plan.household
        rows = [row for row in self._received if (row["right"], row["menage_id"]) == (planned.right, household)]
        granted = _of(self._granted, household, right.received_as)
        if right.computation is None:
            # Not computed: a partner's word that it is in force is all there is.
            return None if not granted else _Proof(self._month, granted[-1]["partner"], None)
        if not any(planned.unit in ("", row["unit_id"]) for row in rows):
            return None
        paid = _of(self._paid, household, right.received_as)
        if paid:
            last = paid[-1]
            # Several units of one household may be paid the same right: whose sum it is, the row does not say.
            alone = len({row["unit_id"] for row in rows}) == 1
            return _Proof(self._month, last["partner"], float(last["montant"]) if alone else None)
        return _Proof(self._month, granted[-1]["partner"] if granted else "", None)


def _of(rows: Iterable[dict[str, Any]], household: str, codes: tuple[str, ...]) -> list[dict[str, Any]]:
    return [row for row in rows if row["menage_id"] == household and row["prestation"] in codes]
