"""The API whole: its routes, mounted under /api/v1/ by the web application."""

from __future__ import annotations

from allervers.api.v1 import catalogue, lists, partners
from allervers.api.v1.answers import made_api

api = made_api()
for _router in (catalogue.router, lists.router, partners.router):
    api.add_router("", _router)
