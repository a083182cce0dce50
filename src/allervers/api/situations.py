"""The body of a request as a situation, within bounds; what a law answers, or fails to, as a response."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

from allervers.api.limits import Limits
from allervers.api.messages import Request, Response, error_response, internal_error, json_response, written
from allervers.engine.situation import Situation, SituationError

_CONTAINERS = (dict, list)
_TOO_DEEP = "Invalid JSON: too many nested levels"


class Refusal(Exception):
    """A body that is not read further; `response` is what to answer."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def read_body(request: Request, limits: Limits) -> Any:
    """The JSON of the body. Raises Refusal where it is none, or is out of bounds."""
    if not _is_json(request.headers.get("content-type", "")):
        # What OpenFisca's web API answers, its status and its words included: clients may hold to them.
        raise Refusal(error_response("Internal server error: 'NoneType' object has no attribute 'args'", 500))
    try:
        data = json.loads(request.body, parse_constant=_no_constant)
    except RecursionError as error:
        raise Refusal(error_response(_TOO_DEEP, 400)) from error
    except ValueError as error:
        raise Refusal(error_response(f"Invalid JSON: {error.args[0]}", 400)) from error
    if not _is_within(data, limits.depth):
        raise Refusal(error_response(_TOO_DEEP, 400))
    _check_expansion(data, limits.expansion)
    return data


def answered(compute: Callable[[Any], Any], situation: Any) -> Response:
    """What `compute` makes of the situation, as a response. Raises what `compute` raises, save SituationError."""
    if not isinstance(situation, dict):
        return error_response("Invalid type: must be of type 'Object'.", 400)
    try:
        value = compute(situation)
    except SituationError as error:
        return _reported(error)
    try:
        return Response(200, written(value, finite=True))
    except ValueError:
        # JSON has no infinite number, and a client would not read one.
        return error_response("Invalid JSON: a number is out of range", 400)


def with_dates_of_http(situation: Situation, filled: Situation, dates: frozenset[str]) -> Situation:
    """The filled situation where the dates that were asked are written as in HTTP. Changes `filled` in place."""
    for plural, instances in situation.items():
        for identifier, instance in instances.items() if isinstance(instances, dict) else ():
            for variable in dates.intersection(instance) if isinstance(instance, dict) else ():
                asked = instance[variable]
                cells = filled[plural][identifier][variable]
                for period in [p for p, value in asked.items() if value is None] if isinstance(asked, dict) else ():
                    with suppress(TypeError, ValueError):
                        cells[period] = date.fromisoformat(cells[period])
    return filled


def _reported(error: SituationError) -> Response:
    """OpenFisca's web API gives a report with its place for what it checks, and 500 for what happens further on."""
    cause = error.__cause__
    if cause is None or hasattr(cause, "error"):
        return json_response(error.report, error.status)
    return internal_error(cause)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _is_within(value: Any, depth: int) -> bool:
    level = [value] if isinstance(value, _CONTAINERS) else []
    for _ in range(depth):
        inside = [item.values() if isinstance(item, dict) else item for item in level]
        level = [item for items in inside for item in items if isinstance(item, _CONTAINERS)]
        if not level:
            return True
    return False


def _check_expansion(data: Any, limit: int) -> None:
    """Axes repeat the persons: a few bytes could ask for all the memory."""
    axes = data.get("axes") if isinstance(data, dict) else None
    if not isinstance(axes, list):
        return
    count = max(1, len(data["individus"]) if isinstance(data.get("individus"), dict) else 1)
    for parallel in axes:
        first = parallel[0] if isinstance(parallel, list) and parallel else None
        times = first.get("count") if isinstance(first, dict) else None
        count *= times if isinstance(times, int) and times > 0 else 1
    if count > limit:
        raise Refusal(error_response(f"Too many persons once axes are expanded: {limit} at most", 400))
