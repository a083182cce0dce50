"""Routes of the lists: what the convention of a token opens, read under the rules of the pages, and written down."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Path, Query, Router

from allervers.api.v1 import list_schemas as schemas
from allervers.api.v1.authentication import TokenBearer, TokenRequest
from allervers.api.v1.strict import Problem, place_in
from allervers.apps.audit.actions import record
from allervers.apps.findings.actions import report_progress
from allervers.apps.findings.domain import Kind, Progress
from allervers.apps.findings.labels import commune_label
from allervers.apps.findings.models import Finding, Publication
from allervers.apps.findings.permissions import grants_for_household, open_publication, visible
from allervers.apps.findings.queries import Filters, Lists, finding_of
from allervers.apps.findings.templatetags.lines import status_text, subject_label
from allervers.apps.findings.unsettled import Asked, Household, Unsettled
from allervers.foundation.errors import Refused

router = Router(tags=["Listes"], auth=TokenBearer())
CLOSED = {404: Problem}
_CONTACT = {None: "", True: "oui", False: "non"}


@router.get("/findings", response=schemas.Lines, summary="Lignes des listes")
def findings(request: TokenRequest, asked: Query[schemas.FindingsAsked]) -> Any:
    """Droits non reçus, à vérifier, et événements, dans les missions de l'équipe du jeton."""
    return _lines(request, asked, "" if asked.kind is None else asked.kind)


@router.get("/events", response=schemas.Lines, summary="Événements")
def events(request: TokenRequest, asked: Query[schemas.LinesAsked]) -> Any:
    """Événements et échéances qui appellent une aide : les lignes de cette sorte, les mêmes filtres."""
    return _lines(request, asked, Kind.EVENT)


@router.get("/unsettled", response=schemas.HouseholdsToComplete, summary="Ménages à compléter")
def unsettled(request: TokenRequest, asked: Query[schemas.UnsettledAsked]) -> Any:
    """Ménages dont un droit est indéterminé, et les questions qui l'établiraient, dans les missions de l'équipe."""
    contact = _CONTACT[asked.may_contact]
    wanted = Asked(asked.right or "", asked.commune or "", asked.household or "", contact, asked.sort)
    found = Unsettled(request.auth.account, timezone.localdate(), wanted)
    items = [_to_complete(one) for one in found[asked.first : asked.after]]
    _note_list(request, len(items), asked.page)
    return {"publication": _shown(found.publication), "items": items, **place_in(asked, len(found))}


@router.get("/findings/{line}", response={200: schemas.Line, **CLOSED}, summary="Une ligne")
def finding(request: TokenRequest, line: Path[schemas.LineNumber]) -> Any:
    """Une ligne, et où en est son suivi. La lecture est inscrite au registre du ménage."""
    found = finding_of(request.auth.account, line, timezone.localdate())
    _note_household(request, found.household)
    return _line(found)


@router.get(
    "/households/{household}/findings", response={200: schemas.HouseholdLines, **CLOSED}, summary="Lignes d'un ménage"
)
def household_findings(request: TokenRequest, household: Path[schemas.Name]) -> Any:
    """Toutes les lignes d'un ménage que le jeton ouvre. La lecture est inscrite au registre ; aucune identité."""
    account, today = request.auth.account, timezone.localdate()
    publication, ended = open_publication(today)
    if publication is None or ended or not grants_for_household(account, household, today):
        raise Http404
    lines = list(visible(account, today).filter(household=household).order_by("rank"))
    _note_household(request, household)
    return {"household": household, "publication": _published(publication), "items": [_line(line) for line in lines]}


