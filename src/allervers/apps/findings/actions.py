"""Writes on the lists: publication, and what becomes of a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.audit.actions import record
from allervers.apps.findings import permissions
from allervers.apps.findings.domain import OPEN, REPORTED, Progress, Reason
from allervers.apps.findings.models import CorrectionRequest, Finding, FollowUp, Publication, SavedFilter, Step
from allervers.apps.findings.publishing import insert_lines, lines_of
from allervers.apps.partnership.models import Organisation, Team
from allervers.foundation.errors import Conflict, InvalidInput, Refused


@transaction.atomic
def publish(
    *,
    acting_user: Any,
    now: datetime,
    folder: Path,
    month: str,
    law: str,
    conventions: Sequence[str],
    is_synthetic: bool,
    published_at: datetime | None = None,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> Publication:
    """Make the lists of a detection the current ones; the ones before are removed, the work on them stays.
    published_at: of the lists that these replace, when they are the same ones less who opposed; `now` otherwise.

    permission: the job's (jobs.permissions) or the operator's command.
    raises: NotFound when there is no list.
    audit: lists_published.
    after: nothing.
    """
    # A datum said wrong and since corrected is in these lists: its line is worked on again.
    _reopen(FollowUp.objects.filter(corrections__is_corrected=True).distinct(), acting_user, now)
    lines = lines_of(folder)
    Publication.objects.select_for_update().filter(is_current=True).delete()
    publication = Publication.objects.create(
        month=month, law=law, published_at=published_at or now, conventions=sorted(conventions), is_current=True,
        lines=lines.height, is_synthetic=is_synthetic,
    )  # fmt: skip
    insert_lines(publication.pk, lines, told)
    record(
        acting_user=acting_user, now=now, action="lists_published", kind="publication", target=month,
        lines=lines.height,
    )  # fmt: skip
    return publication


@transaction.atomic
def change_progress(
    *, acting_user: User, now: datetime, finding: Finding, progress: Progress, version: int, reason: str = ""
) -> FollowUp:
    """Take a line in charge, give it back, settle it or set it aside with a reason.

    permission: findings.permissions.can_act.
    raises: PermissionDenied; InvalidInput without the reason that is asked; Conflict when a colleague came first.
    audit: line_changed.
    after: nothing.
    """
    grant = permissions.grant_for(acting_user, finding, timezone.localdate(now))
    if grant is None:
        raise PermissionDenied("Cette ligne n'est pas dans vos missions.")
    if progress == Progress.NOT_RELEVANT and reason not in set(Reason):
        raise InvalidInput("Dites pourquoi la ligne est sans objet : la règle en sera améliorée.")
    follow_up = _locked(finding, now)
    if _is_same_again(follow_up, acting_user, progress, version, reason):
        return follow_up
    if follow_up.version != version:
        raise Conflict("Un collègue a modifié cette ligne entre-temps : revoyez la page pour voir ce qu'il a fait.")
    if progress == Progress.IN_CHARGE:
        follow_up.agent, follow_up.team_id = acting_user, grant.team
    elif progress == Progress.TO_DO:
        follow_up.agent = None
    _change(follow_up, acting_user, now, progress, reason if progress == Progress.NOT_RELEVANT else "")
    record(
        acting_user=acting_user, now=now, action="line_changed", kind="household", target=finding.household,
        purpose=grant.purpose, convention=grant.convention, subject=finding.subject, progress=progress, reason=reason,
    )  # fmt: skip
    return follow_up


@transaction.atomic
def report_progress(
    *, acting_user: User, now: datetime, finding: Finding, progress: Progress, version: int, reason: str = ""
) -> tuple[FollowUp, bool]:
    """What a program says became of a line: settled, or not relevant with a reason. It takes nothing in charge. The
    same report of the same program, sent again because its answer was lost, changes nothing and tells False.

    permission: findings.permissions.can_act.
    raises: what change_progress raises; InvalidInput for another progress, or a reason that nothing asks.
    audit: line_changed, the first time.
    after: nothing.
    """
    if progress not in REPORTED or (reason and progress != Progress.NOT_RELEVANT):
        raise InvalidInput("Un logiciel dit qu'une ligne est terminée, ou sans objet avec son motif, et rien d'autre.")
    done = FollowUp.objects.select_for_update().filter(unit=finding.unit, subject=finding.subject).first()
    asked = (version + 1, progress, reason)
    if done is not None and (done.version, done.progress, done.reason) == asked:
        last = done.steps.order_by("-at", "-pk").first()
        if last is not None and last.by_id == acting_user.pk:
            return done, False
    return change_progress(
        acting_user=acting_user, now=now, finding=finding, progress=progress, version=version, reason=reason
    ), True


@transaction.atomic
def assign(*, acting_user: User, now: datetime, findings: Sequence[Finding], team: Team, agent: User | None) -> int:
    """Give lines to a team, or to one of its agents. Lines already settled or set aside are left alone.

    permission: findings.permissions.can_assign, for each line.
    raises: PermissionDenied; Refused when the agent is not of the team, or may not see one of the lines.
    audit: line_assigned, one entry a line.
    after: nothing. Returns the number of lines given.
    """
    if not permissions.can_assign(acting_user, team):
        raise PermissionDenied("Seul le responsable de l'équipe répartit son travail.")
    if agent is not None and not team.members.filter(pk=agent.pk, is_active=True).exists():
        raise Refused("Cet agent n'appartient pas à l'équipe.")
    given = 0
    for finding in findings:
        grant = permissions.grant_for(acting_user, finding, timezone.localdate(now))
        if grant is None:
            raise PermissionDenied("Une des lignes n'est pas dans les missions de l'équipe.")
        if agent is not None and permissions.grant_for(agent, finding, timezone.localdate(now)) is None:
            raise Refused("Cet agent n'est pas habilité à voir l'une des lignes : voyez sa convention et ses équipes.")
        follow_up = _locked(finding, now)
        if follow_up.progress not in OPEN:
            continue
        follow_up.team, follow_up.agent = team, agent
        _change(follow_up, acting_user, now, Progress.ASSIGNED, "")
        record(
            acting_user=acting_user, now=now, action="line_assigned", kind="household", target=finding.household,
            purpose=grant.purpose, convention=grant.convention, subject=finding.subject, team=team.pk,
            agent="" if agent is None else agent.public_id,
        )  # fmt: skip
        given += 1
    return given


@transaction.atomic
def ask_correction(
    *, acting_user: User, now: datetime, finding: Finding, partner: Organisation, category: str, version: int
) -> CorrectionRequest:
    """Say that a datum is wrong: the line waits, and the partner that sent the datum is asked to correct it.

    permission: findings.permissions.can_act.
    raises: PermissionDenied; Conflict.
    audit: line_changed, correction_asked.
    after: nothing.
    """
    follow_up = change_progress(
        acting_user=acting_user, now=now, finding=finding, progress=Progress.WRONG_DATA, version=version
    )
    request = CorrectionRequest.objects.create(
        follow_up=follow_up, household=finding.household, partner=partner, category=category, asked_by=acting_user,
        asked_at=now,
    )  # fmt: skip
    record(
        acting_user=acting_user, now=now, action="correction_asked", kind="household", target=finding.household,
        partner=partner.code, category=category,
    )  # fmt: skip
    return request


@transaction.atomic
def answer_correction(
    *, acting_user: User, now: datetime, request: CorrectionRequest, is_corrected: bool
) -> CorrectionRequest:
    """What the partner that sent a datum found: corrected in its files, or kept. Kept: the line is open again at once;
    corrected: with the next lists, made from the corrected datum.

    permission: findings.permissions.can_answer.
    raises: PermissionDenied; Conflict when it was answered already.
    audit: correction_answered.
    after: nothing.
    """
    if not permissions.can_answer(acting_user, request):
        raise PermissionDenied("Cette demande n'est pas adressée à votre organisme.")
    request = CorrectionRequest.objects.select_for_update().get(pk=request.pk)
    if request.answered_at is not None:
        raise Conflict("Cette demande a déjà reçu une réponse.")
    request.answered_at, request.is_corrected = now, is_corrected
    request.save(update_fields=["answered_at", "is_corrected"])
    record(
        acting_user=acting_user, now=now, action="correction_answered", kind="household", target=request.household,
        category=request.category, corrected=is_corrected,
    )  # fmt: skip
    if not is_corrected and request.follow_up_id is not None:
        _reopen(FollowUp.objects.filter(pk=request.follow_up_id), acting_user, now)
    return request


def _reopen(follow_ups: QuerySet[FollowUp], by: User | None, now: datetime) -> None:
    """Lines that waited for a correction, when nothing is waited for any more."""
    waiting = CorrectionRequest.objects.filter(answered_at=None).values("follow_up")
    for follow_up in follow_ups.filter(progress=Progress.WRONG_DATA).exclude(pk__in=waiting.exclude(follow_up=None)):
        progress = Progress.TO_DO if follow_up.agent_id is None else Progress.IN_CHARGE
        _change(follow_up, by, now, progress, "")


@transaction.atomic
def forget_household(*, acting_user: User | None, now: datetime, household: str) -> int:
    """Remove what is kept here of a household whose person opposes: lines, work on them, requests of correction.

    permission: none (workers, after an opposition).
    raises: nothing.
    audit: household_forgotten.
    after: nothing. Returns the number of lines removed.
    """
    CorrectionRequest.objects.filter(household=household).delete()
    FollowUp.objects.filter(household=household).delete()
    gone, _ = Finding.objects.filter(household=household).delete()
    record(acting_user=acting_user, now=now, action="household_forgotten", kind="household", target=household)
    return gone


@transaction.atomic
def save_filter(*, acting_user: User, now: datetime, name: str, query: str) -> SavedFilter:
    """Keep a search under a name; one that has the name is replaced.

    permission: the person's own.
    raises: InvalidInput without a name.
    audit: filter_saved.
    after: nothing.
    """
    name = name.strip()[:60]
    if not name:
        raise InvalidInput("Donnez un nom à ce filtre.")
    saved, _ = SavedFilter.objects.update_or_create(
        user=acting_user, name=name, defaults={"query": query[:1000], "created_at": now}
    )
    record(acting_user=acting_user, now=now, action="filter_saved", kind="filter", target=str(saved.pk))
    return saved


def _locked(finding: Finding, now: datetime) -> FollowUp:
    FollowUp.objects.get_or_create(
        unit=finding.unit,
        subject=finding.subject,
        defaults={
            "household": finding.household, "commune": finding.commune, "progress": Progress.TO_DO,
            "created_at": now,
            "changed_at": now,
        },
    )  # fmt: skip
    return FollowUp.objects.select_for_update().get(unit=finding.unit, subject=finding.subject)


def _is_same_again(follow_up: FollowUp, by: User, progress: Progress, version: int, reason: str) -> bool:
    """A second click on the same button, or a form sent again because its answer was lost."""
    last = follow_up.steps.last()
    is_same = last is not None and (last.by_id, last.progress) == (by.pk, progress)
    kept = reason if progress == Progress.NOT_RELEVANT else ""
    return is_same and follow_up.version == version + 1 and follow_up.reason == kept


def _change(follow_up: FollowUp, by: User | None, now: datetime, progress: Progress, reason: str) -> None:
    follow_up.progress, follow_up.reason, follow_up.changed_at = progress, reason, now
    follow_up.version += 1
    follow_up.save()
    Finding.objects.filter(unit=follow_up.unit, subject=follow_up.subject).update(
        progress=progress, version=follow_up.version, agent=follow_up.agent, team=follow_up.team_id
    )
    Step.objects.create(follow_up=follow_up, at=now, by=by, progress=progress, reason=reason)
