"""Figures for managers and analysts: volumes by right and commune, age, delays, and how good each rule proves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.conf import settings
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import User
from allervers.apps.findings.domain import OPEN, TELLS_FALSE, TELLS_TRUE, Progress
from allervers.apps.findings.labels import communes_known
from allervers.apps.findings.models import FollowUp, Publication
from allervers.apps.findings.permissions import open_publication
from allervers.apps.findings.secrecy import THRESHOLD, hidden_cells, hidden_keys
from allervers.apps.partnership.labels import in_order
from allervers.apps.partnership.models import Party, Team
from allervers.apps.partnership.queries import scope_of
from allervers.detection.quality import Rate, rate
from allervers.detection.storage import detection_folder
from allervers.foundation.periods import Month
from allervers.rights.catalogue import computed_rights

COUNTS = NOT_TAKEN_UP, ENTITLED, RECEIVING, UNKNOWN = (
    "households_not_taken_up", "households_entitled", "households_receiving", "households_unknown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reach:
    """What a person may count: communes, or why nothing."""

    publication: Publication | None
    communes: frozenset[str]
    refusal: str = ""
    rights: frozenset[str] | None = None
    """Rights that may be counted; None: all of them."""
    hides: bool = True
    """Small counts are hidden, but from who may open each of the lines that they count."""
    is_whole: bool = False
    """Every commune, and what is of none."""
    subjects: frozenset[str] | None = None
    """Rights and events whose rules may be judged; None: all of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """Counts of a right or of a commune. None: not shown (secrecy). `eur_month`: not paid, a month."""

    key: str
    label: str
    not_taken_up: int | None
    entitled: int | None
    receiving: int | None
    unknown: int | None
    eur_month: float | None


def reach_of(user: User, on: date) -> Reach:
    """The communes that a person may count: their teams' for a manager, those of the organisation's teams for its
    administrator, all for an analyst; under a convention in force to which their organisation is a party.
    """
    publication, ended = open_publication(on)
    if publication is None:
        return Reach(None, frozenset(), "Aucune liste n'est encore publiée.")
    if ended:
        return Reach(None, frozenset(), f"La convention {', '.join(sorted(ended))} n'est plus en vigueur.")
    parties = Party.objects.filter(organisation=user.organisation_id, convention__reference__in=publication.conventions)
    if not parties.exists():
        return Reach(None, frozenset(), "Votre organisme n'est partie à aucune convention de ces données.")
    if user.role == Role.ANALYST:
        return Reach(publication, frozenset(communes_known()), is_whole=True)
    teams = Team.objects.filter(organisation=user.organisation_id)
    if user.role == Role.TEAM_MANAGER:
        scope = scope_of(user, on)
        return Reach(
            publication, scope.communes, " ".join(scope.refusals), scope.rights, hides=False,
            subjects=scope.rights | scope.events,
        )  # fmt: skip
    communes = frozenset(code for team in teams for code in team.communes)
    return Reach(publication, communes, "" if communes else "Vos équipes n'ont pas encore de territoire.")


def _table(publication: Publication, communes: frozenset[str]) -> pl.DataFrame:
    folder = detection_folder(settings.ALLERVERS.store_folder, Month.parse(publication.month))
    path = folder / "synthese_commune.parquet"
    if not path.is_file():
        return pl.DataFrame(schema={"right": pl.String, "code_insee": pl.String, "eur_month_not_taken_up": pl.Float64,
                                    **dict.fromkeys(COUNTS, pl.Int64)})  # fmt: skip
    return pl.read_parquet(path).filter(pl.col("code_insee").is_in(sorted(communes)))


def by_right(reach: Reach) -> list[Row]:
    """One row a computed right, over the communes of the reach. Small counts are hidden."""
    if reach.publication is None:
        return []
    table = _table(reach.publication, reach.communes)
    if reach.rights is not None:
        table = table.filter(pl.col("right").is_in(sorted(reach.rights)))
    labels = {right.id: right.label for right in computed_rights()}
    rows = _rows(table.group_by("right").agg(_sums()), "right", labels, hides=reach.hides)
    return sorted(rows, key=lambda row: in_order(row.label))


def by_commune(reach: Reach, right: str) -> list[Row]:
    """One row a commune for a right. What would give a small count by difference is hidden too."""
    if reach.publication is None:
        return []
    if reach.rights is not None and right not in reach.rights:
        return []
    names = communes_known()
    table = _table(reach.publication, reach.communes).filter(pl.col("right") == right)
    known = pl.DataFrame({"code_insee": sorted(reach.communes)}, schema={"code_insee": pl.String})
    full = known.join(table.group_by("code_insee").agg(_sums()), on="code_insee", how="left")
    counts = full.with_columns(pl.col(COUNTS).fill_null(0))
    return sorted(_rows(counts, "code_insee", names, hides=reach.hides), key=lambda row: in_order(row.label))


