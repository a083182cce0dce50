"""Routes of the partnership: what the token's organisation may know of its partners, teams and conventions."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone
from ninja import Query, Router

from allervers.api.v1 import list_schemas as schemas
from allervers.api.v1.authentication import TokenBearer, TokenRequest
from allervers.api.v1.strict import PageAsked, place_in
from allervers.apps.partnership.models import Convention, Organisation
from allervers.apps.partnership.queries import conventions_of, organisations_of, scope_of
from allervers.apps.partnership.tokens.queries import teams_of_organisation

router = Router(tags=["Partenariat"], auth=TokenBearer())


@router.get("/token", response=schemas.TokenShown, summary="Ce que ce jeton ouvre")
def token(request: TokenRequest) -> Any:
    """Convention, équipe, droits, communes et terme du jeton qui sert à demander."""
    found = request.auth
    scope = scope_of(found.account, timezone.localdate())
    return {
        "name": found.account.full_name, "account": found.account.public_id, "organisation": found.organisation.code,
        "convention": found.convention.reference, "purpose": found.purpose, "team": found.team_id,
        "may_report": found.may_report, "expires_on": found.expires_on, "rights": sorted(scope.rights),
        "events": sorted(scope.events), "communes": sorted(scope.communes), "refusals": list(scope.refusals),
    }  # fmt: skip


@router.get("/organisations", response=schemas.Organisations, summary="Organismes")
def organisations(request: TokenRequest, asked: Query[PageAsked]) -> Any:
    """L'organisme du jeton, et ceux de ses conventions."""
    rows, place = _page(organisations_of(request.auth.account).order_by("name", "pk"), asked)
    names = ("code", "name", "kind", "dpo_contact", "is_active")
    return {"items": [_plain(row, names) for row in rows], **place}


@router.get("/teams", response=schemas.Teams, summary="Équipes")
def teams(request: TokenRequest, asked: Query[PageAsked]) -> Any:
    """Les équipes de l'organisme du jeton, avec leurs communes et leurs missions."""
    rows, place = _page(teams_of_organisation(request.auth).order_by("name", "pk"), asked)
    return {"items": [_plain(row, ("id", "name", "communes", "rights", "events")) for row in rows], **place}


@router.get("/conventions", response=schemas.Conventions, summary="Conventions")
def conventions(request: TokenRequest, asked: Query[PageAsked]) -> Any:
    """Les conventions de l'organisme du jeton, et ce que chaque partie donne ou reçoit."""
    rows, place = _page(conventions_of(request.auth.account).order_by("-starts_on", "reference"), asked)
    return {"items": [_convention(row) for row in rows], **place}


def _page(rows: QuerySet[Any], asked: PageAsked) -> tuple[list[Any], dict[str, int]]:
    return list(rows[asked.first : asked.after]), place_in(asked, rows.count())


def _plain(row: Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _convention(row: Convention) -> dict[str, Any]:
    names = ("reference", "title", "purpose", "legal_base", "starts_on", "ends_on", "signed_on", "dpo_contact")
    parties = sorted(row.parties.all(), key=lambda party: (party.side, _code(party.organisation)))
    return {
        **_plain(row, names),
        "is_in_force": row.is_in_force(timezone.localdate()),
        "parties": [
            {**_plain(party, ("side", "categories", "rights", "events")), "organisation": _code(party.organisation)}
            for party in parties
        ],
    }


def _code(organisation: Organisation) -> str:
    return organisation.code
