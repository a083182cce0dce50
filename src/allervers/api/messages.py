"""Requests and responses as plain values, and how the bodies are written: byte for byte as OpenFisca's web API does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

JSON = ("Content-Type", "application/json")
HTML = ("Content-Type", "text/html; charset=utf-8")

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks. `path` is decoded, names of `headers` are in lower case, `body` is whole."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    query: str = ""
    scheme: str = "http"
    mount: str = ""
    """Where the API stands on its server, without slash at the end; `path` begins after it."""


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered. `route` names the kind of path for logs, and holds nothing of the request; `fault` names the
    error behind a 500 and where it was raised, never its message."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = (JSON,)
    route: str = ""
    fault: str = ""


def written(value: Any, *, finite: bool = False) -> bytes:
    """The value as JSON: keys sorted, ASCII, dates as in HTTP, one end of line. Raises TypeError for what JSON lacks;
    with `finite`, ValueError for what is not a finite number."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain, allow_nan=not finite)
    return text.encode("ascii") + b"\n"


def json_response(value: Any, status: int = 200, *, fault: str = "") -> Response:
    """A JSON answer."""
    return Response(status, written(value), fault=fault)


def error_response(message: str, status: int) -> Response:
    """The error in the form that clients of OpenFisca's web API read."""
    return json_response({"error": message}, status)


def internal_error(error: BaseException) -> Response:
    """500, with the message in the answer (it is for the one who asked) and out of the logs."""
    return json_response({"error": f"Internal server error: {error}"}, 500, fault=fault_of(error))


def page(status: int, text: str) -> Response:
    """The short HTML page of an HTTP error."""
    name = HTTPStatus(status).phrase
    body = f"<!doctype html>\n<html lang=en>\n<title>{status} {name}</title>\n<h1>{name}</h1>\n<p>{text}</p>\n"
    return Response(status, body.encode(), (HTML,))


def not_found() -> Response:
    """404, as a page."""
    return page(
        404,
        "The requested URL was not found on the server. If you entered the URL manually please check your spelling "
        "and try again.",
    )


def not_allowed(allowed: str) -> Response:
    """405, as a page, with the methods that are allowed."""
    response = page(405, "The method is not allowed for the requested URL.")
    return Response(405, response.body, (*response.headers, ("Allow", allowed)))


def redirect(path: str) -> Response:
    """302 to another path of this server. `path` starts with exactly one slash: never another host."""
    shown = escape(path)
    body = (
        "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n"
        "<p>You should be redirected automatically to the target URL: "
        f'<a href="{shown}">{shown}</a>. If not, click the link.\n'
    )
    target = quote(path, safe="/!#$&'()*+,:;=?@[]~", errors="replace")
    return Response(302, body.encode("utf-8", "replace"), (HTML, ("Location", target)))


def http_date(day: date) -> str:
    """The day as HTTP writes dates, which is how OpenFisca's web API writes them."""
    return format_datetime(datetime(day.year, day.month, day.day, tzinfo=UTC), usegmt=True)


def fault_of(error: BaseException) -> str:
    """Type of an error, and file and line where it was raised. Its message may hold values of persons: left out."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f" {trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + where


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return http_date(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