@router.put(
    "/findings/{line}/progress", response={200: schemas.Reported, 403: Problem, 409: Problem, **CLOSED},
    summary="Rendre compte d'une ligne",
)  # fmt: skip
def report(request: TokenRequest, line: Path[schemas.LineNumber], given: schemas.Report) -> Any:
    """Dire qu'une ligne est terminée ou sans objet. La même demande répétée ne change rien de plus.

    Un logiciel ne prend pas en charge : un agent le fait.
    """
    if not request.auth.may_report:
        raise Refused("Ce jeton ne permet que de lire.")
    account, now = request.auth.account, timezone.now()
    found = finding_of(account, line, timezone.localdate(now))
    follow_up, is_new = report_progress(
        acting_user=account, now=now, finding=found, progress=Progress(given.progress), version=given.version,
        reason="" if given.reason is None else given.reason,
    )  # fmt: skip
    return {
        "id": line, "progress": follow_up.progress, "reason": follow_up.reason or None, "version": follow_up.version,
        "is_new": is_new,
    }  # fmt: skip


def _lines(request: TokenRequest, asked: schemas.LinesAsked, kind: str) -> dict[str, Any]:
    filters = Filters(
        kind=kind, right=asked.right or "", event=asked.event or "", status=asked.status or "",
        commune=asked.commune or "", progress=asked.progress or "", least_eur_month=asked.least_eur_month,
        deadline_before=asked.deadline_before, least_months=asked.least_months,
        contact=_CONTACT[asked.may_contact], channel=asked.channel or "",
        household=asked.household or "", sort=asked.sort,
    )  # fmt: skip
    lists = Lists(request.auth.account, timezone.localdate(), filters)
    found = lists.lines()
    items = [_line(line) for line in found[asked.first : asked.after]]
    _note_list(request, len(items), asked.page)
    return {"publication": _shown(lists.publication), "items": items, **place_in(asked, found.count())}


def _note_list(request: TokenRequest, lines: int, page: int) -> None:
    record(
        acting_user=request.auth.account, now=timezone.now(), action="list_read", kind="list", target="api",
        purpose=request.auth.purpose, convention=request.auth.convention.reference, token=request.auth.pk,
        lines=lines, page=page,
    )  # fmt: skip


def _shown(publication: tuple[Publication | None, frozenset[str]]) -> dict[str, Any] | None:
    current, ended = publication
    return None if current is None or ended else _published(current)


def _to_complete(household: Household) -> dict[str, Any]:
    return {
        "household": household.id,
        "commune": household.commune,
        "commune_label": commune_label(household.commune),
        "may_contact": household.may_contact,
        "rights": list(household.rights),
        "questions": [{"text": text, "rights": rights} for text, rights in household.questions],
    }


def _note_household(request: TokenRequest, household: str) -> None:
    record(
        acting_user=request.auth.account, now=timezone.now(), action="household_viewed", kind="household",
        target=household, purpose=request.auth.purpose, convention=request.auth.convention.reference,
        token=request.auth.pk,
    )  # fmt: skip


def _published(publication: Publication) -> dict[str, Any]:
    names = ("month", "published_at", "law", "is_synthetic")
    return {name: getattr(publication, name) for name in names}


def _line(line: Finding) -> dict[str, Any]:
    hidden = line.is_amount_hidden
    same = (
        "id", "kind", "household", "unit_entity", "unit", "commune", "status", "is_to_act", "may_contact",
        "is_amount_hidden", "since_on", "months_persisting", "deadline_on", "questions", "progress", "version", "rank",
    )  # fmt: skip
    absent_when_empty = ("right", "event", "since_month", "deadline_reason", "blocked_by")
    amounts = ("amount_eur_month", "eur_lost", "eur_recoverable")
    return {
        **{name: getattr(line, name) for name in same},
        **{name: getattr(line, name) or None for name in absent_when_empty},
        **{name: None if hidden else getattr(line, name) for name in amounts},
        "channels": None if line.channels is None else [one for one in line.channels.split(",") if one],
        "label": subject_label(line),
        "commune_label": commune_label(line.commune),
        "status_label": status_text(line),
        "is_followed": line.agent_id is not None or line.team_id is not None,
    }
