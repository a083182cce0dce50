"""One table: expected problem -> HTTP status and title, for pages and programs. Nothing else decides of a status."""

from __future__ import annotations

STATUS = {
    "invalid_input": 400,
    "unauthenticated": 401,
    "refused": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "address_too_long": 414,
    "too_many_requests": 429,
    "failed": 500,
    "unavailable": 503,
}
"""Code of an error -> HTTP status. Any other code of ours is 400."""

TITLES = {
    400: "Demande à corriger",
    401: "Jeton absent ou refusé",
    403: "Accès refusé",
    404: "Introuvable",
    405: "Cette adresse ne s'ouvre pas ainsi",
    409: "Modifié entre-temps",
    414: "Adresse trop longue",
    429: "Trop de demandes",
    500: "Erreur de notre côté",
    503: "Momentanément indisponible",
}

UNAVAILABLE = "Rien n'a été enregistré, et rien n'est perdu de ce qui l'était. Réessayez dans une minute."
