"""The rights of an interview as they stand: the question to ask, the panel beside it, what the last answer changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from allervers.apps.casework.domain import TOLD
from allervers.apps.casework.interview import Change, Interview, Told
from allervers.apps.partnership.models import Organisation
from allervers.apps.people.domain import GROUP_LABELS
from allervers.apps.simulation import queries
from allervers.apps.simulation.cards import Short, Summary, amount_of, summary
from allervers.apps.simulation.questions_shown import Filling, QuestionPage, question_page
from allervers.foundation.errors import InvalidInput
from allervers.rights.interview.answers import Answers, Given, is_of_another, key
from allervers.rights.interview.conversation import Step, conversation
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.interview.results import Result, results_of
from allervers.rights.interview.wording import EVERYBODY, SOURCES, PageAsked, Subject, pages, subjects

VERDICTS = {"yes": "oui", "check": "à vérifier", "no": "non"}
_SAID_BY_ANOTHER = {"sejour": "nationalite", "protection": "nationalite", "restriction": "handicap"}
"""Subjects without interest when another says so: not shown when they are zero or false."""


@dataclass(frozen=True, slots=True)
class Live:
    """What the page shows of the rights. `left`: pages that can still change a right, with their titles."""

    step: Step
    summary: Summary
    left: tuple[tuple[PageAsked, str], ...]
    interview: Interview
    """The same interview, with the results as they now stand."""
    ahead: tuple[tuple[PageAsked, tuple[str, ...]], ...] = ()
    """The pages left and the persons that each is about: what can be answered without the server."""


def lived(law: LiveLaw, interview: Interview, *, is_answer: bool = False, with_ahead: bool = False) -> Live:
    """Work out the rights. `is_answer`: an answer has just come: tell what it changed."""
    answers = whole(interview)
    with conversation(law, answers) as known:
        step = known.step(interview.theme)
        results = results_of(known)
        shown = summary(results, known)
        left = known.open_pages()
        ahead = tuple((page, tuple(known.rows_of(page))) for page in left) if with_ahead else ()
    now = {_name(one): Told(_label(one, answers), one.verdict, amount_of(one)) for one in results}
    changes = _changes(interview.results, now) if is_answer else interview.changes
    titles = tuple((page, title_of(page, answers)) for page in left)
    return Live(step, shown, titles, replace(interview, results=now, changes=changes), ahead)


def whole(interview: Interview) -> Answers:
    """The answers. Raises InvalidInput while the household is not confirmed."""
    if interview.answers is None:
        raise InvalidInput("Confirmez d'abord qui vit au foyer.")
    return interview.answers


def _name(one: Result) -> str:
    return f"{one.right.id}:{one.who}"


def _label(one: Result, answers: Answers) -> str:
    who = queries.name_of(one.who, answers)
    return f"{one.right.label} ({who})" if who else one.right.label


def _changes(before: Mapping[str, Told], now: Mapping[str, Told]) -> tuple[Change, ...]:
    """What is not as it was. A result that was not shown, or is not any more, was and is « non »."""
    if not before:
        return ()
    found = []
    for name in dict.fromkeys([*now, *before]):
        old, new = before.get(name), now.get(name)
        said = (_words(old), _words(new))
        label = (new or old or Told("", "", "")).label
        if said[0] != said[1]:
            found.append(Change(label, *said))
    return tuple(found)


def _words(told: Told | None) -> str:
    if told is None or told.verdict == "no":
        return VERDICTS["no"]
    return f"{VERDICTS[told.verdict]}, {told.words}" if told.words else VERDICTS[told.verdict]


def title_of(page: PageAsked, answers: Answers) -> str:
    """The title of a page of questions."""
    if page.page == SOURCES:
        return queries.sources_title(page.row, answers)
    return queries.title_of(pages()[page.page][0], page.row, answers)


@dataclass(frozen=True, slots=True)
class Held:
    """A right open or to check, for whom: a family, or a person. `row`: of the household; `whose`: in words, "" where
    only one may have it; `unit`: as the files of partners have it, else a mark of the births that were told.
    """

    right: str
    short: Short
    row: str
    unit: str
    whose: str

    @property
    def name(self) -> str:
        """Of its fields in a form."""
        return f"{self.right}-{self.row}" if self.whose else self.right


def of_families(law: LiveLaw, interview: Interview, household: str) -> list[Held]:
    """The rights open or to check of the family whose turn it is, then of those that answered before."""
    answers = whole(interview)
    waiting = {int(row[1:]) for name in answers.given if is_of_another(row := name.partition(":")[2])}
    found: list[Held] = []
    for number in [0, *sorted(n for n in waiting if n < answers.household.families)]:
        seen = answers.seen_by(number)
        with conversation(law, seen) as known:
            told = summary(results_of(known), known)
        found += [
            _held(short, seen, interview, household)
            for short in (*told.yes, *told.check, *(one for one in told.no if one.later))
        ]
    several = answers.household.families > 1
    bearers = Counter(one.right for one in found)
    marks = Counter((one.right, one.unit) for one in found)
    found = [
        # Born on one day: their names tell them apart.
        replace(one, unit=_mark_of(one.unit + one.whose)) if marks[one.right, one.unit] > 1 else one
        for one in found
    ]
    found.sort(key=lambda one: list(bearers).index(one.right))  # those of one right follow each other
    return [one if several or bearers[one.right] > 1 else replace(one, whose="") for one in found]


def _held(short: Short, answers: Answers, interview: Interview, household: str) -> Held:
    first = answers.household.family(0)[0].id
    row = short.result.who or first
    whose = queries.name_of(row, answers) if short.result.who else queries.who_is_in(answers, 0)
    person, family = interview.units.get(row, ("", ""))
    computed = short.result.right.computation
    unit = {"individu": person, "famille": family, "menage": household}.get(computed.entity if computed else "", "")
    concerned = [p for p in answers.household.family(0) if (p.id == row if short.result.who else p.role != "child")]
    births = sorted(str(p.born or p.name.casefold()) for p in concerned)
    return Held(short.result.right.id, short, row, unit or _mark_of(" ".join(births)), whose)


def _mark_of(told: str) -> str:
    """What tells apart those whom no file knows, from one interview to the next: it tells nothing of them."""
    return f"{TOLD}{salted_hmac('casework.whose', told).hexdigest()[:24]}"


# --- questions ---


def names_of(asked: PageAsked, rows: Iterable[str]) -> list[str]:
    """Names of the answers of a page."""
    if asked.page == SOURCES:
        return [key(SOURCES, asked.row)]
    return [key(subject.id, row) for subject in pages()[asked.page] for row in rows]


def shown_question(
    interview: Interview, asked: PageAsked, rows: Iterable[str], *, by_month: bool = False,
    errors: Mapping[str, str] | None = None, typed: Mapping[str, str] | None = None,
) -> QuestionPage:  # fmt: skip
    """A page of questions, filled with what was said, else with what partners give."""
    answers, rows = whole(interview), list(rows)
    partial: dict[str, Given] = {}
    if interview.given is not None:
        wanted = set(names_of(asked, rows)) - set(answers.given)
        partial = {name: value for name, value in interview.given.partial.items() if name in wanted}
    filled = replace(answers, given={**answers.given, **partial})
    return question_page(asked, rows, Filling(filled, by_month, errors or {}, typed or {}))


def rows_of(law: LiveLaw, interview: Interview, asked: PageAsked, sent: Iterable[str]) -> list[str]:
    """The persons of a page: those that the form shows, else those concerned now."""
    answers = whole(interview)
    if asked.row != EVERYBODY:
        return [asked.row]
    known = [person.id for person in answers.household.persons]
    shown = set(sent)
    if shown:
        return [row for row in known if row in shown]
    with conversation(law, answers) as found:
        return found.rows_of(asked) or known


# --- what partners gave ---


@dataclass(frozen=True, slots=True)
class Datum:
    """Something that a partner gave. `said`: what the person says; `datum`: what the partner says, in words."""

    name: str
    asked: PageAsked | None
    title: str
    said: str
    datum: str
    source: str
    group: str
    partner: str
    on: date | None
    is_asked: bool = False
    """Whether its correction was asked for."""


def data_to_confirm(interview: Interview, names: Mapping[str, str]) -> list[Datum]:
    """What partners gave and nobody confirmed, without what another answer makes pointless.

    `names`: see `organisations`.
    """
    return [_datum(interview, name, names) for name in interview.to_confirm() if not _is_pointless(interview, name)]


def differences(interview: Interview, names: Mapping[str, str], asked: Container[tuple[str, str]] = ()) -> list[Datum]:
    """What the person says otherwise than a partner. `asked`: (group, partner) of the corrections asked for."""
    found = [_datum(interview, name, names) for name in interview.corrections()]
    return [replace(one, is_asked=(one.group, one.partner) in asked) for one in found]


def sources_of(interview: Interview, names: Mapping[str, str], wanted: Iterable[str]) -> list[Datum]:
    """What partners say of these answers."""
    return [_datum(interview, name, names) for name in wanted if interview.datum(name) is not None]


def organisations() -> dict[str, str]:
    """Code -> name."""
    return dict(Organisation.objects.values_list("code", "name"))


def _is_pointless(interview: Interview, name: str) -> bool:
    subject = name.partition(":")[0]
    return subject in _SAID_BY_ANOTHER and not interview.datum(name)


def _people(count: int) -> str:
    return ngettext("%(n)d personne", "%(n)d personnes", count) % {"n": count}


def _datum(interview: Interview, name: str, names: Mapping[str, str]) -> Datum:
    provided = interview.provided[name]
    partner = provided.partner or ""
    answers = whole(interview)
    subject, _, row = name.partition(":")
    source = names.get(partner, partner)
    if not row:
        before = interview.given.answers.household if interview.given is not None else answers.household
        said, datum = (_people(len(one.persons)) for one in (answers.household, before))
        return Datum(name, None, "Qui vit au foyer", said, datum, source, provided.group, partner, provided.on)
    asked = PageAsked(SOURCES, row) if subject == SOURCES else _page_of(subject, row)
    # A page may ask several things: the title of this one.
    title = title_of(asked, answers) if subject == SOURCES else _own_title(subjects()[subject], asked.row, answers)
    who = queries.name_of(row, answers)
    if subject != SOURCES and (subjects()[subject].together or not who):
        title = f"{title} {who}".strip()
    said, datum = (
        _in_words(answers, subject, answers.given.get(name)),
        _in_words(answers, subject, interview.datum(name)),
    )
    return Datum(name, asked, title, said, datum, source, provided.group, partner, provided.on)


def _own_title(subject: Subject, row: str, answers: Answers) -> str:
    title = queries.title_of(subject, row, answers)
    return f"{title} {subject.label}" if subject.yearly else title


def _page_of(subject: str, row: str) -> PageAsked:
    one = subjects()[subject]
    return PageAsked(one.page, EVERYBODY if one.together else row)


def _in_words(answers: Answers, subject: str, value: Given) -> str:
    if subject == SOURCES:
        return queries.told_sources(value)
    return queries.said(subjects()[subject], value, answers.month)


def group_label(group: str) -> str:
    """Name of a group of data."""
    return GROUP_LABELS.get(group, group)


def unsaid(answers: Answers, themes: Iterable[queries.ThemeTold]) -> list[tuple[PageAsked, str]]:
    """Answers « je ne sais pas », of all that was told: the page of each, with its title."""
    found: dict[PageAsked, str] = {}
    for theme in themes:
        for told in theme.told:
            if any(name in answers.given and answers.given[name] is None for name in told.names):
                found.setdefault(told.asked, told.title)
    return list(found.items())
