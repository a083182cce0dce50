"""Figures of the last twelve months: meetings, rights opened, euros gained, delays; by team and commune, of nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, Sum
from django.utils import timezone

from allervers.apps.accounts.domain import SEES_PERSONS, Role
from allervers.apps.accounts.models import User
from allervers.apps.casework.domain import FIGURES_OVER, LEAST_MEMBERS, RightStatus, median_days
from allervers.apps.casework.grid import COUNTED, OUTCOME_LABELS
from allervers.apps.casework.models import GridTally, Meeting, PlannedRight
from allervers.apps.findings.secrecy import hidden_keys
from allervers.apps.findings.volumes import Reach, reach_of
from allervers.apps.partnership.labels import commune_label, in_order, period_of
from allervers.apps.partnership.models import Team
from allervers.foundation.periods import Month
from allervers.rights.catalogue import AmountPeriod

MONTHS = 12
SMALL_TEAMS = "Équipes de moins de trois agents"


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of a team, of a commune, or of all. None: not shown (secrecy), or not known."""

    key: str
    label: str
    meetings: int | None
    opened: int | None
    eur_month: float | None
    """Of the rights paid by the month."""
    eur_year: float | None
    """Twelve times the month, with what is paid by the year or once."""
    median_days: float | None
    without_amount: int | None
    """Rights opened whose sum is not known: they are not in the euros."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Median days from one step to the next; None without any, or with too few to be shown."""

    meeting_to_request: float | None
    request_to_decision: float | None
    decision_to_payment: float | None
    meeting_to_payment: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page shows."""

    reach: Reach
    total: Row
    teams: tuple[Row, ...]
    communes: tuple[Row, ...]
    delays: Delays
    grids: tuple[tuple[str, int | None], ...]
    """Outcomes of the grid at the counter, and how many."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A right opened: where, by which team, how much, and its dates."""

    commune: str
    team: int | None
    period: AmountPeriod
    eur: float | None
    met_on: date | None
    requested_on: date | None
    decided_on: date | None
    paid_on: date | None

    @property
    def is_sum_unknown(self) -> bool:
        """Whether it has a sum that nobody told: a right that is no money has none."""
        return self.eur is None and self.period != "none"

    @property
    def eur_month(self) -> float:
        """What it brings each month; 0 when it is not paid by the month, or its sum is not known."""
        return self.eur or 0.0 if self.period == "month" else 0.0

    @property
    def eur_year(self) -> float:
        """What it brings over a year."""
        return self.eur_month * MONTHS if self.period == "month" else self.eur or 0.0


@dataclass(frozen=True, slots=True)
class _Met:
    """A meeting held: where, by which team."""

    commune: str
    team: int | None


def figures_of(user: User, now: datetime) -> Figures:
    """The figures that a person may see: those of their teams' communes for a manager, of the organisation for its
    administrator, by commune of every organisation for an analyst. Small counts are hidden, but from who may open each
    plan.
    """
    on = timezone.localdate(now)
    reach = reach_of(user, on)
    since = on - FIGURES_OVER
    met, opened = (_met(user, reach, since), _opened(user, reach, since)) if not reach.refusal else ([], [])
    communes = {one.commune for one in met} | {one.commune for one in opened}
    names = {code: commune_label(code) for code in communes}
    return Figures(
        reach=reach,
        total=_rows(met, opened, lambda _: "", {"": "Ensemble"}, hides=reach.hides)[0],
        teams=() if user.role == Role.ANALYST else _by_team(user, met, opened, hides=reach.hides),
        communes=_rows(met, opened, lambda one: one.commune, names, hides=reach.hides),
        delays=_delays(opened, hides=reach.hides),
        grids=() if reach.refusal else _grids(user, since, hides=reach.hides),
    )


def _grids(user: User, since: date, *, hides: bool) -> tuple[tuple[str, int | None], ...]:
    tallies = GridTally.objects.filter(month__gt=str(Month.of(since)))
    if user.role != Role.ANALYST:
        tallies = tallies.filter(team__organisation=user.organisation_id)
    if user.role in SEES_PERSONS:
        tallies = tallies.filter(team__in=Team.objects.filter(members=user).values("pk"))
    found = dict(tallies.values_list("outcome").annotate(total=Sum("count")))
    counts = {str(outcome): found.get(str(outcome), 0) for outcome in COUNTED}
    hidden = hidden_keys(counts) if hides else frozenset()
    return tuple((OUTCOME_LABELS[o], None if str(o) in hidden else counts[str(o)]) for o in COUNTED)


