"""The web API as one function: `Application.answer` takes a request and gives a response. It mounts anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from allervers.api.addresses import base_address
from allervers.api.catalogue import Catalogue
from allervers.api.limits import Limits
from allervers.api.messages import Request, Response, internal_error, json_response, not_allowed, not_found, redirect
from allervers.api.origins import cross_origin_headers
from allervers.api.situations import Refusal, answered, read_body, with_dates_of_http
from allervers.engine.description import LawDescription
from allervers.engine.situation import Situation

WELCOME = (
    "This is the root of an OpenFisca Web API.\N{NO-BREAK SPACE}To learn how to use it, check the general "
    "documentation (https://openfisca.org/doc/) and the OpenAPI specification of this instance ({}/spec)."
)


class SituationLaw(Protocol):
    """A law that fills the nulls of a situation. Errors of the situation are SituationError, in OpenFisca's form."""

    def calculate_situation(self, situation: Situation) -> Situation:
        """The situation with its nulls computed, as a copy."""
        ...


Tracer = Callable[[Situation], dict[str, Any]]
"""A situation -> the trace of its computation, in the form of `/trace`."""


class Application:
    """OpenFisca's web API over a law. One computation at a time: not for several threads at once."""

    def __init__(
        self, law: SituationLaw, trace: Tracer, description: LawDescription, limits: Limits | None = None
    ) -> None:
        self.law = law
        self.limits = limits or Limits()
        self._trace = trace
        self._dates = description.dates
        self._catalogue = Catalogue(description, law.calculate_situation, trace)
        self._package = (
            ("Country-Package", description.package),
            ("Country-Package-Version", description.package_version),
        )
        self._routes: tuple[_Route, ...] = (
            _Route("/", self._root),
            _Route("/calculate", self._calculate, "POST"),
            _Route("/trace", self._traced, "POST"),
            _Route("/variables", self._catalogue.variables),
            _Route("/variable/{id}", self._catalogue.variable),
            _Route("/parameters", self._catalogue.parameters),
            _Route("/parameter/{id}", self._catalogue.parameter),
            _Route("/entities", self._catalogue.entities),
            _Route("/spec", self._catalogue.spec),
        )

    def prepare(self) -> None:
        """Compute now the answers that never change, rather than at the first request."""
        self._catalogue.prepare()

    def answer(self, request: Request) -> Response:
        """The response to a request. Never raises: an error of ours is a response 500."""
        name, respond = self._route(request)
        try:
            response = respond()
        except Exception as error:  # the last rampart: a client gets an answer, the server goes on
            response = internal_error(error)
        return self.finished(request, replace(response, route=name))

    def finished(self, request: Request, response: Response) -> Response:
        """The response with the headers that every answer carries, and without body where the request wants none."""
        headers = [*response.headers, *self._package, *cross_origin_headers(request)]
        body = response.body
        if response.status != 304:
            headers.append(("Content-Length", str(len(body))))
        if request.method == "HEAD" or response.status == 304:
            body = b""
        return Response(response.status, body, tuple(headers), response.route, response.fault)

    def _route(self, request: Request) -> tuple[str, Callable[[], Response]]:
        """Name of the kind of path, and what answers."""
        # Several slashes in front count as one: "//host/" must not become the address of another server.
        path = "/" + request.path.lstrip("/")
        if path != "/" and path.endswith("/"):
            return "/…/", partial(redirect, request.mount + path[:-1])
        for route in self._routes:
            found = route.pattern.fullmatch(path)
            if found:
                return route.name, partial(route.respond, request, *found.groups())
        return "?", not_found

    def _root(self, request: Request) -> Response:
        return json_response({"welcome": WELCOME.format(base_address(request))}, 300)

    def _calculate(self, request: Request) -> Response:
        return self._computed(request, self._filled)

    def _traced(self, request: Request) -> Response:
        return self._computed(request, self._trace)

    def _computed(self, request: Request, compute: Callable[[Any], Any]) -> Response:
        try:
            situation = read_body(request, self.limits)
        except Refusal as refusal:
            return refusal.response
        return answered(compute, situation)

    def _filled(self, situation: Situation) -> Situation:
        return with_dates_of_http(situation, self.law.calculate_situation(situation), self._dates)


class _Route:
    """One path of the API: its name with {id} where it varies, and what answers it."""

    def __init__(self, name: str, answer: Callable[..., Response], method: str = "GET") -> None:
        self.name = name
        # An identifier of a parameter may hold slashes, never first.
        self.pattern = re.compile(
            re.escape(name).replace(r"\{id\}", "([^/].*)" if name.startswith("/parameter") else "([^/]+)"), re.DOTALL
        )
        self._answer = answer
        self._methods = ("GET", "HEAD", "OPTIONS") if method == "GET" else (method, "OPTIONS")

    def respond(self, request: Request, *identifiers: str) -> Response:
        """The answer to a request on this path."""
        allowed = ", ".join(self._methods)
        if request.method not in self._methods:
            return not_allowed(allowed)
        if request.method == "OPTIONS":
            return Response(200, b"", (("Content-Type", "text/html; charset=utf-8"), ("Allow", allowed)))
        return self._answer(request, *identifiers)
