"""A page of questions, in words: its fields, filled with what was answered, or typed when something is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from allervers.apps.simulation.domain import shown_amount
from allervers.apps.simulation.forms import NOBODY, UNKNOWN, field_name
from allervers.apps.simulation.queries import as_text, month_in_words, name_of, options_of, sources_title, title_of
from allervers.rights.interview.answers import Answers, history, tax_years
from allervers.rights.interview.wording import ONE_VALUE, SOURCES, PageAsked, Subject, pages, sources, themes


@dataclass(frozen=True, slots=True)
class Choice:
    """A radio button or a box."""

    value: str
    label: str
    help: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """A field: its name, its label, what it holds, what is wrong with it."""

    name: str
    label: str
    value: str = ""
    error: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that answer one question. `kind`: radio, boxes, or text (one field, or one a period)."""

    legend: str
    kind: str
    inputs: tuple[Input, ...]
    help: str = ""


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A page of questions, in words."""

    asked: PageAsked
    title: str
    theme: str
    help: str
    groups: tuple[Group, ...]
    can_be_by_month: bool = False
    by_month: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filling:
    """What the fields hold: answers, or what was just typed with what is wrong in it, by name of field."""

    answers: Answers
    by_month: bool = False
    errors: Mapping[str, str] | None = None
    typed: Mapping[str, str] | None = None

    def error(self, name: str) -> str:
        """What is wrong with a field."""
        return (self.errors or {}).get(name, "")

    def shown(self, name: str, value: str) -> str:
        """What a field shows: what was typed, else this."""
        return (self.typed or {}).get(name, value)


def question_page(asked: PageAsked, rows: Iterable[str], filling: Filling) -> QuestionPage:
    """A page, filled with what was answered, or typed when something is wrong."""
    answers = filling.answers
    if asked.page == SOURCES:
        return _sources_page(asked, filling)
    of = [s for s in pages()[asked.page] if not s.source or answers.had(s.source, asked.row) is not False]
    first = pages()[asked.page][0]
    can_be = not first.together and not first.yearly and first.id not in ONE_VALUE
    by_month = can_be and (filling.by_month or any(isinstance(answers.value(s.id, asked.row), tuple) for s in of))
    groups: list[Group] = []
    for subject in of:
        groups += _groups(subject, list(rows), filling, by_month=by_month)
    helps = [subject.help for subject in of if subject.help]
    return QuestionPage(
        asked, title_of(first, asked.row, answers), _(themes()[first.theme]), _(helps[0]) if helps else "",
        tuple(groups), can_be, by_month,
    )  # fmt: skip


def _groups(subject: Subject, rows: list[str], filling: Filling, *, by_month: bool) -> list[Group]:
    month = filling.answers.month
    if subject.kind == "yes_no" and subject.together:
        return [_who(subject, rows, filling)]
    if subject.yearly:
        return [_periods(subject, row, filling, [str(year) for year in tax_years(month)]) for row in rows]
    if by_month:
        return [_periods(subject, row, filling, [str(one) for one in history(month)]) for row in rows]
    return [_one(subject, row, filling, is_alone=len(rows) == 1) for row in rows]


def _one(subject: Subject, row: str, filling: Filling, *, is_alone: bool) -> Group:
    answers = filling.answers
    name = field_name(subject.id, row)
    value = answers.value(subject.id, row)
    if isinstance(value, tuple):
        value = value[-1]
    is_unknown = answers.is_given(subject.id, row) and value is None
    legend = name_of(row, answers) if subject.together else ""
    if not subject.together and len(pages()[subject.page]) > 1:
        legend = title_of(subject, row, answers)
    if subject.id == "etablissement":
        legend = _("%(name)s : établissement") % {"name": legend}
    if subject.kind in ("amount", "years"):
        shown = filling.shown(name, "" if value is None else shown_amount(float(value)))
        return Group(legend, "text", (Input(name, _(subject.label), shown, filling.error(name)),))
    options = options_of(subject, answers.month)
    chosen = filling.shown(name, UNKNOWN if is_unknown else as_text(value))
    # Alone on its page, the button « je ne sais pas » is enough.
    unknown = [] if is_alone and not subject.together else [(UNKNOWN, _("Je ne sais pas"))]
    choices = tuple(Choice(v, label, is_chosen=v == chosen) for v, label in [*options, *unknown])
    return Group(legend, "radio", (Input(name, _(subject.label), chosen, filling.error(name), choices),))


def _periods(subject: Subject, row: str, filling: Filling, periods: list[str]) -> Group:
    answers = filling.answers
    inputs = []
    options = options_of(subject, answers.month) if subject.kind in ("choice", "yes_no") else []
    # The latest month first: it is the one that people know best.
    for position in reversed(range(len(periods))):
        name = field_name(subject.id, row, periods[position])
        value = answers.at(subject, row, position)
        shown = "" if value is None else shown_amount(value) if isinstance(value, float) else as_text(value)
        label = periods[position] if subject.yearly else month_in_words(periods[position])
        shown = filling.shown(name, shown)
        choices = tuple(Choice(v, text, is_chosen=v == shown) for v, text in [("", _("Je ne sais pas")), *options])
        inputs.append(Input(name, label, shown, filling.error(name), choices if options else ()))
    return Group(_(subject.label), "list" if options else "text", tuple(inputs))


def _who(subject: Subject, rows: list[str], filling: Filling) -> Group:
    answers = filling.answers
    known = [answers.value(subject.id, row) for row in rows]
    nobody = bool(known) and all(value is False for value in known)
    choices = [
        Choice(row, name_of(row, answers), is_chosen=value is True) for row, value in zip(rows, known, strict=True)
    ]
    choices.append(Choice(NOBODY, _("Personne"), is_chosen=nobody))
    return Group("", "boxes", (Input(subject.id, _(subject.label), "", filling.error(subject.id), tuple(choices)),))


def _sources_page(asked: PageAsked, filling: Filling) -> QuestionPage:
    answers = filling.answers
    ticked = answers.value(SOURCES, asked.row)
    held = ticked if isinstance(ticked, tuple) else ()
    choices = [Choice(s.id, _(s.label), _(s.help) if s.help else "", s.id in held) for s in sources().values()]
    none = Choice(NOBODY, _("Aucune de ces ressources"), is_chosen=isinstance(ticked, tuple) and not ticked)
    group = Group("", "boxes", (Input(SOURCES, "", "", filling.error(SOURCES), (*choices, none)),))
    return QuestionPage(
        asked, sources_title(asked.row, answers), _(themes()["ressources"]),
        _("Cochez tout ce qui a été reçu au moins une fois, sauf les aides de la Caf. Les montants viendront après."),
        (group,),
    )  # fmt: skip