def _own(user: User, reach: Reach, prefix: str) -> Q:
    of_communes = Q(**{f"{prefix}commune__in": sorted(reach.communes)})
    if user.role == Role.ANALYST:
        return of_communes
    own = of_communes & Q(**{f"{prefix}organisation": user.organisation_id})
    if user.role in SEES_PERSONS:
        # A manager counts what they may open: the plans of the teams that they belong to.
        own &= Q(**{f"{prefix}team__in": Team.objects.filter(members=user).values("pk")})
    return own


def _met(user: User, reach: Reach, since: date) -> list[_Met]:
    held = Meeting.objects.filter(_own(user, reach, "plan__"), held_at__date__gte=since)
    return [_Met(commune, team) for commune, team in held.values_list("plan__commune", "plan__team")]


def _opened(user: User, reach: Reach, since: date) -> list[_Opened]:
    paid = PlannedRight.objects.filter(_own(user, reach, "plan__"), status=RightStatus.PAID, paid_on__gte=since)
    if reach.rights is not None:
        paid = paid.filter(right__in=sorted(reach.rights))
    first_met: dict[int, date] = {}
    held = Meeting.objects.exclude(held_at=None).filter(plan__in=paid.values("plan")).order_by("held_at")
    for plan, at in held.values_list("plan", "held_at"):
        first_met.setdefault(plan, timezone.localdate(at))
    columns = ("plan", "plan__commune", "plan__team", "right", "paid_eur", "requested_on", "decided_on", "paid_on")
    return [
        _Opened(commune, team, period_of(right), eur, first_met.get(plan), requested, decided, paid_on)
        for plan, commune, team, right, eur, requested, decided, paid_on in paid.values_list(*columns)
    ]


def _by_team(user: User, met: list[_Met], opened: list[_Opened], *, hides: bool) -> tuple[Row, ...]:
    active = Count("members", filter=Q(members__is_active=True, members__role__in=[str(r) for r in SEES_PERSONS]))
    teams = Team.objects.filter(organisation=user.organisation_id).annotate(size=active)
    names = {team.pk: team.name if team.size >= LEAST_MEMBERS else SMALL_TEAMS for team in teams}
    labels = {name: name for name in names.values()} | {SMALL_TEAMS: SMALL_TEAMS}
    return _rows(met, opened, lambda one: names.get(one.team or 0, SMALL_TEAMS), labels, hides=hides)


def _rows(
    met: list[_Met], opened: list[_Opened], key: Callable[[_Met | _Opened], str], labels: Mapping[str, str], *,
    hides: bool,
) -> tuple[Row, ...]:  # fmt: skip
    """One row a key, in alphabetical order: no ranking."""
    meetings = {name: sum(key(one) == name for one in met) for name in labels}
    rights = {name: [one for one in opened if key(one) == name] for name in labels}
    counts = {name: len(several) for name, several in rights.items()}
    hidden_meetings = hidden_keys(meetings) if hides else frozenset()
    hidden_rights = hidden_keys(counts) if hides else frozenset()
    return tuple(
        Row(
            key=name,
            label=label,
            meetings=None if name in hidden_meetings else meetings[name],
            opened=None if name in hidden_rights else counts[name],
            eur_month=None if name in hidden_rights else _euros(rights[name], lambda one: one.eur_month),
            eur_year=None if name in hidden_rights else _euros(rights[name], lambda one: one.eur_year),
            median_days=None if name in hidden_rights else _median(rights[name], hides=hides),
            without_amount=None if name in hidden_rights else sum(one.is_sum_unknown for one in rights[name]),
        )
        for name, label in sorted(labels.items(), key=lambda pair: in_order(pair[1]))
        if meetings[name] or counts[name] or name == ""
    )


def _euros(rights: Iterable[_Opened], worth: Callable[[_Opened], float]) -> float | None:
    known = [worth(one) for one in rights if one.eur is not None]
    return sum(known) if known else None


def _median(rights: Iterable[_Opened], *, hides: bool) -> float | None:
    return _shown([(one.met_on, one.paid_on) for one in rights], hides=hides)


def _shown(pairs: list[tuple[date | None, date | None]], *, hides: bool) -> float | None:
    known = [pair for pair in pairs if None not in pair]
    return None if hides and "n" in hidden_keys({"n": len(known)}) else median_days(known)


def _delays(rights: list[_Opened], *, hides: bool) -> Delays:
    return Delays(
        _shown([(one.met_on, one.requested_on) for one in rights], hides=hides),
        _shown([(one.requested_on, one.decided_on) for one in rights], hides=hides),
        _shown([(one.decided_on, one.paid_on) for one in rights], hides=hides),
        _shown([(one.met_on, one.paid_on) for one in rights], hides=hides),
    )


def since_when(now: datetime) -> date:
    """First day that the figures count."""
    return timezone.localdate(now) - timedelta(days=FIGURES_OVER.days)
