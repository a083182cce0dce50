"""One table: expected problem -> HTTP status and title, for pages and programs. Nothing else decides of a status."""

from __future__ import annotations

from allervers.foundation.errors import HTTP_STATUS

STATUS = HTTP_STATUS | {
    "unauthenticated": 401,
    "method_not_allowed": 405,
    "address_too_long": 414,
    "too_many_requests": 429,
    "failed": 500,
}
"""Code of an error, or of what a server alone meets -> HTTP status. Any other code of ours is 400."""

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
