"""`allervers what-if`: one situation over many values of an input, as curves, with where rights start and stop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer

from allervers.cli.law_choice import Engine, LawChoice, engine_name
from allervers.cli.situation_input import Case, LawOption, Period, Rights, SituationFile, amount, read_case
from allervers.engine.compiled_law import chosen_engine
from allervers.engine.what_if import Curves, Turn, Varied, curves, turns
from allervers.foundation.errors import InvalidInput
from allervers.foundation.files import written_whole

KINDS = {"start": "commence", "stop": "s'arrête", "jump": "saute"}


def what_if_command(
    file: SituationFile,
    name: Annotated[str, typer.Option("--input", help="Variable qui varie, par exemple salaire_de_base.")],
    low: Annotated[float, typer.Option("--from", help="Première valeur.")],
    high: Annotated[float, typer.Option("--to", help="Dernière valeur.")],
    who: Annotated[
        str, typer.Option("--person", help="Identifiant de la personne ou du groupe ; le premier sinon.")
    ] = "",
    steps: Annotated[int, typer.Option("--steps", min=2, max=100_000, help="Nombre de valeurs.")] = 1_000,
    rights: Rights = "",
    period: Period = "2026-01",
    law: LawOption = LawChoice.CORRECTED,
    engine: Engine = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Courbes dans un fichier .csv, .json ou .parquet.")
    ] = None,
) -> None:
    """Faire varier une entrée (salaire, loyer, heures…) et suivre chaque droit ; tous les mois varient ensemble."""
    if not low < high:
        raise InvalidInput("La première valeur doit être plus petite que la dernière : --from 0 --to 3000.")
    if output is not None and output.suffix not in (".csv", ".json", ".parquet"):
        raise InvalidInput("Format inconnu : donnez un fichier .csv, .json ou .parquet.")
    case = read_case(file, rights, period, law)
    varied = [_varied(case, name, who)]
    runs = chosen_engine(engine_name(engine))
    values = np.linspace(low, high, steps)
    found = curves(case.program, case.household.block, varied, values, engine=runs)
    told = turns(case.program, case.household.block, varied, found, engine=runs)
    if output is not None:
        _write(case, found, name, output)
    months = len(varied[0].periods)
    typer.echo(f"{name} de {amount(low)} à {amount(high)}, {steps} valeurs, sur {months} période(s).", err=True)
    for turn in told:
        typer.echo(_told(case, turn))
    if not told:
        typer.echo("Aucun droit ne commence, ne s'arrête ni ne saute entre ces valeurs.")


def _varied(case: Case, name: str, who: str) -> Varied:
    variable = case.law.variable(name)
    row = case.household.row(variable.entity, who) if who else 0
    # Months or years: what is asked by month varies by month, the years of the same variable are other questions.
    periods = [p for (n, p) in case.household.block.columns if n == name]
    periods = [p for p in periods if len(p) != 4] or periods
    if not periods:
        raise InvalidInput(
            f"La situation ne donne pas « {name} » : ajoutez-la, à n'importe quelle valeur.", variable=name
        )
    return Varied(name, row, tuple(sorted(periods)))


def _told(case: Case, turn: Turn) -> str:
    who = case.who(case.program.entities[turn.asked], turn.row)
    change = f"de {amount(turn.before)} à {amount(turn.after)}"
    place = f"à {amount(turn.at)} (à {amount(turn.within)} près)"
    return f"{case.label(turn.asked)} ({who}) {KINDS[turn.kind]} {place} : {change}"


def _write(case: Case, found: Curves, name: str, output: Path) -> None:
    columns = {name: found.values}
    for asked, result in found.results.items():
        entity = case.program.entities[asked]
        for row in range(result.shape[1]):
            columns[f"{asked.variable}@{asked.period} {case.who(entity, row)}"] = result[:, row]
    with written_whole(output) as temporary:
        if output.suffix == ".json":
            temporary.write_text(
                json.dumps({key: array.tolist() for key, array in columns.items()}, ensure_ascii=False), "utf-8"
            )
        elif output.suffix == ".csv":
            pl.DataFrame(columns).write_csv(temporary)
        else:
            pl.DataFrame(columns).write_parquet(temporary)
