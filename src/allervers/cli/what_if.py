"""`allervers what-if`: one situation over many values of an input, as curves, with where rights start and stop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer

from allervers.cli.law_choice import Engine, LawChoice, engine_name
from allervers.cli.situation_input import (
    DISPOSABLE_INCOME,
    Case,
    LawOption,
    Period,
    Rights,
    SituationFile,
    amount,
    read_case,
)
from allervers.engine.births import by_births
from allervers.engine.block import Block
from allervers.engine.compiled_law import chosen_engine
from allervers.engine.what_if import Curves, Turn, Varied, completed, curves, turns
from allervers.foundation.errors import InvalidInput
from allervers.foundation.files import written_whole
from allervers.foundation.wording import counted

KINDS = {"start": "commence", "stop": "s'arrête", "jump": "saute"}


def what_if_command(
    file: SituationFile,
    name: Annotated[str, typer.Option("--input", help="Variable qui varie, par exemple salaire_de_base.")] = "",
    low: Annotated[float, typer.Option("--from", help="Première valeur.")] = 0.0,
    high: Annotated[float, typer.Option("--to", help="Dernière valeur.")] = 0.0,
    births: Annotated[
        int, typer.Option("--births", min=0, max=6, help="À la place : jusqu'à ce nombre de naissances, ce mois-là.")
    ] = 0,
    who: Annotated[
        str, typer.Option("--person", help="Identifiant de la personne ou du groupe ; le premier sinon.")
    ] = "",
    steps: Annotated[int, typer.Option("--steps", min=2, max=100_000, help="Nombre de valeurs.")] = 1_000,
    rights: Rights = "",
    period: Period = "2026-01",
    law: LawOption = LawChoice.CORRECTED,
    engine: Engine = None,
    default_unknown: Annotated[
        bool,
        typer.Option("--default-unknown", help="Inconnues : la valeur que la loi suppose (0, non) ; dit lesquelles."),
    ] = False,
    disposable: Annotated[
        bool,
        typer.Option(
            "--disposable-income/--no-disposable-income",
            help="Ajouter la courbe du revenu disponible du ménage, pour la dernière année donnée en entier.",
        ),
    ] = True,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Courbes dans un fichier .csv, .json ou .parquet.")
    ] = None,
) -> None:
    """Faire varier une entrée (salaire, loyer, heures…), ou le nombre d'enfants à naître, et suivre chaque droit."""
    _check(name, low, high, births, output)
    case = read_case(file, rights, period, law, disposable_with=name if disposable else "")
    block = _whole_block(case, default_unknown=default_unknown)
    runs = chosen_engine(engine_name(engine))
    if births:
        found = _by_births(case, block, who, births, runs)
        _tell_births(case, found)
    else:
        varied = [_varied(case, name, who)]
        found = curves(case.program, block, varied, np.linspace(low, high, steps), engine=runs)
        periods = len(varied[0].periods)
        over = counted(periods, "période", "périodes")
        typer.echo(f"{name} de {amount(low)} à {amount(high)}, {steps} valeurs, sur {over}.", err=True)
        _tell_turns(case, *turns(case.program, block, varied, found, engine=runs))
        _tell_disposable(case, found)
    if output is not None:
        _write(case, found, name or "naissances", output)


def _check(name: str, low: float, high: float, births: int, output: Path | None) -> None:
    if bool(name) == bool(births):
        raise InvalidInput("Donnez --input VARIABLE, ou --births N : l'un des deux.")
    if name and not low < high:
        raise InvalidInput("La première valeur doit être plus petite que la dernière : --from 0 --to 3000.")
    if output is not None and output.suffix not in (".csv", ".json", ".parquet"):
        raise InvalidInput("Format inconnu : donnez un fichier .csv, .json ou .parquet.")


def _whole_block(case: Case, *, default_unknown: bool) -> Block:
    """The household, complete: as it is given, or with the law's defaults, which are told. Raises InvalidInput."""
    unknown = _unknown_read(case)
    if not default_unknown:
        if unknown:
            raise InvalidInput(
                f"Une courbe demande une situation complète ; inconnues : {_listed(unknown)}. Complétez-les, répondez "
                "aux questions (allervers questions), ou dites --default-unknown."
            )
        return case.household.block
    _refuse_guesses(case, unknown)
    told = [f"{name} de {who} = {_default(case, name)}" for name, who in sorted(unknown)]
    typer.echo(f"Supposé par défaut : {' ; '.join(told) or 'rien'}.", err=True)
    return completed(case.household.block, lambda variable: case.law.variable(variable).default)[0]