def _sums() -> list[pl.Expr]:
    euros = pl.col("eur_month_not_taken_up")
    total = pl.when(euros.count() > 0).then(euros.sum()).alias("eur_month_not_taken_up")
    return [pl.col(COUNTS).cast(pl.Int64).sum(), total]


def _rows(table: pl.DataFrame, key: str, labels: dict[str, str], *, hides: bool) -> list[Row]:
    rows = table.to_dicts()
    nothing: Mapping[str, frozenset[str]] = dict.fromkeys(COUNTS, frozenset())
    counts = {row[key]: {name: int(row[name]) for name in COUNTS} for row in rows}
    hidden = hidden_cells(counts, ENTITLED, (NOT_TAKEN_UP, RECEIVING), (UNKNOWN,)) if hides else nothing

    def row_of(row: dict[str, Any]) -> Row:
        key_of_row = row[key]
        shown = {name: None if key_of_row in hidden[name] else int(row[name]) for name in COUNTS}
        return Row(
            key=key_of_row,
            label=labels.get(key_of_row, key_of_row),
            not_taken_up=shown["households_not_taken_up"],
            entitled=shown["households_entitled"],
            receiving=shown["households_receiving"],
            unknown=shown["households_unknown"],
            eur_month=row["eur_month_not_taken_up"] if shown["households_not_taken_up"] is not None else None,
        )

    return [row_of(row) for row in rows]


def ages(reach: Reach) -> list[tuple[str, int | None]]:
    """Lines to act on by how long the right has gone unclaimed."""
    if reach.publication is None:
        return []
    bands: Sequence[tuple[str, Q]] = (
        ("Ce mois-ci", Q(months_persisting__lt=1)),
        ("1 à 3 mois", Q(months_persisting__gte=1, months_persisting__lte=3)),
        ("4 à 6 mois, ou davantage", Q(months_persisting__gt=3)),
        ("Ancienneté inconnue", Q(months_persisting__isnull=True)),
    )
    lines = reach.publication.findings.filter(is_to_act=True, kind="right", commune__in=sorted(reach.communes))
    counts = lines.aggregate(**{f"b{i}": Count("pk", filter=band) for i, (_, band) in enumerate(bands)})
    hidden = hidden_keys({str(i): counts[f"b{i}"] for i in range(len(bands))}) if reach.hides else frozenset()
    return [(label, None if str(i) in hidden else counts[f"b{i}"]) for i, (label, _) in enumerate(bands)]


def delays(reach: Reach) -> dict[str, Any]:
    """Work on the lines: how many are open and settled, and how long they took (days, mean)."""
    if reach.publication is None:
        return {}
    lines = reach.publication.findings.filter(commune__in=sorted(reach.communes))
    work = FollowUp.objects.filter(household__in=lines.values("household"))
    took = ExpressionWrapper(F("changed_at") - F("created_at"), output_field=DurationField())
    counts = work.aggregate(
        open=Count("pk", filter=Q(progress__in=OPEN)),
        settled=Count("pk", filter=Q(progress=Progress.SETTLED)),
        set_aside=Count("pk", filter=Q(progress=Progress.NOT_RELEVANT)),
        mean=Avg(took, filter=Q(progress=Progress.SETTLED)),
    )
    mean = counts.pop("mean")
    if reach.hides:
        counts = {name: None if 0 < count < THRESHOLD else count for name, count in counts.items()}
    return counts | {"mean_days": None if mean is None else mean.total_seconds() / 86_400}


def measured_precision(reach: Reach) -> list[tuple[str, Rate | None]]:
    """For each right or event of the reach: lines that agents found right, over those that they judged (settled or set
    aside for a reason that tells), in its communes. None: too few to be shown. Wilson intervals at 95 %; a person who
    was not reached says nothing of the rule.
    """
    if reach.publication is None:
        return []
    judged = FollowUp.objects.all() if reach.is_whole else FollowUp.objects.filter(commune__in=sorted(reach.communes))
    if reach.subjects is not None:
        judged = judged.filter(subject__in=sorted(reach.subjects))
    rows = (
        judged.values("subject")
        .annotate(
            right=Count("pk", filter=Q(progress=Progress.SETTLED) | Q(reason__in=TELLS_TRUE)),
            wrong=Count("pk", filter=Q(reason__in=TELLS_FALSE)),
        )
        .order_by("subject")
    )
    return [(row["subject"], _rate_shown(row, reach)) for row in rows if row["right"] + row["wrong"]]


def _rate_shown(row: Mapping[str, Any], reach: Reach) -> Rate | None:
    """The share and the total give both counts: neither is shown when one of them is small."""
    right, wrong = row["right"], row["wrong"]
    is_small = any(0 < count < THRESHOLD for count in (right, wrong))
    return None if reach.hides and is_small else rate(right, right + wrong)
