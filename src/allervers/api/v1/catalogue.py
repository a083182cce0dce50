"""Routes of the catalogue: public, without token, the same facts as its pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja import Path, Query, Router

from allervers.api.v1 import catalogue_schemas as schemas
from allervers.api.v1.strict import PageAsked, Problem, place_in
from allervers.foundation.errors import NotFound
from allervers.rights import registries
from allervers.rights.catalogue import catalogue, right
from allervers.rights.changes import changes_since
from allervers.rights.documents import NeededDocument, documents_for, situations_of
from allervers.rights.facts import Sheet
from allervers.rights.procedures import LEVELS, procedures
from allervers.rights.search import search
from allervers.rights.sheets import rights_with, sheet, sheets

router = Router(tags=["Catalogue des droits"])
UNKNOWN = {404: Problem}
Item = TypeVar("Item")

_FACTS = ("conditions", "channels", "requires", "opens", "incompatible", "history")
_PLAIN = ("description", "holds_from", "reference", "duration", "renewal", "window")
_LISTS = ("linked", "breaks", "warnings", "sources", "openfisca", "themes", "publics", "life_events")


@router.get("/rights", response={200: schemas.Rights, **UNKNOWN}, summary="Liste des droits")
def rights(request: HttpRequest, asked: Query[schemas.RightsAsked]) -> Any:
    """Droits en vigueur, par thème, public, événement de vie, institution ou niveau de dématérialisation."""
    del request
    if asked.institution is not None and asked.institution not in registries.institutions():
        raise NotFound("Institution inconnue : voyez la liste à l'adresse /lists.")
    names = rights_with(life_event=asked.life_event, theme=asked.theme, public=asked.public)
    kept = [
        name
        for name in names
        if (asked.institution is None or asked.institution in sheets()[name].decides)
        and (asked.level is None or asked.level == sheets()[name].level)
    ]
    items = [_brief(sheets()[name]) for name in kept[asked.first : asked.after]]
    return {"items": items, **place_in(asked, len(kept))}


@router.get("/rights/{right_id}", response={200: schemas.RightWhole, **UNKNOWN}, summary="Fiche d'un droit")
def right_sheet(request: HttpRequest, right_id: Path[schemas.Identifier]) -> Any:
    """Tout ce que le catalogue dit d'un droit, et le degré de confiance de chaque fait."""
    del request
    facts, core = sheet(right_id), right(right_id)
    return {
        **_brief(facts),
        **{name: [asdict(one) for one in getattr(facts, name)] for name in _FACTS if name != "conditions"},
        **{name: getattr(facts, name) for name in _PLAIN},
        **{name: list(getattr(facts, name)) for name in _LISTS},
        "conditions": [{**asdict(one), "checked_by_person": one.checked_by_person} for one in facts.conditions],
        "law": core.law,
        "public": core.public,
        "how_to_ask": core.how_to_ask,
        "decides": _institutions(facts.decides),
        "pays": _institutions(facts.pays),
        "start": {
            "kind": core.start.kind, "article": core.start.article,
            "retroactive_months": core.start.retroactive_months, "text": facts.begins,
        },
        "amount": None if facts.amount is None else asdict(facts.amount),
        "amount_period": None if core.computation is None else core.computation.amount_period,
        "renewal_lead_days": facts.lead_days,
        "situations": [_named(registries.situations()[name]) for name in situations_of(right_id)],
        "non_take_up": None if facts.non_take_up is None else asdict(facts.non_take_up),
        "confidence": _confidence(facts),
    }  # fmt: skip


@router.get("/rights/{right_id}/documents", response={200: schemas.DocumentsShown, **UNKNOWN}, summary="Pièces")
def right_documents(
    request: HttpRequest, right_id: Path[schemas.Identifier], asked: Query[schemas.DocumentsAsked]
) -> Any:
    """Pièces d'un droit selon la situation, moins celles que l'administration détient déjà."""
    del request
    found = documents_for(right_id, asked.situation)
    return {
        "right": right_id,
        "situations": sorted({"tous", *asked.situation}),
        "to_bring": [_document(one) for one in found.to_bring],
        "already_held": [_document(one) for one in found.already_held],
        "is_sourced": found.is_sourced,
    }


@router.get("/search", response=schemas.SearchResult, summary="Recherche")
def search_rights(request: HttpRequest, asked: Query[schemas.SearchAsked]) -> Any:
    """Droits qui répondent à des mots courants, du plus proche au moins proche. Rien n'est gardé de la question."""
    del request
    return {"items": [asdict(match) for match in search(asked.q, limit=asked.limit)]}


@router.get("/changes", response=schemas.Changes, summary="Changements")
def changes(request: HttpRequest, asked: Query[schemas.ChangesAsked]) -> Any:
    """Ce qui a changé depuis une date : lois, montants, fins de droits."""
    del request
    return _page(asked, [asdict(change) for change in changes_since(asked.since, until=asked.until)])


@router.get("/procedures", response=schemas.Procedures, summary="Démarches")
def ways_to_ask(request: HttpRequest, asked: Query[schemas.ProceduresAsked]) -> Any:
    """Chaque façon de demander chaque droit, avec son niveau de dématérialisation."""
    del request
    return _page(asked, [asdict(one) for one in procedures(level=asked.level, kind=asked.kind)])


@router.get("/lists", response=schemas.Lists, summary="Listes fermées")
def lists(request: HttpRequest) -> Any:
    """Thèmes, publics, événements de vie, institutions, situations : les valeurs que les filtres acceptent."""
    del request
    known = {
        "themes": registries.themes(), "publics": registries.publics(), "life_events": registries.life_events(),
        "institutions": registries.institutions(), "situations": registries.situations(),
    }  # fmt: skip
    found = {name: [_named(entry) for entry in entries.values()] for name, entries in known.items()}
    return {**found, "levels": {str(level): text for level, text in LEVELS.items()}}


def _page(asked: PageAsked, found: Sequence[Item]) -> dict[str, Any]:
    return {"items": found[asked.first : asked.after], **place_in(asked, len(found))}


def _brief(facts: Sheet) -> dict[str, Any]:
    core = catalogue()[facts.right]
    return {
        "id": facts.right, "label": core.label, "institution": core.institution, "mode": core.mode,
        "force": facts.force, "level": facts.level, "themes": list(facts.themes), "publics": list(facts.publics),
        "life_events": list(facts.life_events), "is_computed": core.computation is not None, "grade": core.grade,
    }  # fmt: skip


def _confidence(facts: Sheet) -> dict[str, Any]:
    named = (*_FACTS, *_PLAIN, *_LISTS, "documents", "amount", "decides", "pays", "non_take_up", *facts.confidence)
    found: Mapping[str, Any] = {name: facts.confidence_of(name) for name in dict.fromkeys(named)}
    return {name: {**asdict(sure), "to_confirm": sure.to_confirm} for name, sure in found.items()}


def _institutions(names: Iterable[str]) -> list[dict[str, str]]:
    return [_named(registries.institutions()[name]) for name in names]


def _named(entry: Any) -> dict[str, str]:
    return {"id": entry.id, "label": entry.label}


def _document(needed: NeededDocument) -> dict[str, Any]:
    return {
        "id": needed.document.id, "label": needed.document.label, "hint": needed.document.hint,
        "because": list(needed.because), "held_by": [_named(one) for one in needed.held_by],
    }  # fmt: skip
