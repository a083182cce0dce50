"""The reference of the API as a plain page, made from its own description: no script, nothing from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from allervers.api.v1.routes import api

_TYPES = {"integer": "nombre entier", "number": "nombre", "string": "texte", "boolean": "true ou false"}
_BOUNDS = {"minimum": "au moins", "maximum": "au plus", "maxLength": "longueur au plus", "default": "sinon"}


@dataclass(frozen=True, slots=True)
class Field:
    """One value that is given or answered."""

    name: str
    kind: str
    text: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a program may ask."""

    method: str
    path: str
    title: str
    text: str
    needs_token: bool
    asked: tuple[Field, ...]
    body: tuple[Field, ...]
    answer: str
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What the page shows: operations by theme, then the objects that they answer."""

    groups: tuple[tuple[str, tuple[Operation, ...]], ...]
    objects: tuple[tuple[str, str, tuple[Field, ...]], ...]


def index(request: HttpRequest) -> HttpResponse:
    """Where a program starts: the description of the API, its pages, the catalogue that needs no token."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    links = {"documentation": reverse("api-reference"), "openapi": reverse("api:openapi-json")}
    answer = JsonResponse({"title": api.title, "version": api.version, **links})
    answer["Cache-Control"] = "public, max-age=300"
    return answer


def reference(request: HttpRequest) -> HttpResponse:
    """The page."""
    return render(request, "api/reference.html", {"reference": made_reference()})


@cache
def made_reference() -> Reference:
    """The description of the API, arranged to be read."""
    schema = api.get_openapi_schema()
    objects = schema["components"]["schemas"]
    groups: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method, described in methods.items():
            groups.setdefault(described["tags"][0], []).append(_operation(method, path, described, objects))
    shown = tuple(
        (name, one.get("description", ""), _fields(one) if "properties" in one else (Field("", _kind(one), "", False),))
        for name, one in sorted(objects.items())
        if "properties" in one or "enum" in one
    )
    return Reference(tuple((tag, tuple(found)) for tag, found in groups.items()), shown)


def _operation(method: str, path: str, described: dict[str, Any], objects: dict[str, Any]) -> Operation:
    asked = tuple(
        Field(
            given["name"], _kind(given["schema"]), given["schema"].get("description", ""), given.get("required", False)
        )
        for given in described.get("parameters", ())
    )
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answers = described["responses"]
    return Operation(
        method=method.upper(),
        path=path,
        title=described["summary"],
        text=described.get("description", ""),
        needs_token="security" in described,
        asked=asked,
        body=_fields(objects[_name(body)]) if body else (),
        answer=_kind(answers["200"]["content"]["application/json"]["schema"]),
        problems=tuple((status, one["description"]) for status, one in answers.items() if status != "200"),
    )


def _fields(described: dict[str, Any]) -> tuple[Field, ...]:
    required = described.get("required", ())
    return tuple(
        Field(name, _kind(one), one.get("description", ""), name in required)
        for name, one in described["properties"].items()
    )


def _kind(one: dict[str, Any]) -> str:
    """The type of a value, in words."""
    if "$ref" in one:
        return _name(one)
    if "anyOf" in one or "allOf" in one:
        kinds = [_kind(other) for other in one.get("anyOf", one.get("allOf", ())) if other.get("type") != "null"]
        return " ou ".join(dict.fromkeys(kinds))
    if "enum" in one or "const" in one:
        return " | ".join(map(str, one.get("enum", [one.get("const")])))
    if one.get("type") == "array":
        return f"liste de {_kind(one.get('items', {}))}"
    kind = "date AAAA-MM-JJ" if one.get("format") == "date" else _TYPES.get(one.get("type", ""), "objet")
    bounds = [f"{text} {one[name]}" for name, text in _BOUNDS.items() if one.get(name) is not None]
    return ", ".join([kind, *bounds])


def _name(one: dict[str, Any]) -> str:
    return str(one["$ref"]).rpartition("/")[2]
