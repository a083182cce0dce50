"""Every read of the lists' pages. `acting_user` bounds what comes back: fetching is the permission check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import Http404
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.findings.domain import NO_CHANNEL, OPEN, UNKNOWN_CHANNEL, Kind, Progress
from allervers.apps.findings.models import CorrectionRequest, Finding, FollowUp, Publication, SavedFilter, Step
from allervers.apps.findings.permissions import (
    grants_for_household,
    is_in_missions,
    open_publication,
    to_settle,
    visible,
    why_closed,
    why_no_list,
)
from allervers.apps.partnership.domain import Category, Grant, Scope
from allervers.apps.partnership.models import Organisation, Team
from allervers.apps.partnership.queries import scope_of
from allervers.apps.people.domain import GROUP_LABELS, HouseholdFile, Person
from allervers.apps.people.models import Opposition
from allervers.apps.people.queries import Store, assumed, household_file, provenance, side_values, statuses
from allervers.detection.explanation import Explanation, explain
from allervers.detection.statuses import Status
from allervers.foundation.periods import Month
from allervers.rights.catalogue import catalogue

SORTS: Mapping[str, tuple[str, ...]] = {
    "urgence": ("rank",),
    "montant": ("-amount_eur_month", "rank"),
    "perdu": ("-eur_lost", "rank"),
    "recuperable": ("-eur_recoverable", "rank"),
    "echeance": ("deadline_on", "rank"),
    "anciennete": ("-months_persisting", "rank"),
    "commune": ("commune", "rank"),
    "droit": ("right", "event", "rank"),
}
"""Name in the address -> order. Nulls last everywhere."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What someone asked of the list. Empty values do not filter."""

    kind: str = ""
    right: str = ""
    event: str = ""
    status: str = ""
    commune: str = ""
    progress: str = ""
    agent: str = ""
    least_eur_month: float | None = None
    deadline_before: date | None = None
    least_months: int | None = None
    contact: str = ""
    channel: str = ""
    household: str = ""
    sort: str = "urgence"


@dataclass(frozen=True)
class Lists:
    """The lists of a person on a day: what they may see, and what they asked of it."""

    user: User
    on: date
    filters: Filters

    @cached_property
    def scope(self) -> Scope:
        """What conventions and teams open."""
        return scope_of(self.user, self.on)

    @cached_property
    def publication(self) -> tuple[Publication | None, frozenset[str]]:
        """The current lists, and the ended conventions that close them."""
        return open_publication(self.on)

    def lines(self) -> QuerySet[Finding]:
        """The lines asked for, in the order asked for."""
        found = visible(self.user, self.on, self.scope).filter(_asked(self.filters, self.user)).select_related("agent")
        return found.order_by(*(_nulls_last(name) for name in SORTS.get(self.filters.sort, SORTS["urgence"])))

    @cached_property
    def counts(self) -> dict[str, Any]:
        """Figures over the lines asked for: lines, households, euros a month not received."""
        return (
            self.lines()
            .order_by()
            .aggregate(
                lines=Count("pk"), households=Count("household", distinct=True), eur_month=Sum("amount_eur_month")
            )
        )


def _nulls_last(name: str) -> Any:
    column = F(name.lstrip("-"))
    return column.desc(nulls_last=True) if name.startswith("-") else column.asc(nulls_last=True)


def _asked(filters: Filters, user: User) -> Q:
    asked = Q()
    equal = {"kind": filters.kind, "right": filters.right, "event": filters.event, "commune": filters.commune}
    for name, value in equal.items():
        if value:
            asked &= Q(**{name: value})
    asked &= Q(status=filters.status) if filters.status else Q(is_to_act=True)
    if filters.household:
        asked &= Q(household__startswith=filters.household)
    if filters.least_eur_month is not None:
        asked &= Q(amount_eur_month__gte=filters.least_eur_month)
    if filters.deadline_before is not None:
        asked &= Q(deadline_on__lte=filters.deadline_before)
    if filters.least_months is not None:
        asked &= Q(months_persisting__gte=filters.least_months)
    if filters.contact:
        asked &= Q(may_contact=filters.contact == "oui")
    return asked & _reached(filters.channel) & _work(filters, user)


def _reached(channel: str) -> Q:
    if channel == UNKNOWN_CHANNEL:
        return Q(channels=None)
    if channel == NO_CHANNEL:
        return Q(channels="")
    return Q(channels__contains=channel) if channel else Q()


