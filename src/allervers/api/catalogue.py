"""What the law holds, over HTTP: answers that never change, made once and kept as bytes."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from allervers.api.addresses import base_address
from allervers.api.messages import JSON, Request, Response, not_found, written
from allervers.api.specification import specification
from allervers.engine.description import LawDescription

_ADDRESS = "http://address.invalid"
"""Stands for the address of the server in the bytes that are kept."""


class Catalogue:
    """The pages that describe a law. `calculate` and `trace` make the examples of the specification."""

    def __init__(
        self, description: LawDescription, calculate: Callable[[Any], Any], trace: Callable[[Any], Any]
    ) -> None:
        self._description = description
        self._calculate = calculate
        self._trace = trace
        self._kept: dict[tuple[str, str], _Kept] = {}

    def prepare(self) -> None:
        """Make the lists now. The pages of one variable or parameter are made when first asked."""
        request = Request("GET", "/")
        for page in (self.variables, self.parameters, self.entities, self.spec):
            page(request)

    def variables(self, request: Request) -> Response:
        """`/variables`: label and address of each."""
        return self._page(request, "variables", "", lambda: _linked("variable", self._description.variable_labels()))

    def variable(self, request: Request, name: str) -> Response:
        """`/variable/{id}`."""
        return self._page(request, "variable", name, lambda: self._description.variable(name))

    def parameters(self, request: Request) -> Response:
        """`/parameters`: description and address of each, by `a.b.c`."""
        labels = self._description.parameter_labels()
        return self._page(
            request,
            "parameters",
            "",
            lambda: {path.replace("/", "."): entry for path, entry in _linked("parameter", labels).items()},
        )

    def parameter(self, request: Request, path: str) -> Response:
        """`/parameter/{id}`, by `a/b/c` or `a.b.c`."""
        return self._page(request, "parameter", path, lambda: self._description.parameter(path))

    def entities(self, request: Request) -> Response:
        """`/entities`."""
        return self._page(request, "entities", "", self._description.entities)

    def spec(self, request: Request) -> Response:
        """`/spec`: the OpenAPI description of this server."""
        return self._page(
            request,
            "spec",
            "",
            lambda: {
                **specification(self._description, self._calculate, self._trace),
                "servers": [{"url": _ADDRESS}],
            },
        )

    def _page(self, request: Request, kind: str, name: str, made: Callable[[], Any]) -> Response:
        kept = self._kept.get((kind, name))
        if kept is None:
            value = made()
            if value is None:
                # Not kept: names that do not exist are without end.
                return not_found()
            kept = self._kept[kind, name] = _Kept(written(value))
        return kept.response(request)


class _Kept:
    """A body in pieces, between which goes the address of the server."""

    def __init__(self, body: bytes) -> None:
        self.pieces = body.split(_ADDRESS.encode())
        self.digest = sha256(body).hexdigest()[:24]

    def response(self, request: Request) -> Response:
        address = base_address(request).encode("ascii")
        seen = self.digest if len(self.pieces) == 1 else self.digest + sha256(address).hexdigest()[:8]
        tag = ("ETag", f'"{seen}"')
        known = [item.strip().removeprefix("W/") for item in request.headers.get("if-none-match", "").split(",")]
        if tag[1] in known:
            return Response(304, b"", (tag,))
        return Response(200, address.join(self.pieces), (JSON, tag))


def _linked(kind: str, labels: dict[str, str | None]) -> dict[str, dict[str, str | None]]:
    return {name: {"description": label, "href": f"{_ADDRESS}/{kind}/{name}"} for name, label in labels.items()}
