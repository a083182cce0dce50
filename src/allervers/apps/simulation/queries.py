"""What the pages of the simulator read: the law of this process, questions in words, what was answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from allervers.apps.partnership.labels import in_order
from allervers.apps.simulation.domain import shown_amount
from allervers.apps.simulation.names import PARTNER, called, in_words, names_of
from allervers.foundation.errors import NotFound
from allervers.foundation.french import with_name
from allervers.foundation.money import NARROW_SPACE, euros
from allervers.foundation.periods import Month
from allervers.rights.catalogue import catalogue
from allervers.rights.interview.answers import DWELLING, FAMILY, Answers, Given, Value, is_of_another, key, tax_years
from allervers.rights.interview.doubts import doubts
from allervers.rights.interview.explaining import warm
from allervers.rights.interview.household import Person
from allervers.rights.interview.live_law import LiveLaw, Loading, law_of_month
from allervers.rights.interview.wording import EVERYBODY, OF_FAMILY, SOURCES, PageAsked, Subject, pages, sources, themes
from allervers.territory.communes import Commune, communes, vintage_in_force


@dataclass(frozen=True, slots=True)
class Told:
    """An answer in the list of what was said."""

    asked: PageAsked
    title: str
    answer: str
    names: tuple[str, ...] = ()
    """Of the answers that it tells (see `answers.key`)."""


@dataclass(frozen=True, slots=True)
class ThemeTold:
    """The answers of a theme."""

    label: str
    told: list[Told] = field(default_factory=list)


@cache
def loading() -> Loading:
    """The law of this process of the server: nothing is loaded until somebody starts a simulation."""
    return Loading(lambda month: law_of_month(month, tuple(c.code for c in towns(month))), then=warm)


def live_law(month: Month) -> LiveLaw | None:
    """The law of a month; None while it loads beside the requests."""
    return loading().ready(month)


@cache
def towns(month: Month) -> tuple[Commune, ...]:
    """Communes where one may live, in alphabetical order."""
    departement = settings.ALLERVERS.departement
    found = communes(departement, vintage_in_force(departement, month))
    return tuple(sorted(found, key=lambda commune: in_order(commune.nom)))


def page_asked(answers: Answers, page: str, row: str) -> PageAsked:
    """The page of an address. Raises NotFound when it is about nobody of the household."""
    persons = {p.id for p in answers.household.persons}
    if page == SOURCES and row in persons:
        return PageAsked(page, row)
    of = pages().get(page)
    if of is None:
        raise NotFound("Cette question n'existe pas.")
    about_persons = of[0].theme != "logement" and of[0].id not in OF_FAMILY
    rows = {EVERYBODY} if of[0].together else persons if about_persons else {DWELLING, FAMILY}
    if row not in rows:
        raise NotFound("Cette question n'est pour personne de votre foyer.")
    return PageAsked(page, row)


def title_of(subject: Subject, row: str, answers: Answers) -> str:
    """The question, to the person who answers or about somebody else."""
    name = name_of(row, answers)
    first = answers.household.family(0)[0]
    if row == first.id and subject.title_you != subject.title:
        return _unbroken(_(subject.title_you))
    return _unbroken(_about(_(subject.title), name) if name else _(subject.title))


def _about(title: str, name: str) -> str:
    """A question about somebody: « Votre conjoint(e) » is small inside."""
    is_inside = name == called(PARTNER) and not title.startswith("{name}")
    return with_name(title, f"{name[:1].lower()}{name[1:]}" if is_inside else name)


def _unbroken(title: str) -> str:
    """A French question whose mark stays on the line of its last word."""
    return title.replace(" ?", f"{NARROW_SPACE}?")


def name_of(row: str, answers: Answers) -> str:
    """What a person is called; "" for the dwelling, the family, everybody."""
    return names_of(answers).get(row, "")


def sources_title(row: str, answers: Answers) -> str:
    """The question of the page of sources."""
    since = month_in_words(f"{tax_years(answers.month)[0]}-01")
    if row == answers.household.family(0)[0].id:
        return _unbroken(_("Qu'avez-vous reçu depuis %(since)s ?") % {"since": since})
    told = _about(_("Qu'a reçu {name} depuis {since} ?"), name_of(row, answers)).replace("{since}", since)
    return _unbroken(told)


def labels_of(rights: Iterable[str]) -> tuple[str, ...]:
    """Names of rights."""
    return tuple(_(catalogue()[name].label) for name in rights if name in catalogue())


def month_in_words(month: str) -> str:
    """A month as it is read: novembre 2026."""
    return date_format(Month.parse(month).first_day, "F Y")


def other_families(answers: Answers) -> list[tuple[int, str]]:
    """The other families of the household: number, and who is in it."""
    return [(number, who_is_in(answers, number)) for number in range(1, answers.household.families)]


def whose(answers: Answers) -> str:
    """The family whose rights these are, where several live together; "" for a family alone."""
    return who_is_in(answers, 0) if answers.household.families > 1 else ""


def is_homeless(answers: Answers) -> bool:
    """Whether the household has no stable home: an address is asked for before any right."""
    return answers.value("occupation", DWELLING) == "sans_domicile"


def who_is_in(answers: Answers, number: int) -> str:
    """The names of a family."""
    return in_words(answers.household.family(number), answers)


# --- what was said ---


def told(answers: Answers, *, family_alone: bool = False) -> list[ThemeTold]:
    """Every answer given, by theme, each with its address. `family_alone`: not those about others."""
    found = {name: ThemeTold(_(label)) for name, label in themes().items()}
    seen: set[PageAsked] = set()
    others = {p.id for p in answers.household.persons if p.family != 0}
    for name, value in answers.given.items():
        subject_id, _sep, row = name.partition(":")
        if is_of_another(row) or (family_alone and row in others):
            continue
        if subject_id == SOURCES:
            asked = PageAsked(SOURCES, row)
            found["ressources"].told.append(Told(asked, sources_title(row, answers), told_sources(value), (name,)))
            continue
        subject = next(s for of in pages().values() for s in of if s.id == subject_id)
        if subject.page == "sejour" and answers.value("nationalite", row) == "FR":
            continue
        asked = PageAsked(subject.page, EVERYBODY if subject.together else row)
        if subject.together and asked in seen and subject.kind == "yes_no":
            continue
        if subject.source and answers.had(subject.source, row) is False:
            continue
        seen.add(asked)
        if subject.kind == "yes_no" and subject.together:
            persons = answers.household.family(0) if family_alone else answers.household.persons
            names = tuple(key(subject.id, p.id) for p in persons if answers.is_given(subject.id, p.id))
            found[subject.theme].told.append(Told(asked, _(subject.title), _told_who(subject, answers, persons), names))
            continue
        title = title_of(subject, row, answers)
        who = f"{name_of(row, answers)} : " if subject.together else ""
        label = f"{_(subject.label)} : " if subject.yearly else ""
        words = who + label + said(subject, value, answers.month)
        found[subject.theme].told.append(Told(asked, title, words, (name,)))
    return [theme for theme in found.values() if theme.told]


def doubts_told(answers: Answers) -> list[Told]:
    """Answers that do not go together, in words, each with the page to read again."""
    values = [(one, {name: called(value) if name == "name" else value for name, value in one.values.items()})
              for one in doubts(answers)]  # fmt: skip
    return [Told(one.page, _(one.words).format(**shown), "") for one, shown in values]


def told_sources(value: Given) -> str:
    """Kinds of income in words."""
    if not isinstance(value, tuple):
        return _("Je ne sais pas")
    return ", ".join(_(sources()[str(name)].label) for name in value) or _("Aucune de ces ressources")


def _told_who(subject: Subject, answers: Answers, persons: Iterable[Person]) -> str:
    values = {p.id: answers.value(subject.id, p.id) for p in persons if answers.is_given(subject.id, p.id)}
    if any(value is None for value in values.values()):
        return _("Je ne sais pas")
    return ", ".join(name_of(row, answers) for row, value in values.items() if value is True) or _("Personne")


def said(subject: Subject, value: Given, month: Month) -> str:
    """An answer in words."""
    if isinstance(value, tuple):
        if subject.yearly:
            years = zip(tax_years(month), value, strict=True)
            return " ; ".join(f"{year} : {_said_one(subject, one, month)}" for year, one in years)
        return _("Mois par mois ; le dernier : %(last)s") % {"last": _said_one(subject, value[-1], month)}
    return _said_one(subject, value, month)


def _said_one(subject: Subject, value: Value | str, month: Month) -> str:
    if value is None:
        return _("je ne sais pas")
    if subject.kind in ("amount", "years"):
        unit = "€" if subject.kind == "amount" else _("ans")
        return euros(float(value)) if subject.kind == "amount" else f"{shown_amount(float(value))} {unit}"
    return dict(options_of(subject, month)).get(as_text(value), "")


def options_of(subject: Subject, month: Month) -> list[tuple[str, str]]:
    """The values of a choice, with their words."""
    if subject.kind == "yes_no":
        return [("oui", _("Oui")), ("non", _("Non"))]
    if subject.id == "commune":
        return [(town.code, town.nom) for town in towns(month)]
    return [(value, _(label)) for value, label in subject.choices.items()]


def as_text(value: Value) -> str:
    """How a value is sent by a form."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else str(value)