def _work(filters: Filters, user: User) -> Q:
    if filters.progress == "all":
        asked = Q()
    elif filters.progress in set(Progress):
        asked = Q(progress=filters.progress)
    else:
        asked = Q(progress__in=OPEN)
    if filters.agent == "moi":
        asked &= Q(agent=user)
    elif filters.agent == "personne":
        asked &= Q(agent=None)
    elif filters.agent.isdigit():
        asked &= Q(agent=int(filters.agent))
    return asked


def finding_of(acting_user: User, identifier: int, on: date) -> Finding:
    """One line that the person may see, with its work. Raises Http404 otherwise: nothing tells that it exists."""
    found = visible(acting_user, on).select_related("agent").filter(pk=identifier).first()
    if found is None:
        raise Http404
    return found


def line_of_page(acting_user: User, identifier: int, on: date) -> Finding:
    """`finding_of`, for a page left open: raises PermissionDenied, with why, when every list is closed since, or when
    the household opposed.
    """
    try:
        return finding_of(acting_user, identifier, on)
    except Http404:
        why = why_no_list(open_publication(on), scope_of(acting_user, on)) or _why_hidden(acting_user, identifier, on)
        if why:
            raise PermissionDenied(why) from None
        raise


def _why_hidden(acting_user: User, identifier: int, on: date) -> str:
    hidden = Finding.objects.filter(pk=identifier, household__in=Opposition.objects.values("household")).first()
    is_theirs = hidden is not None and is_in_missions(acting_user, hidden, on)
    return why_closed(acting_user, hidden.household, on) if hidden is not None and is_theirs else ""


def saved_filters(acting_user: User) -> QuerySet[SavedFilter]:
    """The searches that a person keeps."""
    return SavedFilter.objects.filter(user=acting_user)


def workload(acting_user: User) -> list[dict[str, Any]]:
    """For each agent of the teams that a person manages: lines assigned and in charge, and settled."""
    teams = Team.objects.filter(members=acting_user)
    counts: dict[int, Any] = {
        row["agent"]: row
        for row in FollowUp.objects.filter(team__in=teams, agent__isnull=False)
        .values("agent")
        .annotate(
            open=Count("pk", filter=Q(progress__in=OPEN)), settled=Count("pk", filter=Q(progress=Progress.SETTLED))
        )
    }
    members = User.objects.filter(teams__in=teams, is_active=True).distinct().order_by("full_name")
    none = {"open": 0, "settled": 0}
    return [{"agent": member, **{k: counts.get(member.pk, none)[k] for k in none}} for member in members]


def _store(publication: Publication) -> Store:
    return Store(settings.ALLERVERS.store_folder, Month.parse(publication.month))


def persons_of(acting_user: User, household: str, now: datetime) -> tuple[Person, ...]:
    """The persons of a household that the person may open. Raises PermissionDenied otherwise."""
    publication, grants = _opened(acting_user, household, timezone.localdate(now))
    return household_file(_store(publication), household, grants, actor=acting_user.public_id, now=now).persons


def correctable(acting_user: User, finding: Finding, on: date) -> list[tuple[str, str]]:
    """What may be said wrong about the household of a line: `group@partner` and its label, partners that are
    organisations here.
    """
    publication, _ = _opened(acting_user, finding.household, on)
    rows = provenance(_store(publication), finding.household).drop_nulls("partner").unique(["input_group", "partner"])
    return data_of((row["input_group"], row["partner"]) for row in rows.to_dicts())


def data_of(pairs: Iterable[tuple[str, str | None]]) -> list[tuple[str, str]]:
    """`group@partner` and its label, for the partners that are organisations here."""
    names = dict(Organisation.objects.values_list("code", "name"))
    known = sorted({(group, partner) for group, partner in pairs if partner in names})
    return [(f"{group}@{code}", f"{GROUP_LABELS.get(group, group)} ({names[code or '']})") for group, code in known]


def _opened(acting_user: User, household: str, on: date) -> tuple[Publication, tuple[Grant, ...]]:
    publication, ended = open_publication(on)
    grants = grants_for_household(acting_user, household, on)
    if publication is None or ended or not grants:
        raise PermissionDenied(why_closed(acting_user, household, on))
    return publication, grants


