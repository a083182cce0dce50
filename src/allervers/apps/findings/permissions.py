"""Who may see and act on which lines. The scope comes from partnership; here it becomes a filter."""

from __future__ import annotations

from datetime import date

import polars as pl
from django.conf import settings
from django.db.models import Q, QuerySet

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import User
from allervers.apps.accounts.reading_once import once
from allervers.apps.findings.domain import Kind
from allervers.apps.findings.models import CorrectionRequest, Finding, Publication
from allervers.apps.partnership.domain import Grant, Scope
from allervers.apps.partnership.models import Team
from allervers.apps.partnership.queries import conventions_in_force, scope_of
from allervers.apps.people.models import Opposition
from allervers.apps.people.queries import Store
from allervers.detection.unsettled import PLACE
from allervers.foundation.periods import Month


def open_publication(on: date) -> tuple[Publication | None, frozenset[str]]:
    """The current lists, and the conventions of their imports that have ended: with one, the lists are closed."""
    return once(("publication", on), lambda: _open_publication(on))


def _open_publication(on: date) -> tuple[Publication | None, frozenset[str]]:
    publication = Publication.objects.filter(is_current=True).first()
    if publication is None:
        return None, frozenset()
    return publication, frozenset(publication.conventions) - conventions_in_force(on)


def visible(
    user: User, on: date, scope: Scope | None = None, current: tuple[Publication | None, frozenset[str]] | None = None
) -> QuerySet[Finding]:
    """The lines that a person may see on a day: none without a convention that says so.

    `scope` and `current` (see `open_publication`): for who has read them already.
    """
    scope = scope_of(user, on) if scope is None else scope
    publication, ended = open_publication(on) if current is None else current
    if publication is None or ended or not scope:
        return Finding.objects.none()
    allowed = Q()
    for grant in scope.grants:
        allowed |= _within(grant)
    return publication.findings.filter(allowed).exclude(household__in=Opposition.objects.values("household"))


def _within(grant: Grant) -> Q:
    place = Q(commune__in=sorted(grant.communes))
    rights = Q(kind=Kind.RIGHT, right__in=sorted(grant.rights))
    # An event about a right (a right that expires, say) needs both: the event and the right.
    events = Q(kind=Kind.EVENT, event__in=sorted(grant.events)) & (Q(right="") | Q(right__in=sorted(grant.rights)))
    return place & (rights | events)


def grant_for(user: User, finding: Finding, on: date) -> Grant | None:
    """The grant through which a person sees a line, or None when they may not."""
    scope = scope_of(user, on)
    if not visible(user, on, scope).filter(pk=finding.pk).exists():
        return None
    return next((grant for grant in scope.grants if _covers(grant, finding)), None)


def grants_for_household(user: User, household: str, on: date) -> tuple[Grant, ...]:
    """The grants through which a person sees a line of a household, or a right of it that is to be settled.

    Empty: the household is closed to them.
    """
    publication, ended = open_publication(on)
    if publication is None or ended or Opposition.objects.filter(household=household).exists():
        return ()
    return _covering(publication, scope_of(user, on), household)


def why_closed(user: User, household: str, on: date) -> str:
    """Why the household is closed to a person, said to them. An opposition is told to who could see the household."""
    published, scope = open_publication(on), scope_of(user, on)
    why = why_no_list(published, scope)
    if why or published[0] is None:
        return why
    opposed = Opposition.objects.filter(household=household).exists()
    if opposed and _covering(published[0], scope, household):
        return (
            "Une personne de ce foyer s'est opposée à l'usage de ses données : il ne paraît plus dans aucune liste, et "
            "sa page est fermée."
        )
    return (
        "Ce foyer n'est pas dans vos missions, ou n'est plus dans les listes : sa situation est réglée, il a quitté "
        "votre territoire, ou une personne s'est opposée à l'usage de ses données."
    )


def why_no_list(published: tuple[Publication | None, frozenset[str]], scope: Scope) -> str:
    """Why a person sees no list at all: none is published, a convention of its data has ended, or nothing is open to
    them. Empty when they see one. published: see `open_publication`.
    """
    publication, ended = published
    if publication is None:
        return "Aucune liste n'est publiée pour le moment : elle paraît après la prochaine détection."
    if ended:
        return (
            f"La convention {', '.join(sorted(ended))} n'est plus en vigueur : les données reçues sous elle ne peuvent "
            "plus être consultées. Adressez-vous à l'administrateur de votre organisme."
        )
    return "" if scope else " ".join(scope.refusals)


def _covering(publication: Publication, scope: Scope, household: str) -> tuple[Grant, ...]:
    lines = list(
        publication.findings.filter(household=household).only("publication", "kind", "right", "event", "commune")
    )
    commune, rights = to_settle(publication, household)
    return tuple(
        grant for grant in scope.grants
        if any(_covers(grant, line) for line in lines) or (commune in grant.communes and rights & grant.rights)
    )  # fmt: skip


def to_settle(publication: Publication, household: str) -> tuple[str | None, frozenset[str]]:
    """The commune of a household and its rights that are unknown. None and nothing when there is none."""
    store = Store(settings.ALLERVERS.store_folder, Month.parse(publication.month))
    if not store.has("indetermines"):
        return None, frozenset()
    row = next(iter(store.detected("indetermines").filter(pl.col("menage_id") == household).collect().to_dicts()), {})
    rights = frozenset(name for name, cell in row.items() if name not in PLACE and cell is not None)
    return row.get("code_insee"), rights


def _covers(grant: Grant, finding: Finding) -> bool:
    if finding.commune not in grant.communes:
        return False
    of_right = finding.right in grant.rights
    return of_right if finding.kind == Kind.RIGHT else finding.event in grant.events and (of_right or not finding.right)


def is_in_missions(user: User, finding: Finding, on: date) -> bool:
    """Whether a line is in a person's missions, shown or hidden by an opposition."""
    return any(_covers(grant, finding) for grant in scope_of(user, on).grants)


def can_act(user: User, finding: Finding, on: date) -> bool:
    """Who sees a line may act on it."""
    return grant_for(user, finding, on) is not None


def can_answer(user: User, request: CorrectionRequest) -> bool:
    """The data protection officer of the partner that sent the datum answers a request of correction."""
    of_partner = user.organisation_id is not None and user.organisation_id == request.partner_id
    return user.is_active and user.role == Role.DATA_PROTECTION_OFFICER and of_partner


def can_assign(user: User, team: Team) -> bool:
    """The managers of a team share out its work."""
    return user.role == Role.TEAM_MANAGER and user.is_active and team.members.filter(pk=user.pk).exists()
