"""From answers to the situations of the catalogue: which papers are asked of this household. Only what was said."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from allervers.rights.interview.answers import DWELLING, FAMILY, Answers
from allervers.rights.interview.household import Person

_LODGED: Mapping[str, str] = {
    "sans_domicile": "sans_domicile",
    "loge_gratuitement": "heberge",
    "proprietaire": "proprietaire",
    "primo_accedant": "accedant",
    "locataire_foyer": "foyer_logement",
}


def situations_said(answers: Answers) -> tuple[str, ...]:
    """Situations of the catalogue (rights.registries) that the answers establish for the family of who answers."""
    family = answers.household.family(0)
    adults = [p for p in family if p.role != "child"]
    found: dict[str, bool] = {
        "couple": answers.household.bonds[0] != "none",
        "residence_alternee": any(p.shared for p in family),
        "etranger": _any(family, lambda p: answers.value("nationalite", p.id) in ("PT", "MA")),
        "grossesse": _any(family, lambda p: _latest(answers, "grossesse", p.id) is True),
        "separation": answers.value("isolement", FAMILY) is True,
        "salarie": _any(adults, lambda p: answers.had("salaire", p.id) is True),
        "non_salarie": _any(adults, lambda p: answers.had("independant", p.id) is True),
        "etudiant": _any(adults, lambda p: _latest(answers, "activite", p.id) == "etudiant"),
        "colocation": answers.value("coloc", DWELLING) is True,
        "pension_fixee": _any(adults, lambda p: answers.had("alimentaire", p.id) is True),
    }
    lodged = _latest(answers, "occupation", DWELLING)
    if isinstance(lodged, str) and lodged in _LODGED:
        found[_LODGED[lodged]] = True
    age = adults[0].age(answers.month.first_day) if adults else None
    if age is not None:
        found["plus_60_ans" if age >= 60 else "moins_60_ans"] = True
    return tuple(name for name, holds in found.items() if holds)


def _any(persons: list[Person] | tuple[Person, ...], holds: Callable[[Person], bool]) -> bool:
    return any(holds(person) for person in persons)


def _latest(answers: Answers, subject: str, row: str) -> object:
    """The answer of the reference month."""
    value = answers.value(subject, row)
    return value[-1] if isinstance(value, tuple) else value