def _unknown_read(case: Case) -> set[tuple[str, str]]:
    """What the rights asked read and the situation does not say: variable, and person or group."""
    found = set()
    for key, entity in case.program.inputs():
        mask = case.household.block.unknown.get((key.variable, key.period))
        for row in np.flatnonzero(mask) if mask is not None else ():
            found.add((key.variable, case.who(entity, int(row))))
    return found


def _refuse_guesses(case: Case, unknown: set[tuple[str, str]]) -> None:
    """A date or a text has no neutral value: somebody born in 1970 is not somebody of whom nothing is known."""
    guessed = {one for one in unknown if case.law.variable(one[0]).value_type in ("date", "str")}
    if guessed:
        raise InvalidInput(f"Rien ne permet de supposer : {_listed(guessed)}. Donnez-les dans la situation.")


def _listed(unknown: set[tuple[str, str]]) -> str:
    shown = [f"{name} de {who}" for name, who in sorted(unknown)]
    more = f" et {len(shown) - _SHOWN} autres" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


_SHOWN = 6
_YES = {True: "oui", False: "non"}


def _default(case: Case, name: str) -> str:
    variable = case.law.variable(name)
    if variable.value_type == "bool":
        return "oui" if variable.default else "non"
    return amount(float(variable.default)) if variable.value_type in ("float", "int") else str(variable.default)


def _by_births(case: Case, block: Block, who: str, births: int, engine: str) -> Curves:
    """Children born on the first day of the month asked; the rest of what is told of them is the law's default."""
    parent = case.household.row("individu", who) if who else 0
    if block.membership["famille"].role[parent] not in ("demandeur", "conjoint"):
        raise InvalidInput(
            f"« {case.who('individu', parent)} » n'est pas un parent de sa famille : choisissez --person."
        )
    names = {name for (name, _period), entity in block.entity_of.items() if entity == "individu"}
    given = {name: case.law.variable(name).default for name in names}
    given["date_naissance"] = f"{case.month}-01"
    return by_births(case.program, block, parent, range(births + 1), given, engine=engine)


def _tell_births(case: Case, found: Curves) -> None:
    for asked, result in found.results.items():
        for row in range(result.shape[1]):
            is_number = case.law.variable(asked.variable).value_type in ("float", "int")
            if result[:, row].any():
                who = case.who(case.program.entities[asked], row)
                told = zip(found.values, result[:, row], strict=True)
                amounts = ", ".join(
                    f"{int(count)} : {amount(value) if is_number else _YES[bool(value)]}" for count, value in told
                )
                typer.echo(f"{case.label(asked)} ({who}), naissances {amounts}")


def _varied(case: Case, name: str, who: str) -> Varied:
    variable = case.law.variable(name)
    if variable.value_type not in ("float", "int"):
        raise InvalidInput(f"« {name} » n'est pas un nombre : une courbe n'a pas de sens.", variable=name)
    row = case.household.row(variable.entity, who) if who else 0
    # Months or years: what is asked by month varies by month, the years of the same variable are other questions.
    periods = [p for (n, p) in case.household.block.columns if n == name]
    periods = [p for p in periods if len(p) != 4] or periods
    if not periods:
        numbers = {n for n, _ in case.household.block.columns if case.law.variable(n).value_type in ("float", "int")}
        raise InvalidInput(
            f"La situation ne donne pas « {name} ». Elle donne ces nombres : {', '.join(sorted(numbers)) or 'aucun'}.",
            variable=name,
        )
    return Varied(name, row, tuple(sorted(periods)))


def _tell_turns(case: Case, told: list[Turn], left_out: int) -> None:
    # The disposable income moves with every right: its own jumps would only repeat theirs.
    rights = [turn for turn in told if turn.asked.variable != DISPOSABLE_INCOME]
    for turn in rights:
        typer.echo(_told(case, turn))
    if not rights:
        typer.echo("Aucun droit ne commence, ne s'arrête ni ne saute entre ces valeurs.")
    if left_out:
        typer.echo(f"… et {left_out} autres sauts, dans les courbes (-o FICHIER).")


def _tell_disposable(case: Case, found: Curves) -> None:
    """The disposable income at both ends."""
    for asked, result in found.results.items():
        if asked.variable == DISPOSABLE_INCOME:
            first, last = float(result[0, 0]), float(result[-1, 0])
            typer.echo(f"{case.label(asked)} : de {amount(first)} à {amount(last)} euros par an.")


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
