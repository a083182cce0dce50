"""A visitor of the simulator in tests: describes a household, answers the pages as they come."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.test import Client

ALONE = {
    "f0.adult.born": "01/03/1988", "f0.adult.name": "Nadia", "f0.bond": "none", "f0.partner.born": "",
    "f0.c0.born": "05/05/2014", "f0.c0.name": "Lina", "f0.c1.born": "05/05/2021", "f0.c1.name": "Tom",
    "home": "home", "town": "93066",
}  # fmt: skip
TRUTH: Mapping[str, Any] = {
    "occupation.m": "locataire_vide", "loyer.m": "600", "coloc.m": "non", "chambre.m": "non",
    "sources": ["salaire"], "salaire.p1": "600", "salaire_an.p1.2024": "7000", "salaire_an.p1.2025": "7 000,00 €",
    "isolement.f": "non", "ecole.p2": "college", "ecole.p3": "maternelle", "etablissement.p2": "public",
    "etablissement.p3": "public", "activite.p1": "actif", "nationalite.p1": "FR", "nationalite.p2": "FR",
    "nationalite.p3": "FR", "handicap.p1": "0.0", "handicap.p2": "0.0", "handicap.p3": "0.0",
    "grossesse": ["personne"], "inaptitude": ["personne"],
    "autre_parent": ["p2", "p3"], "epargne.f": "0", "etat_civil.p1": "celibataire",
}  # fmt: skip
"""Name of a field -> what is typed."""


def fields_of(html: str) -> set[str]:
    return set(re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', html)) - {"csrfmiddlewaretoken"}


def rows_of(html: str) -> list[str]:
    return re.findall(r'name="rows" value="([^"]+)"', html)


def described(client: Client, **changes: str) -> str:
    """Describe a household; the address where it leads."""
    answer = client.post("/simulateur/foyer/", {**ALONE, **changes})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def walked(
    client: Client, truth: Mapping[str, Any] = TRUTH, *, most: int = 60, seen: Callable[[str, str], None] | None = None
) -> int:
    """Answer every page until the results; how many were asked."""
    address = described(client)
    for count in range(most):
        answer = client.get(address, follow=True)
        address = answer.request["PATH_INFO"]
        html = answer.content.decode()
        assert answer.status_code == 200, html
        if "/question/" not in address:
            return count
        if seen is not None:
            seen(address, html)
        typed = {name: truth[name] for name in fields_of(html) if name in truth}
        posted = client.post(address, {**typed, "rows": rows_of(html)})
        assert posted.status_code == 302, (address, posted.content.decode()[-3000:])
        address = posted["Location"]
    raise AssertionError("the questions never end")
