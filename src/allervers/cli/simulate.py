"""`allervers simulate`: an OpenFisca situation with its nulls filled, as `/calculate` of OpenFisca's web API does."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from allervers.cli.law_choice import HELP, Engine, LawChoice, engine_name
from allervers.engine.laws import law_of
from allervers.engine.situation import Situation, SituationError
from allervers.foundation.errors import EXIT_STATUS, InvalidInput, NotFound
from allervers.foundation.files import written_whole

if TYPE_CHECKING:
    from allervers.engine.openfisca import OpenFiscaLaw


def simulate_command(
    file: Annotated[str, typer.Argument(metavar="FICHIER.json", help="Situation OpenFisca ; « - » : entrée standard.")],
    law: Annotated[LawChoice, typer.Option("--law", help=HELP)] = LawChoice.OPENFISCA,
    engine: Engine = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Fichier de sortie (sinon, sortie standard).")
    ] = None,
    why: Annotated[
        str | None, typer.Option("--why", metavar="VARIABLE", help="Expliquer cette variable, en français.")
    ] = None,
    detail: Annotated[int, typer.Option("--detail", min=0, max=3, help="Détail de l'explication, de 0 à 3.")] = 1,
) -> None:
    """Remplir les valeurs nulles d'une situation OpenFisca (le JSON de son API web), ou en expliquer une."""
    try:
        situation = read_situation(_bytes_of(file))
        _warn_of_ages(situation)
        version: Any = law_of(law.changes, engine_name(engine))
        filled = version.calculate_situation(situation)
        answer = (
            _text(filled)
            if why is None
            else explanations(getattr(version, "stock", version), situation, filled, why, detail)
        )
    except SituationError as error:
        typer.echo(_text(error.report))
        raise typer.Exit(EXIT_STATUS["invalid_input"]) from error
    if output is None:
        typer.echo(answer)
    else:
        with written_whole(output) as temporary:
            temporary.write_text(answer + "\n", "utf-8")


def _warn_of_ages(situation: Situation) -> None:
    """Somebody without date of birth is, for OpenFisca, born on the first of January 1970: it computes, we say so."""
    persons = situation.get("individus")
    ageless = [
        str(name)
        for name, person in (persons.items() if isinstance(persons, dict) else ())
        if isinstance(person, dict)
        and not any(_is_given(person.get(v)) for v in ("date_naissance", "age", "age_en_mois"))
    ]
    if ageless:
        told = ", ".join(ageless[:6]) + (" …" if len(ageless) > 6 else "")
        typer.echo(f"Attention : sans date de naissance, OpenFisca suppose le 1er janvier 1970 ({told}).", err=True)


def _is_given(values: Any) -> bool:
    return any(value is not None for value in values.values()) if isinstance(values, dict) else values is not None


def explanations(law: OpenFiscaLaw, situation: Situation, filled: Situation, variable: str, detail: int = 1) -> str:
    """Why a variable has its value for each null that asks it, in French. `filled`: the situation, computed.

    Raises InvalidInput when no null asks the variable.
    """
    from allervers.engine.explain.french import shown
    from allervers.engine.explain.household import explained_situation
    from allervers.engine.explain.sentences import as_text

    texts = []
    for cell, explanation in explained_situation(law, situation, variable, detail=detail):
        text = as_text(explanation, detail=detail)
        amount, asked = explanation.step.amount, filled[cell.plural][cell.identifier][cell.variable][cell.period]
        if isinstance(asked, int | float) and abs(float(asked) - float(amount.value)) > _CENT:
            text += f"\n{_OTHER_ORDER.format(value=shown(asked, amount.unit))}"
        texts.append(text)
    return "\n\n".join(texts)


_CENT = 0.01
_OTHER_ORDER = (
    "Attention : demandée avec les autres nulles de cette situation, la même variable vaut {value} ; OpenFisca donne "
    "un résultat qui dépend de l'ordre des demandes. L'explication porte sur la variable demandée seule."
)


def read_situation(content: bytes) -> Situation:
    """The situation in these bytes. Raises SituationError when they are not a JSON object in UTF-8."""
    if not content.strip():
        raise SituationError({"error": "Invalid JSON: le fichier est vide."})
    try:
        data: Any = json.loads(
            content.decode("utf-8-sig"), parse_constant=_no_constant, parse_float=_finite, parse_int=_small
        )
    except UnicodeDecodeError as error:
        raise SituationError({"error": f"Invalid JSON: le texte n'est pas en UTF-8 (octet {error.start})."}) from error
    except json.JSONDecodeError as error:
        where = f"ligne {error.lineno}, colonne {error.colno}"
        raise SituationError({"error": f"Invalid JSON: {error.msg} ({where})."}) from error
    except RecursionError as error:
        raise SituationError({"error": "Invalid JSON: trop de niveaux imbriqués."}) from error
    if not isinstance(data, dict):
        raise SituationError({"error": "Invalid type: must be of type 'Object'."})
    return data


def _bytes_of(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    path = Path(file)
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"Le fichier « {path} » n'existe pas.", file=path.name) from error
    except OSError as error:
        raise InvalidInput(f"Le fichier « {path} » ne peut pas être lu.", file=path.name) from error


def _no_constant(name: str) -> NoReturn:
    raise SituationError({"error": f"Invalid JSON: {name} n'est pas un nombre de JSON."})


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise SituationError({"error": "Invalid JSON: nombre trop grand."})
    return number


def _small(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise SituationError({"error": "Invalid JSON: nombre trop grand."})
    return int(text)


_MOST_DIGITS = 18
"""Digits of a whole number that a situation may hold: what the law computes with has 64 bits at most."""


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
