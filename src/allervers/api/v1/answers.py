"""The API object: how problems are answered, and what every answer carries. It holds no route."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from allervers.api.messages import fault_of
from allervers.api.problems import STATUS, TITLES, UNAVAILABLE
from allervers.api.v1.rates import Throttle
from allervers.api.v1.strict import Problem
from allervers.foundation.errors import AllerVersError

_LOG = logging.getLogger("allervers.api")
_CODES = {status: code for code, status in STATUS.items()}
_SAID = {
    "missing": "valeur absente", "extra_forbidden": "nom inconnu", "int_parsing": "un nombre entier est attendu",
    "float_parsing": "un nombre est attendu",
    "bool_parsing": "true ou false est attendu",
    "date_from_datetime_parsing": "une date AAAA-MM-JJ est attendue",
    "date_parsing": "une date AAAA-MM-JJ est attendue",
    "literal_error": "valeur inconnue", "enum": "valeur inconnue", "greater_than_equal": "valeur trop petite",
    "less_than_equal": "valeur trop grande", "string_too_short": "texte trop court",
    "string_too_long": "texte trop long", "json_invalid": "le corps n'est pas du JSON",
    "string_type": "un texte est attendu", "int_type": "un nombre entier est attendu",
}  # fmt: skip
"""Kind of fault, as the library names it -> our words. They never repeat what was sent."""


class Api(NinjaAPI):
    """Answers that a program may keep only where they are public; the rate of each client; problems in one form."""

    def create_response(self, request: HttpRequest, data: Any, **given: Any) -> HttpResponse:
        """The answer, with how long it may be kept."""
        response = super().create_response(request, data, **given)
        is_public = response.status_code == 200 and getattr(request, "auth", None) is None
        response["Cache-Control"] = "public, max-age=300" if is_public else "no-store"
        return response

    def problem(
        self, request: HttpRequest, status: int, message: str, details: Sequence[dict[str, str]] = ()
    ) -> HttpResponse:
        """A problem, in the form that all have."""
        body = {"code": _CODES[status], "error": TITLES[status], "message": message, "details": list(details)}
        response = self.create_response(request, body, status=status)
        if status == 401:
            response["WWW-Authenticate"] = "Bearer"
        return response

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """The answer to an error of any layer. What is not expected is written in the log, without its message."""
        status, message = _told(exc)
        if status == 500:
            # Where it happened, never its message: it may hold a person's data.
            _LOG.error("failed %s", fault_of(exc))
        elif status == 503:
            _LOG.error("unavailable %s", type(exc).__name__)
        response = self.problem(request, status, message, _details(exc) if isinstance(exc, ValidationError) else ())
        if isinstance(exc, Throttled):
            response["Retry-After"] = str(exc.wait or 1)
        return response

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """The description of the API, with the problems that any operation may answer."""
        schema = super().get_openapi_schema(**given)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
        schema["components"]["schemas"] |= schema["components"]["schemas"]["Problem"].pop("$defs", {})
        for path in schema["paths"].values():
            for operation in path.values():
                asked = ["400", "429", "503"] + (["401"] if "security" in operation else [])
                for status in asked:
                    operation["responses"].setdefault(status, _described(int(status)))
                operation["responses"] = {
                    str(status): answer if str(status) == "200" else _described(int(status))
                    for status, answer in sorted(operation["responses"].items(), key=lambda pair: int(pair[0]))
                }
        return schema

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The name of the function: short, and ours to keep."""
        return str(operation.view_func.__name__)


def _described(status: int) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": TITLES[status], "content": content}


def _told(error: Exception) -> tuple[int, str]:
    """Status of an error, and what is said of it."""
    told = (500, "L'erreur est consignée. Si elle dure, prévenez l'exploitant.")
    match error:
        case AllerVersError():
            told = (STATUS.get(error.code, 400), error.message)
        case ValidationError():
            told = (400, "La demande ne peut pas être lue : voyez le détail.")
        case AuthenticationError():
            told = (401, "Donnez un jeton dans l'en-tête Authorization: Bearer.")
        case Throttled():
            told = (429, "Vous demandez trop vite : attendez, puis reprenez moins vite.")
        case HttpError() | SuspiciousOperation():
            told = (400, "Le corps de la demande n'est pas du JSON, ou est trop gros.")
        case Http404():
            told = (404, "Rien de ce nom n'est ouvert à ce jeton.")
        case PermissionDenied():
            told = (403, str(error) or "Votre jeton n'ouvre pas cela.")
        case OperationalError() | OSError():
            told = (503, UNAVAILABLE)
    return told


def _details(error: ValidationError) -> list[dict[str, str]]:
    return [
        {"place": ".".join(map(str, fault["loc"]))[:200], "message": _SAID.get(fault["type"], "valeur refusée")}
        for fault in error.errors[:20]
    ]


def made_api() -> Api:
    """The API, without routes."""
    return Api(
        title="AllerVers", version="1", urls_namespace="api", docs_url=None, openapi_url="openapi.json",
        throttle=Throttle(), description="Catalogue des droits, et listes ouvertes par une convention.",
    )  # fmt: skip
