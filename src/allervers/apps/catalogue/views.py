"""Pages of the catalogue of rights, open to everyone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allervers.rights.catalogue import catalogue as all_rights
from allervers.rights.catalogue import right


def catalogue(request: HttpRequest) -> HttpResponse:
    """All the rights."""
    return render(request, "catalogue/index.html", {"rights": list(all_rights().values())})


def right_sheet(request: HttpRequest, right_id: str) -> HttpResponse:
    """One right."""
    return render(request, "catalogue/sheet.html", {"right": right(right_id)})
