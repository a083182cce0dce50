"""`allervers questions`, `bounds` and `necessary`: what is still to be asked, and what is known already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import typer

from allervers.cli.law_choice import LawChoice
from allervers.cli.situation_input import (
    Between,
    Case,
    LawOption,
    Period,
    Rights,
    SituationFile,
    amount,
    labels_of,
    months,
    read_case,
)
from allervers.engine.bounds import HouseholdBounds, RowBounds
from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.domains import Cell, Range
from allervers.engine.enclosure.program import BoundsProgram
from allervers.engine.law import Wanted
from allervers.engine.necessary import Necessary, candidate_facts, necessary_inputs
from allervers.engine.program import Asked
from allervers.engine.questions import Interview, Ranked
from allervers.foundation.money import euros
from allervers.foundation.periods import Month, months_between
from allervers.population.inputs import HISTORY_MONTHS, INPUTS
from allervers.population.ranges import WORKING_AGE

AsJson = Annotated[bool, typer.Option("--json", help="Réponse en JSON.")]
MOST_EFFECTS = 3
"""Rights named beside a question."""


def questions_command(
    file: SituationFile,
    rights: Rights = "",
    period: Period = "2026-01",
    law: LawOption = LawChoice.CORRECTED,
    between: Between = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Nombre de questions affichées.")] = 5,
    by_month: Annotated[bool, typer.Option("--by-month", help="Nommer chaque mois encore utile.")] = False,
    as_json: AsJson = False,
) -> None:
    """Dire ce qu'il reste à demander : les inconnues qui peuvent changer un droit, la plus utile d'abord."""
    case = read_case(file, rights, period, law, between or ())
    interview = Interview(BoundsProgram(case.program), case.household.block, case.stated)
    ranked, still_open = interview.ranked(), interview.open_rights()
    if as_json:
        typer.echo(json.dumps([_as_json(case, one) for one in ranked[:most]], ensure_ascii=False, indent=2))
        return
    if not ranked:
        typer.echo("Aucune question : les droits demandés sont établis (« allervers bounds » les donne).")
        _tell_ranges(_unknown_ranges(case))
        return
    asked = _unknown_questions(interview)
    still = (
        f"{len(still_open)} droit{'s' if len(still_open) > 1 else ''} encore ouvert{'s' if len(still_open) > 1 else ''}"
    )
    typer.echo(f"{len(ranked)} question{'s utiles' if len(ranked) > 1 else ' utile'} sur {asked} inconnues ; {still}.")
    for number, one in enumerate(ranked[:most], 1):
        question = one.question
        label = case.program.variables[question.variable].label
        who = case.who(question.entity, question.row)
        when = ", ".join(question.periods) if by_month else months(question.periods)
        typer.echo(f"{number}. {label} ({question.variable}) : {who}, {when}")
        for effect in one.effects[:MOST_EFFECTS]:
            typer.echo(f"   change {case.label(effect.asked)} : jusqu'à {_effect(case, effect.asked, effect.amount)}")
        if not one.effects:
            typer.echo("   compte avec d'autres réponses, pas seule")
    _tell_ranges(_unknown_ranges(case))


def _unknown_questions(interview: Interview) -> int:
    cells = {(key.variable, int(row), len(key.period)) for key, one in interview.possible.items()
             for row in np.flatnonzero(one.is_open)}  # fmt: skip
    return len(cells)


def _effect(case: Case, asked: Asked, value: float) -> str:
    if case.law.variable(asked.variable).value_type == "bool":
        return "droit ouvert ou fermé"
    return "un montant sans limite connue" if value > 1e8 else euros(value)


def _tell_ranges(told: list[str]) -> None:
    if told:
        typer.echo(f"Étendues supposées (--between les change) : {' ; '.join(told)}.")


def _unknown_ranges(case: Case) -> list[str]:
    """The ranges of what is unknown in the situation, each once."""
    told: dict[str, None] = {}
    for (name, period), mask in sorted(case.household.block.unknown.items()):
        domain = case.stated.get((name, period)) or case.stated.get(name)
        if any(Cell(name, period, int(row)) in case.stated for row in np.flatnonzero(mask)):
            told[f"ni salaire, ni chômage, ni retraite avant {WORKING_AGE} ans"] = None
        still = any(Cell(name, period, int(row)) not in case.stated for row in np.flatnonzero(mask))
        if still and isinstance(domain, Range):
            by = "par an" if len(period) == 4 else "par mois"
            told[f"{name} de {amount(domain.low)} à {amount(domain.high)} {by}"] = None
    return list(told)


def _as_json(case: Case, one: Ranked) -> dict[str, Any]:
    question = one.question
    return {
        "variable": question.variable,
        "label": case.program.variables[question.variable].label,
        "entity": question.entity,
        "for": case.who(question.entity, question.row),
        "periods": list(question.periods),
        "score": round(one.score, 4),
        "changes": [
            {"right": e.asked.variable, "label": case.label(e.asked), "amount": round(e.amount, 2)} for e in one.effects
        ],
    }


def bounds_command(
    file: SituationFile,
    rights: Rights = "",
    period: Period = "2026-01",
    law: LawOption = LawChoice.CORRECTED,
    between: Between = None,
    as_json: AsJson = False,
) -> None:
    """Dire, quand des valeurs manquent, si chaque droit est impossible, possible ou certain, entre quels montants."""
    case = read_case(file, rights, period, law, between or ())
    found = HouseholdBounds(BoundsProgram(case.program), case.household.block, case.stated).rows()
    if as_json:
        typer.echo(json.dumps([_bounds_json(case, one) for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        entity = case.program.entities[one.asked]
        typer.echo(f"{case.label(one.asked)} ({one.asked.variable}, {case.who(entity, one.row)}) : {_told(case, one)}")
    _tell_ranges(_unknown_ranges(case))


def _told(case: Case, one: RowBounds) -> str:
    if one.low is None or one.high is None:
        return (
            "rien ne le borne avec ce qui est su : répondez à une question (allervers questions) ou resserrez --between"
        )
    if case.law.variable(one.asked.variable).value_type == "bool":
        return {"impossible": "non", "certain": "oui", "possible": "possible"}[one.verdict]
    if one.is_settled:
        return "impossible" if one.verdict == "impossible" else f"certain, {euros(one.low)}"
    ends = [f"{euros(value)} ({'atteint' if exact else 'borne sûre'})"
            for value, exact in ((one.low, one.low_is_exact), (one.high, one.high_is_exact))]  # fmt: skip
    return f"{one.verdict}, de {ends[0]} à {ends[1]}"


def _bounds_json(case: Case, one: RowBounds) -> dict[str, Any]:
    return {
        "right": one.asked.variable, "for": case.who(case.program.entities[one.asked], one.row), "verdict": one.verdict,
        "low": one.low, "high": one.high, "low_is_exact": one.low_is_exact, "high_is_exact": one.high_is_exact,
    }  # fmt: skip


def necessary_command(
    rights: Rights = "",
    period: Period = "2026-01",
    law: LawOption = LawChoice.CORRECTED,
    as_json: AsJson = False,
) -> None:
    """Dire le plus petit extrait à demander pour des droits : les colonnes dont ils dépendent, et elles seules."""
    month = Month.parse(period)
    compiled_law = CompiledLaw(law.value, law.changes)
    labels = labels_of(rights, compiled_law)
    facts = candidate_facts(_collected(month), compiled_law.variable)
    program = compiled_law.program(facts, [Wanted(name, str(month)) for name in labels])
    found = necessary_inputs(program)
    if as_json:
        typer.echo(json.dumps([_necessary_json(one) for one in found], ensure_ascii=False, indent=2))
        return
    columns = sum(len(one.periods) for one in found)
    typer.echo(f"{columns} colonnes nécessaires sur {len(facts.sources)} collectées, pour {len(labels)} droits.")
    for one in found:
        optional = " ; facultative (lue pour certains ménages seulement)" if one.is_optional else ""
        by = ", ".join(sorted({asked.variable for asked in one.needed_by}))
        typer.echo(f"{one.entity} · {one.variable} : {one.label} · {months(one.periods)}{optional}\n   pour {by}")


def _collected(month: Month) -> list[tuple[str, str]]:
    """Every column that AllerVers knows how to collect for this month."""
    periods: Mapping[str, list[str]] = {
        "once": ["ETERNITY"],
        "yearly": [str(month.year - 2), str(month.year - 1)],
        "monthly": [str(m) for m in months_between(month - (HISTORY_MONTHS - 1), month)],
    }
    return [(item.variable, period) for item in INPUTS for period in periods[item.rhythm]]


def _necessary_json(one: Necessary) -> dict[str, Any]:
    return {
        "variable": one.variable, "label": one.label, "entity": one.entity, "periods": list(one.periods),
        "optional": one.is_optional, "needed_by": {asked.variable: need for asked, need in one.needed_by.items()},
    }  # fmt: skip
