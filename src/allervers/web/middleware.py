"""Expected problem -> its page, with the status of `api.problems`."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost, PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from allervers.api.problems import STATUS, TITLES, UNAVAILABLE
from allervers.foundation.errors import AllerVersError

_LOG = logging.getLogger("allervers.web")


_NOT_ALLOWED = (
    "Cette adresse reçoit un formulaire, ou ne fait que montrer une page : revenez à la page d'où vous veniez et "
    "utilisez son bouton."
)
_TOO_LONG = (
    f"L'adresse demandée dépasse {settings.MAX_ADDRESS_CHARACTERS} caractères : ôtez des filtres et recommencez."
)


class ExpectedProblemMiddleware:
    """Turns an expected error of any layer into its page; a locked database or a full disk into one that says so; and
    the answers that Django leaves blank.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if len(request.get_full_path()) > settings.MAX_ADDRESS_CHARACTERS:
            return page_of(request, 414, _TOO_LONG)
        answer = self.get_response(request)
        if not isinstance(answer, HttpResponseNotAllowed):  # OpenFisca's API writes its own
            return answer
        told = page_of(request, 405, _NOT_ALLOWED)
        told["Allow"] = answer.get("Allow", "")
        return told

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of an expected problem; None leaves the others to Django."""
        if isinstance(error, AllerVersError):
            return page_of(request, STATUS.get(error.code, 400), error.message)
        if isinstance(error, PermissionDenied):
            return page_of(request, 403, str(error) or "Votre compte n'ouvre pas cette page.")
        if isinstance(error, Http404):
            return page_of(request, 404, "Cette page n'existe pas, ou n'est pas ouverte à votre compte.")
        if isinstance(error, OperationalError | OSError):
            _LOG.error("unavailable %s", type(error).__name__)
            return page_of(request, 503, UNAVAILABLE)
        return None


class LanguageMiddleware(LocaleMiddleware):
    """The language that the person asks for on the pages written in several, the simulator's; French on all others:
    what a page says of its language is true of its text.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Choose the language."""
        if request.path.startswith(reverse("simulation")):
            super().process_request(request)
            return
        translation.activate(settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language()


class NoStoreMiddleware:
    """What is shown to someone who is signed in is kept by no browser and no relay, unless the page says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        answer = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not answer.has_header("Cache-Control"):
            answer["Cache-Control"] = "no-store"
        return answer


class RequestSizeMiddleware:
    """Refuses a request larger than the setting allows, before reading any of it. Outermost: nothing is spent on it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or refuse."""
        told = request.META.get("CONTENT_LENGTH") or "0"
        if not told.isdigit() or int(told) > settings.MAX_REQUEST_BYTES:
            return HttpResponse(
                f"Envoi refusé : {settings.MAX_REQUEST_BYTES // 1_000_000} Mo au plus.\n",
                status=413,
                content_type="text/plain; charset=utf-8",
            )
        return self.get_response(request)


def back_of(request: HttpRequest) -> str:
    """The page of ours that a form was sent from, read again; empty when there is none."""
    referer = request.headers.get("Referer", "")
    if request.method != "POST" or not referer:
        return ""
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    is_ours = url_has_allowed_host_and_scheme(referer, {host}, require_https=request.is_secure())
    return referer if is_ours else ""


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of a page too old, or of a browser that refuses cookies."""
    del reason
    return page_of(
        request, 403,
        "Cette page est restée ouverte trop longtemps, ou votre navigateur refuse les cookies. Rechargez-la, puis "
        "recommencez.",
    )  # fmt: skip


def page_of(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """The page of a problem, or its JSON for a program."""
    if request.path.startswith("/api/"):
        code = next((code for code, known in STATUS.items() if known == status), "invalid_input")
        return JsonResponse({"code": code, "error": TITLES[status], "message": message, "details": []}, status=status)
    context = {"title": TITLES[status], "message": message, "back": back_of(request)}
    with translation.override(settings.LANGUAGE_CODE):
        return render(request, "problem.html", context, status=status)
