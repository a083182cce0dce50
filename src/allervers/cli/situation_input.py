"""What the commands on one situation share: reading it, naming the rights, the program, the stated ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import typer

from allervers.cli.law_choice import HELP, LawChoice
from allervers.cli.simulate import _bytes_of, _text, read_situation
from allervers.engine.block import Block, Column
from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.domains import Cell, Domain, Domains, Range
from allervers.engine.law import Wanted
from allervers.engine.necessary import candidate_facts
from allervers.engine.program import Asked, Program
from allervers.engine.situation import Situation, SituationError
from allervers.engine.situation_block import SituationBlock, situation_block
from allervers.foundation.errors import EXIT_STATUS, InvalidInput
from allervers.foundation.periods import Month
from allervers.population.inputs import INPUTS
from allervers.population.ranges import stated_ranges
from allervers.rights.catalogue import catalogue, computed_rights

SituationFile = Annotated[
    str, typer.Argument(metavar="SITUATION.json", help="Situation OpenFisca ; « - » : entrée standard.")
]
Rights = Annotated[
    str,
    typer.Option("--rights", help="Droits du catalogue ou variables, séparés par des virgules (rsa,ppa) ; tous sinon."),
]
Period = Annotated[str, typer.Option("--period", help="Mois calculé, par exemple 2026-01.")]
LawOption = Annotated[LawChoice, typer.Option("--law", help=HELP)]
Between = Annotated[
    list[str] | None,
    typer.Option("--between", help="Étendue d'une inconnue : loyer=0:900 (répétable). Les autres sont affichées."),
]


@dataclass(frozen=True, slots=True)
class Case:
    """A situation ready to be asked about. `labels`: output -> French name of the right."""

    law: CompiledLaw
    household: SituationBlock
    program: Program
    labels: Mapping[str, str]
    stated: Domains
    month: Month

    def label(self, asked: Asked) -> str:
        """Name of a right."""
        return self.labels[asked.variable]

    def who(self, entity: str, row: int) -> str:
        """Identifier of a row of an entity."""
        return self.household.identifiers[entity][row]


DISPOSABLE_INCOME = "revenu_disponible"
_COLLECTED = frozenset(item.variable for item in INPUTS)
_LAWS = {
    LawChoice.CORRECTED: "Loi : OpenFisca-France et le registre des corrections (--law openfisca : sans lui).",
    LawChoice.OPENFISCA: "Loi : OpenFisca-France telle quelle (--law corrected : avec le registre des corrections).",
}


def read_case(
    file: str, rights: str, period: str, law: LawChoice, between: Sequence[str] = (), disposable_with: str = ""
) -> Case:
    """The case of a command. A situation that is refused is told whole, with its place, and ends the command.

    `disposable_with`: an input; the disposable income of the last year that the situation gives it for is asked too.
    """
    month = Month.parse(period)
    compiled_law = CompiledLaw(law.value, law.changes)
    labels = labels_of(rights, compiled_law)
    try:
        situation = read_situation(_bytes_of(file))
        asked = _asked_of_the_law(situation, compiled_law)
        household = situation_block(situation, compiled_law.variable, {*labels, *asked})
    except SituationError as error:
        typer.echo(_text(error.report))
        raise typer.Exit(EXIT_STATUS["invalid_input"]) from error
    block = household.block
    wanted = [Wanted(name, str(month)) for name in labels]
    year = last_whole_year(block.columns, disposable_with)
    if disposable_with and year and DISPOSABLE_INCOME not in labels:
        labels[DISPOSABLE_INCOME] = f"{compiled_law.variable(DISPOSABLE_INCOME).label} ({year})"
        wanted.append(Wanted(DISPOSABLE_INCOME, year))
    # Only which columns exist: one stored program serves every situation that has them.
    program = compiled_law.program(candidate_facts(block.columns, compiled_law.variable), wanted)
    towns = [str(town) for (name, p), values in block.columns.items() if name == "depcom"
             for town, is_missing in zip(values, block.unknown.get((name, p), [False] * len(values)), strict=True)
             if not is_missing]  # fmt: skip
    last_birth = date.fromisoformat(f"{month}-01")
    stated = stated_ranges(block.columns, towns=towns, last_birth=last_birth, births=_births(block))
    for name, domain in map(_range, between):
        compiled_law.variable(name)
        if not any(given == name for given, _period in block.columns):
            raise InvalidInput(f"La situation n'a pas « {name} » : son étendue ne servirait à rien.", variable=name)
        stated = {key: one for key, one in stated.items() if not (isinstance(key, Cell) and key.variable == name)}
        stated[name] = domain
    typer.echo(_LAWS[law], err=True)
    if left := sorted(asked - labels.keys()):
        typer.echo(f"Nulles laissées à la loi, qui les calcule : {', '.join(left)}.", err=True)
    return Case(compiled_law, household, program, labels, stated, month)


def _births(block: Block) -> list[date | None]:
    """The date of birth of each person, where it is known."""
    column = ("date_naissance", "ETERNITY")
    values, mask = block.columns.get(column), block.unknown.get(column)
    if values is None:
        return [None] * block.persons
    return [None if mask is not None and mask[row] else value for row, value in enumerate(values.tolist())]


def _asked_of_the_law(situation: Situation, law: CompiledLaw) -> set[str]:
    """Variables that are null wherever the situation names them, that the law computes and that nobody collects: such
    a null asks for the result, as it does in `simulate`."""
    given: dict[str, bool] = {}
    for instances in situation.values():
        for instance in instances.values() if isinstance(instances, dict) else ():
            for name, values in instance.items() if isinstance(instance, dict) else ():
                if isinstance(values, dict):
                    given[name] = given.get(name, False) or any(value is not None for value in values.values())
    known = law.names()
    return {
        name for name, is_given in given.items()
        if not is_given and name in known and name not in _COLLECTED and law.variable(name).is_computed
    }  # fmt: skip


def last_whole_year(columns: Iterable[Column], name: str) -> str:
    """The last year whose twelve months (or the year itself) are given for an input; empty when there is none."""
    periods = {period for given, period in columns if given == name}
    years = {period[:4] for period in periods if period[:4].isdigit()}
    whole = [y for y in years if y in periods or all(f"{y}-{m:02d}" in periods for m in range(1, 13))]
    return max(whole, default="")


def labels_of(rights: str, law: CompiledLaw) -> dict[str, str]:
    """Output -> French name, for rights of the catalogue or variables of the law; every computed right when empty."""
    named = {right.id: right for right in catalogue().values() if right.computation is not None}
    names = [name.strip() for name in rights.split(",") if name.strip()] or [r.id for r in computed_rights()]
    found = {}
    for name in names:
        computation = named[name].computation if name in named else None
        if computation is not None:
            found[computation.output] = named[name].label
        else:
            found[name] = law.variable(name).label
    return found


def _range(text: str) -> tuple[str, Domain]:
    name, equal, ends = text.partition("=")
    low, colon, high = ends.partition(":")
    try:
        if equal and colon:
            return name.strip(), Range(float(low), float(high))
    except ValueError:
        pass
    raise InvalidInput(f"Étendue illisible : « {text} ». Exemple attendu : --between loyer=0:900.")


def amount(value: float) -> str:
    """An amount as it is written in French: 1 234,50."""
    whole = abs(value - round(value)) < 0.005
    return (f"{value:,.0f}" if whole else f"{value:,.2f}").replace(",", " ").replace(".", ",")


def months(periods: Sequence[str]) -> str:
    """The periods of a question in a few words."""
    if periods == ("ETERNITY",):
        return "une fois pour toutes"
    if len(periods[0]) == 4:
        return f"pour {', '.join(periods)}"
    if len(periods) == 1:
        return f"pour {periods[0]}"
    return f"{len(periods)} mois, de {periods[0]} à {periods[-1]}"
