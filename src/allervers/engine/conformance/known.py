"""The cases that OpenFisca itself is known to fail, each with its reason: told apart, they hide no new failure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from allervers.engine.conformance.running import Result, Status
from allervers.foundation.errors import InvalidInput, NotFound


def read_known(path: Path) -> dict[str, str]:
    """Reason by case (`folder/file.yaml no 3`) of a TOML file of `[[case]]` tables with `title` and `reason`.

    Raises NotFound, or InvalidInput when the file is no such list.
    """
    try:
        cases = tomllib.loads(path.read_text("utf-8"))["case"]
        return {str(case["title"]): str(case["reason"]) for case in cases}
    except FileNotFoundError as error:
        raise NotFound(f"Le fichier « {path.name} » n'existe pas.", file=path.name) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"« {path.name} » : des tables [[case]] avec title et reason sont attendues.") from error


def read_treatments(path: Path) -> dict[str, str]:
    """Treatment by variable of a TOML file of `[[formula]]` tables with `variables`, `reason` and `treatment`.

    Raises NotFound, or InvalidInput when the file is no such list.
    """
    try:
        formulas = tomllib.loads(path.read_text("utf-8"))["formula"]
        return {str(name): f"{one['treatment']} ({one['reason']})" for one in formulas for name in one["variables"]}
    except FileNotFoundError as error:
        raise NotFound(f"Le fichier « {path.name} » n'existe pas.", file=path.name) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"« {path.name} » : des tables [[formula]] avec variables, reason et treatment sont attendues."
        ) from error


def with_known(results: Sequence[Result], known: Mapping[str, str]) -> list[Result]:
    """The results, where a case that OpenFisca fails and that is listed says so. A failure of the engine stays one."""
    return [
        replace(result, status=Status.KNOWN, reason=known[place])
        if result.status is Status.OPENFISCA_FAILED and (place := result.title.split(" «")[0]) in known
        else result
        for result in results
    ]
