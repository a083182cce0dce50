"""Answers that do not go together: told to who answers, with the page to read again. Nothing is changed by itself.

Only what the person said is compared; an answer that is not known raises no doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from allervers.foundation.money import euros
from allervers.rights.interview.answers import DWELLING, FAMILY, Answers, Value, history, tax_years
from allervers.rights.interview.household import Person, named
from allervers.rights.interview.wording import EVERYBODY, SOURCES, PageAsked, Subject, doubt_words, sources, subjects

SAME = 1.15
"""The months of a year may exceed the whole year by so much: amounts are said, then rounded."""
LEAST = 300.0
MANY_TIMES = 3.0
"""A year at so many times twelve of the months now said is worth reading again."""
MOST_BY_MONTH = 10_000.0
"""Euros a month above which a year was perhaps written for a month."""
MOST_RENT = 1_500.0
OLD_ENOUGH_FOR_ASPA = 62
WITH_ASPA = (1_030.0, 1_060.0)
"""Euros a month between which the pension of somebody alone is perhaps its pension and its Aspa together."""
_CLASSES: Mapping[str, tuple[int, int]] = {
    "maternelle": (2, 7), "primaire": (5, 13), "college": (9, 18), "lycee": (13, 25),
    "enseignement_superieur": (15, 120), "grande_ecole_du_numerique": (15, 120),
}  # fmt: skip
"""Class -> ages, both included, at which it is likely."""
_AT_SCHOOL = (6, 15)
"""Ages, both included, at which school is compulsory (Code de l'éducation L. 131-1: from 3, under 16)."""
_RENTS = ("locataire_vide", "locataire_meuble", "locataire_hlm")
_WORKS_FROM = ("salaire", "independant", "maladie")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Answers to read again. `page`: where they are changed; `values`: what its words are filled with."""

    id: str
    page: PageAsked
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What is told, in French, before its values are written in."""
        return doubt_words()[self.id]


def doubts(answers: Answers) -> list[Doubt]:
    """What does not go together for the family of who answers, person after person."""
    found = list(_rent(answers))
    names = named(answers.household.persons)
    for person in answers.household.family(0):
        for about in _OF_A_PERSON:
            found += [replace(one, values={"name": names[person.id], **one.values}) for one in about(answers, person)]
    return found


def _amounts(answers: Answers, subject: Subject, row: str) -> list[float] | None:
    """What somebody receives month by month; None when a month is not known."""
    told = [answers.at(subject, row, position) for position in range(len(history(answers.month)))]
    if not answers.is_given(subject.id, row) or any(value is None for value in told):
        return None
    return [float(value or 0.0) for value in told]


def _yearly_of(subject: Subject) -> Subject | None:
    """The subject of the same income, by year."""
    return subjects().get(f"{subject.id}_an")


def _months_and_year(answers: Answers, person: Person) -> Iterator[Doubt]:
    """The months of last year that are said are more than that whole year, or now is nothing like it."""
    year = tax_years(answers.month)[1]
    for source in sources():
        subject = subjects().get(source)
        yearly = _yearly_of(subject) if subject is not None else None
        if subject is None or yearly is None or not answers.had(source, person.id):
            continue
        by_month, declared = _amounts(answers, subject, person.id), answers.at(yearly, person.id, 1)
        taxable = yearly.variables[0]
        if by_month is None or declared is None or taxable not in subject.carries:
            continue
        counted = [subject.carried(taxable, amount) for amount in by_month]
        within = sum(v for v, m in zip(counted, history(answers.month), strict=True) if m.year == year)
        values = {"year": str(year), "declared": euros(float(declared))}
        page = PageAsked(yearly.page, person.id)
        if within > SAME * float(declared) + LEAST:
            yield Doubt("mois_au_dessus_de_l_an", page, values | {"months": euros(round(within))})
        usual = MANY_TIMES * 12 * max(counted) + 12 * LEAST
        if _is_steady(by_month) and not _is_mixed(answers, source, person) and float(declared) > usual:
            yield Doubt("an_bien_au_dessus_des_mois", page, values | {"now": euros(by_month[-1])})


def _is_steady(by_month: list[float]) -> bool:
    return len(set(by_month)) == 1


def _is_mixed(answers: Answers, source: str, person: Person) -> bool:
    """Whether another kind of income is declared on the same line of the year."""
    return source == "salaire" and answers.had("maladie", person.id) is not False


def _year_for_a_month(answers: Answers, person: Person) -> Iterator[Doubt]:
    for source in sources():
        subject = subjects().get(source)
        if subject is None or source == "independant" or not answers.had(source, person.id):
            continue
        by_month = _amounts(answers, subject, person.id)
        if by_month and max(by_month) > MOST_BY_MONTH:
            yield Doubt("an_pour_un_mois", PageAsked(subject.page, person.id), {"amount": euros(max(by_month))})


def _activity(answers: Answers, person: Person) -> Iterator[Doubt]:
    """Who works, or is retired, and said that nothing comes of it."""
    if not answers.is_given(SOURCES, person.id) or answers.value(SOURCES, person.id) is None:
        return
    now = _latest(answers, "activite", person.id)
    if now == "actif" and not any(answers.had(source, person.id) for source in _WORKS_FROM):
        yield Doubt("travaille_sans_revenu", PageAsked(SOURCES, person.id))
    if now == "retraite" and not answers.had("retraite", person.id):
        yield Doubt("retraite_sans_pension", PageAsked(SOURCES, person.id))


def _school(answers: Answers, person: Person) -> Iterator[Doubt]:
    age = person.age(answers.month.first_day)
    likely = _CLASSES.get(str(_latest(answers, "ecole", person.id)))
    at = PageAsked("ecole", EVERYBODY)
    if age is not None and likely is not None and not likely[0] <= age <= likely[1]:
        yield Doubt("classe_et_age", at, {"age": str(age)})
    is_out = _latest(answers, "ecole", person.id) == "inconnue"
    if age is not None and is_out and _AT_SCHOOL[0] <= age <= _AT_SCHOOL[1]:
        yield Doubt("hors_ecole", at, {"age": str(age)})
    if is_out and _latest(answers, "activite", person.id) == "etudiant":
        yield Doubt("etudiant_sans_etablissement", at)


def _pension(answers: Answers, person: Person) -> Iterator[Doubt]:
    """A pension that may hold the Aspa: both come from the same fund, on the same day."""
    age = person.age(answers.month.first_day)
    by_month = _amounts(answers, subjects()["retraite"], person.id) if answers.had("retraite", person.id) else None
    if answers.value("minima", FAMILY) is not True or not by_month or age is None or age < OLD_ENOUGH_FOR_ASPA:
        return
    if answers.household.bonds[0] == "none" and WITH_ASPA[0] <= by_month[-1] <= WITH_ASPA[1]:
        yield Doubt("retraite_avec_aspa", PageAsked("retraite", person.id), {"amount": euros(by_month[-1])})


def _rent(answers: Answers) -> Iterator[Doubt]:
    """A rent above what the dwelling receives, and high: a year, or the charges of a year, written for a month."""
    rent = _latest(answers, "loyer", DWELLING)
    if rent == 0 and _latest(answers, "occupation", DWELLING) in _RENTS:
        yield Doubt("locataire_sans_loyer", PageAsked("loyer", DWELLING))
    if not isinstance(rent, float) or rent <= 0:
        return
    others = [_latest(answers, *name.split(":")) for name in answers.given if name.startswith(f"loyer:{DWELLING}")
              and name != f"loyer:{DWELLING}"]  # fmt: skip
    beside = max((one for one in others if isinstance(one, float)), default=0.0)
    if beside > 0:
        values = {"rent": euros(rent), "other": euros(beside)}
        yield Doubt("deux_loyers", PageAsked("loyer", DWELLING), values)
    if rent <= MOST_RENT:
        return
    received = 0.0
    for person in answers.household.persons:
        for source in sources():
            subject = subjects().get(source)
            if subject is not None and answers.had(source, person.id):
                received += (_amounts(answers, subject, person.id) or [0.0])[-1]
    if rent > received:
        yield Doubt("loyer_au_dessus_des_ressources", PageAsked("loyer", DWELLING), {"rent": euros(rent)})


def _latest(answers: Answers, subject: str, row: str) -> Value | str:
    value = answers.value(subject, row)
    return value[-1] if isinstance(value, tuple) else value


_OF_A_PERSON: tuple[Callable[[Answers, Person], Iterator[Doubt]], ...] = (
    _year_for_a_month, _months_and_year, _activity, _school, _pension,
)  # fmt: skip
