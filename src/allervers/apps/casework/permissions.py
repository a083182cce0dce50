"""Who may open and write a plan: the organisation that made it, where its conventions and missions still reach."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet

from allervers.apps.accounts.domain import SEES_PERSONS
from allervers.apps.accounts.models import User
from allervers.apps.casework.domain import AT_COUNTER, Level
from allervers.apps.casework.models import Note, Plan, PlannedRight
from allervers.apps.findings.permissions import grants_for_household, open_publication, visible, why_closed
from allervers.apps.partnership.domain import Category, Grant, Scope
from allervers.apps.partnership.models import Team
from allervers.apps.partnership.queries import scope_of
from allervers.apps.people.models import Opposition

CLOSED = "Ce plan n'est pas dans vos missions, ou la convention qui l'ouvrait n'est plus en vigueur."


def plans_open_to(user: User, on: date, scope: Scope | None = None) -> QuerySet[Plan]:
    """The plans that a person may open on a day: those of their organisation, in the communes of a grant, with a line
    or a right of the plan in its missions. A right that is paid leaves the lists, not the plan: hence the second.
    """
    scope = scope_of(user, on) if scope is None else scope
    publication, ended = current = open_publication(on)
    if publication is None or ended or not scope or user.role not in SEES_PERSONS:
        return Plan.objects.none()
    rights = PlannedRight.objects.filter(plan=OuterRef("pk"))
    reached = Q()
    for grant in scope.grants:
        of_plan = Exists(rights.filter(right__in=sorted(grant.rights))) | ~Exists(rights)
        # What somebody who came says of themselves is not the partners': no mission by right bounds it.
        of_plan |= Q(household__startswith=AT_COUNTER)
        reached |= Q(commune__in=sorted(grant.communes)) & Q(of_plan)
    listed = Q(household__in=visible(user, on, scope, current).values("household"))
    own = Plan.objects.filter(organisation=user.organisation_id).filter(reached | listed)
    return own.exclude(household__in=Opposition.objects.values("household"))


def grant_for_plan(user: User, plan: Plan, on: date) -> Grant | None:
    """The grant through which a person opens a plan; None when they may not."""
    scope = scope_of(user, on)
    if not plans_open_to(user, on, scope).filter(pk=plan.pk).exists():
        return None
    return nearest_grant(scope, plan)


def nearest_grant(scope: Scope, plan: Plan) -> Grant:
    """The grant that a plan which is open to a person is read under: of its commune, then of its team."""
    near = [grant for grant in scope.grants if plan.commune in grant.communes] or list(scope.grants)
    return min(near, key=lambda grant: grant.team != plan.team_id)


def may_read_names(plan: Plan, grant: Grant) -> bool:
    """Whether the names of a plan are open: under the convention, or told by who came to the counter."""
    return Category.IDENTITE in grant.categories or plan.household.startswith(AT_COUNTER)


def grant_to_open(user: User, household: str, on: date) -> Grant:
    """The grant under which a person may start a plan for a household. Raises PermissionDenied."""
    grants = grants_for_household(user, household, on) if user.role in SEES_PERSONS else ()
    if not grants:
        raise PermissionDenied(why_closed(user, household, on))
    return grants[0]


def grant_at_counter(user: User, commune: str, on: date) -> Grant:
    """The grant under which a person may start a plan with somebody who came, of a commune of their missions.

    Raises PermissionDenied.
    """
    scope = scope_of(user, on)
    publication, ended = open_publication(on)
    near = [grant for grant in scope.grants if commune in grant.communes]
    if user.role not in SEES_PERSONS or publication is None or ended or not near:
        raise PermissionDenied("Cette commune n'est pas dans vos missions : orientez la personne vers son accueil.")
    return near[0]


def communes_at_counter(user: User, on: date) -> frozenset[str]:
    """The communes where a person may start a plan with somebody who came."""
    publication, ended = open_publication(on)
    if user.role not in SEES_PERSONS or publication is None or ended:
        return frozenset()
    return frozenset().union(*(grant.communes for grant in scope_of(user, on).grants))


def readable_notes(user: User, plan: Plan) -> QuerySet[Note]:
    """The notes of a plan that a person reads: shared ones, those of the team when they belong to it, their own."""
    levels = [Level.SHARED.value]
    if plan.team_id is None or Team.objects.filter(pk=plan.team_id, members=user).exists():
        levels.append(Level.TEAM.value)
    return plan.notes.filter(Q(level__in=levels) | Q(author=user)).select_related("author")


def rights_of(grants: Iterable[Grant]) -> frozenset[str]:
    """Every right that one of these grants opens."""
    return frozenset().union(*(grant.rights for grant in grants))
