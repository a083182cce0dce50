"""Pages of the catalogue of rights, open to everyone, without account. Nothing of what is asked is kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from allervers.apps.catalogue import exports, forms, queries
from allervers.apps.catalogue.freshness import kept_by_browsers
from allervers.apps.catalogue.labels import CHANNELS, MODES
from allervers.foundation.errors import NotFound
from allervers.rights import registries
from allervers.rights.calls import calls_for
from allervers.rights.catalogue import catalogue as all_rights
from allervers.rights.changes import RightChange, changes_since
from allervers.rights.procedures import LEVELS, Procedure, count_by_level, procedures, rights_by_level

CSV = "text/csv; charset=utf-8"
HELP = "ccas"
"""The institution to which someone who finds nothing may turn: it helps with every request."""


@require_safe
@kept_by_browsers
def catalogue(request: HttpRequest) -> HttpResponse:
    """The front page: a search, ways to browse, every right by letter."""
    context = {
        "letters": queries.by_letter(),
        "count": len(all_rights()),
        "ways": [(kind, list(queries.ways(kind).values())) for kind in ("evenement", "theme", "public", "institution")],
    }
    return render(request, "catalogue/index.html", context)


@require_safe
@kept_by_browsers
def search_page(request: HttpRequest) -> HttpResponse:
    """Rights that fit ordinary words, each with the reason; or nothing, said, with where to turn."""
    words = forms.words_asked(request.GET)
    found = queries.matches(words)
    context = {"words": words, "found": found, "calls": calls_for(words)} | ({} if found else _elsewhere())
    return render(request, "catalogue/search.html", context)


@require_safe
@kept_by_browsers
def way(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """Rights of a theme, a public, a life event or an institution."""
    found = queries.ways(kind).get(name)
    if found is None:
        return unknown(request, name)
    others = [other for other in queries.ways(kind).values() if other.id != name]
    context = {"way": found, "entries": queries.entries(found.rights), "others": others}
    return render(request, "catalogue/way.html", context)


@require_safe
@kept_by_browsers
def right_sheet(request: HttpRequest, right_id: str) -> HttpResponse:
    """One right; its documents for the situations ticked, its local rules for the answers given."""
    try:
        page = queries.sheet_page(right_id, forms.situations_ticked(request.GET), forms.answers_typed(request.GET))
    except NotFound:
        return unknown(request, right_id)
    context = {"page": page, "right": page.right, "facts": page.facts, "prefix": forms.PREFIX}
    return render(request, "catalogue/sheet.html", context | {"is_large": request.GET.get("gros") == "1"})


@require_safe
@kept_by_browsers
def reading(request: HttpRequest) -> HttpResponse:
    """How to read a sheet."""
    return render(request, "catalogue/reading.html", {"levels": LEVELS, "modes": list(MODES)})


@require_safe
@kept_by_browsers
def graph(request: HttpRequest) -> HttpResponse:
    """Every link between rights, drawn and told."""
    picture, links, alone, falls = queries.whole_graph()
    named = all_rights()
    fallen = [(named[name], count) for name, count in sorted(falls.items(), key=lambda item: -item[1])]
    context = {
        "picture": picture,
        "links": [(named[name], found) for name, found in links.items()],
        "alone": alone,
        "falls": fallen,
    }
    return render(request, "catalogue/graph.html", context)


@require_safe
@kept_by_browsers
def changes(request: HttpRequest) -> HttpResponse:
    """What changed in the rights since a date."""
    asked = forms.changes_asked(request.GET, timezone.localdate())
    context = {"asked": asked, "found": _changes(asked), "themes": registries.themes(), "today": timezone.localdate()}
    return render(request, "catalogue/changes.html", context)


@require_safe
@kept_by_browsers
def changes_csv(request: HttpRequest) -> HttpResponse:
    """The same changes, for a spreadsheet."""
    asked = forms.changes_asked(request.GET, timezone.localdate())
    return _file(exports.csv_of_changes(_changes(asked)), "changements.csv")


@require_safe
@kept_by_browsers
def changes_feed(request: HttpRequest) -> HttpResponse:
    """The changes already in force, as a feed; those announced are on the page."""
    found = changes_since(forms.EARLIEST, until=timezone.localdate())
    feed = exports.feed_of_changes(
        found,
        page=request.build_absolute_uri(reverse("catalogue-changes")),
        address_of=lambda right: request.build_absolute_uri(reverse("right-sheet", args=[right])),
    )
    return HttpResponse(feed, content_type="application/atom+xml; charset=utf-8")


@require_safe
@kept_by_browsers
def procedures_page(request: HttpRequest) -> HttpResponse:
    """The register of procedures, with their level of dematerialisation."""
    asked = forms.procedures_asked(request.GET)
    counts = count_by_level()
    total = max(1, sum(counts.values()))
    context = {
        "asked": asked,
        "found": [(way, _names(way.institutions)) for way in _procedures(asked)],
        "levels": [(level, text, counts[level], round(100 * counts[level] / total)) for level, text in LEVELS.items()],
        "total": total,
        "kinds": list(CHANNELS),
        "institutions": list(queries.ways("institution").values()),
        "nothing_known": queries.entries(rights_by_level()[0]),
    }
    return render(request, "catalogue/procedures.html", context)


@require_safe
@kept_by_browsers
def procedures_csv(request: HttpRequest) -> HttpResponse:
    """The same register, for a spreadsheet."""
    return _file(exports.csv_of_procedures(_procedures(forms.procedures_asked(request.GET))), "demarches.csv")


@require_safe
def unknown(request: HttpRequest, asked: str) -> HttpResponse:
    """The page of an address that is none, with the nearest rights."""
    context = {"nearest": queries.nearest(asked)} | _elsewhere()
    return render(request, "catalogue/unknown.html", context, status=404)


def _elsewhere() -> dict[str, object]:
    return {"themes": list(queries.ways("theme").values()), "help": registries.institutions()[HELP]}


def _names(institutions: tuple[str, ...]) -> str:
    return ", ".join(registries.institutions()[name].label for name in institutions)


def _changes(asked: forms.ChangesAsked) -> tuple[RightChange, ...]:
    rights = queries.ways("theme")[asked.theme].rights if asked.theme else None
    return changes_since(asked.since, until=asked.until, rights=rights)


def _procedures(asked: forms.ProceduresAsked) -> tuple[Procedure, ...]:
    found = procedures(level=asked.level, kind=asked.kind)
    return tuple(way for way in found if asked.institution in {"", *way.institutions})


def _file(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=CSV, headers={"Content-Disposition": f'attachment; filename="{name}"'})