@dataclass(frozen=True, slots=True)
class HouseholdPage:
    """What the page of a household shows."""

    file: HouseholdFile
    grants: tuple[Grant, ...]
    lines: list[Finding]
    explanations: dict[int, Explanation]
    received: list[tuple[str, str]]
    """Right, and whom it is paid to where several may have it."""
    unknown: list[tuple[str, list[str]]]
    steps: list[Step]
    publication: Publication
    commune: str
    """Code; empty when it is not known."""
    correctable: list[tuple[str, str]]
    about: dict[int, str]
    """Number of a line that concerns one person of the household -> who."""
    corrections: list[tuple[CorrectionRequest, str]]
    """Corrections asked for the household, newest first, and what each is about."""


def household_page(acting_user: User, household: str, now: datetime) -> HouseholdPage:
    """A household, as far as the person's conventions go. Raises PermissionDenied when none opens it.

    The caller writes the reading in the register.
    """
    on = timezone.localdate(now)
    publication, grants = _opened(acting_user, household, on)
    store = _store(publication)
    file = household_file(store, household, grants, actor=acting_user.public_id, now=now)
    lines = list(visible(acting_user, on).select_related("agent").filter(household=household).order_by("rank"))
    rights = frozenset().union(*(grant.rights for grant in grants))
    rows = statuses(store, household, rights).to_dicts()
    units = {line.unit for line in lines}
    # What explains an amount are resources: said only where the convention opens them.
    opened = frozenset().union(*(grant.categories for grant in grants))
    sides = side_values(store, units, rights) if Category.RESSOURCES in opened else {}
    origin = provenance(store, household)
    by_unit = {(row["right"], row["unit_id"]): row for row in rows}
    law, supposed = _Version(publication.law), assumed(store, household)
    explanations = {
        line.pk: explain(
            by_unit[line.right, line.unit], catalogue()[line.right], sides.get((line.right, line.unit), {}), origin,
            assumed=supposed.get(line.right, ()), law=law,
        )
        for line in lines
        if line.kind == Kind.RIGHT and (line.right, line.unit) in by_unit
    }  # fmt: skip
    steps = Step.objects.filter(follow_up__household=household).select_related("by", "follow_up").order_by("-at")
    unknown: dict[str, list[str]] = {}
    for row in rows:
        if row["status"] == Status.UNKNOWN:
            asked = unknown.setdefault(row["right"], [])
            asked += [question for question in row["questions"] or () if question not in asked]
    return HouseholdPage(
        file=file,
        grants=grants,
        lines=[line for line in lines if line.is_to_act],
        explanations=explanations,
        received=_received(rows, file.persons),
        unknown=sorted(unknown.items()),
        steps=list(steps),
        publication=publication,
        commune=next((line.commune for line in lines if line.commune), to_settle(publication, household)[0] or ""),
        corrections=[
            (asked, GROUP_LABELS.get(asked.category, asked.category))
            for asked in CorrectionRequest.objects.filter(household=household).select_related("partner").order_by("-pk")
        ],
        about=_about(lines, file.persons),
        correctable=data_of((source.group, source.partner) for source in file.sources),
    )


def _received(rows: Sequence[Mapping[str, Any]], persons: Sequence[Person]) -> list[tuple[str, str]]:
    """Rights received, each with who receives it: a person, or a family told by who asks, where there are several."""
    named, several = _named(persons)
    found = {
        (row["right"], named.get(row["person_id"], "") if _is_of_one(row["unit_entity"], several=several) else "")
        for row in rows if row["status"] == Status.RECEIVED
    }  # fmt: skip
    return sorted(found)


def _named(persons: Sequence[Person]) -> tuple[dict[str, str], bool]:
    """What each person is called, and whether several families live together."""
    named = {
        one.id: (one.name or f"Personne {one.rank}") + (f" ({one.family_role})" if one.family_role else "")
        for one in persons
    }
    return named, sum(one.family_role == "demandeur" for one in persons) > 1


def _is_of_one(entity: str, *, several: bool) -> bool:
    return entity == "individu" or (several and entity == "famille")


def _about(lines: Sequence[Finding], persons: Sequence[Person]) -> dict[int, str]:
    """Whom each line concerns: the same event of two persons of the household makes two lines; where several familles
    live together, a right is that of one of them, told by who asks for it.
    """
    named, several = _named(persons)
    of_one = [line for line in lines if line.kind == Kind.EVENT or _is_of_one(line.unit_entity, several=several)]
    return {line.pk: named[line.person] for line in of_one if line.person in named}


@dataclass(frozen=True, slots=True)
class _Version:
    """The version of the law under which the lists were made: what an explanation ends with."""

    version: str
