"""Aids of the département, of its Caf and of its towns, as declared tables: questions, then rules read in order.

An answer that is not known leaves the outcome unknown, unless every rule still possible says the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import ge, gt, le, lt
from typing import Any, Literal, get_args

from allervers.foundation.errors import InvalidInput, NotFound
from allervers.rights.catalogue import Grade, catalogue

Answer = bool | float | str
Verdict = Literal["open", "closed", "person"]
QuestionKind = Literal["yes_no", "number", "choice"]
AmountUnit = Literal["once", "month", "year"]

BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {"min": ge, "above": gt, "max": le, "below": lt}
"""Bounds of a number in a rule: `min` and `max` are within, `above` and `below` are not."""


@dataclass(frozen=True, slots=True)
class Question:
    """What must be known of the person or the household, in French."""

    id: str
    ask: str
    kind: QuestionKind
    choices: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """The choices in French, in the same order."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a table: what must hold, and what follows. `person`: someone must judge, no table can."""

    when: Mapping[str, Any]
    verdict: Verdict
    gives: str
    amount_eur: float | None = None
    per: AmountUnit | None = None


@dataclass(frozen=True, slots=True)
class LocalTable:
    """The declared rules of a local aid, with their source and the date at which they were so (None: not dated)."""

    right: str
    source: str
    grade: Grade
    questions: Mapping[str, Question]
    rules: tuple[Rule, ...]
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a table says of answers. `unknown`: `missing` are the questions to ask. Grade C: « à confirmer »."""

    verdict: Verdict | Literal["unknown"]
    gives: str
    amount_eur: float | None
    per: AmountUnit | None
    grade: Grade
    missing: tuple[str, ...] = ()


@cache
def local_tables() -> Mapping[str, LocalTable]:
    """Every declared table, by right. Raises InvalidInput for a wrong file."""
    folder = files("allervers.rights") / "local_tables"
    names = sorted(e.name.removesuffix(".toml") for e in folder.iterdir() if e.name.endswith(".toml"))
    return {name: read_table(name, (folder / f"{name}.toml").read_text("utf-8")) for name in names}


def outcome(right: str, answers: Mapping[str, Answer | None]) -> Outcome:
    """What the table of a right says of these answers; a question without answer is unknown, never « no ».

    Raises NotFound when the right has no table, InvalidInput for an unknown question or a wrong answer.
    """
    table = local_tables().get(right)
    if table is None:
        known = ", ".join(local_tables())
        raise NotFound(f"Aucune table déclarée pour « {right} ». Tables connues : {known}.", right=right)
    _refuse_answers(table, answers)
    possible: list[Rule] = []
    missing: dict[str, None] = {}
    for rule in table.rules:
        tests = {name: _holds(wanted, answers.get(name)) for name, wanted in rule.when.items()}
        if False in tests.values():
            continue
        possible.append(rule)
        unknown = [name for name, held in tests.items() if held is None]
        if not unknown:
            break
        missing |= dict.fromkeys(unknown)
    said = {(r.verdict, r.gives, r.amount_eur, r.per) for r in possible}
    if len(said) == 1:
        rule = possible[0]
        return Outcome(rule.verdict, rule.gives, rule.amount_eur, rule.per, table.grade)
    return Outcome("unknown", "Il manque des réponses.", None, None, table.grade, tuple(missing))


def read_table(name: str, text: str) -> LocalTable:
    """The table of a file. Raises InvalidInput, naming it, for a rule that asks what is no question."""
    try:
        data = tomllib.loads(text)
        questions = {key: _question(key, question) for key, question in data.pop("questions").items()}
        rules = tuple(Rule(**({"when": {}} | rule)) for rule in data.pop("rules"))
        table = LocalTable(**data, questions=questions, rules=rules)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise _wrong(name, f"la table est mal formée ({error})") from error
    if table.right != name or name not in catalogue():
        raise _wrong(name, f"le droit « {table.right} » n'est pas celui du fichier, ou n'existe pas")
    _refuse_table(table)
    return table


def _question(identifier: str, data: Mapping[str, Any]) -> Question:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    return Question(identifier, **values)


def _refuse_table(table: LocalTable) -> None:
    for question in table.questions.values():
        if question.kind not in get_args(QuestionKind):
            raise _wrong(table.right, f"question « {question.id} » : genre inconnu « {question.kind} »")
        if len(question.labels) != len(question.choices):
            raise _wrong(table.right, f"question « {question.id} » : un libellé (labels) par choix")
    for rule in table.rules:
        for name, wanted in rule.when.items():
            if name not in table.questions:
                raise _wrong(table.right, f"question inconnue « {name} »")
            bounds = set(wanted) if isinstance(wanted, dict) else set()
            if bounds - set(BOUNDS) or (bounds and table.questions[name].kind != "number"):
                raise _wrong(table.right, f"bornes inattendues pour « {name} »")
        if rule.verdict not in get_args(Verdict):
            raise _wrong(table.right, f"réponse inconnue « {rule.verdict} »")
    if not table.rules or table.rules[-1].when:
        raise _wrong(table.right, "la dernière règle doit valoir pour tous les autres cas")


def _holds(wanted: Any, answer: Answer | None) -> bool | None:
    """Whether an answer meets what a rule wants: a value, or bounds (see BOUNDS)."""
    if answer is None:
        return None
    if isinstance(wanted, dict):
        return all(BOUNDS[name](answer, bound) for name, bound in wanted.items())
    return bool(answer == wanted)


def _refuse_answers(table: LocalTable, answers: Mapping[str, Answer | None]) -> None:
    for name, answer in answers.items():
        question = table.questions.get(name)
        if question is None:
            raise InvalidInput(
                f"Question inconnue : « {name} ». Questions : {', '.join(table.questions)}.", right=table.right
            )
        number = isinstance(answer, int | float) and not isinstance(answer, bool)
        fits = {"yes_no": isinstance(answer, bool), "number": number, "choice": answer in question.choices}
        if answer is not None and not fits[question.kind]:
            raise InvalidInput(f"Réponse inattendue à « {name} » ({question.ask}).", right=table.right)


def _wrong(name: str, problem: str) -> InvalidInput:
    return InvalidInput(f"Table locale : {name}.toml : {problem}.", file=name)
