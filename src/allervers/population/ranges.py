"""Between which values an unknown input of a household is looked for: stated here, shown to the user, never hidden.

They are wide on purpose: what cannot matter inside them cannot matter for the household. Amounts are in euros, by month
for a month and by year for a year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from allervers.engine.block import Column
from allervers.engine.domains import Cell, Choice, Days, Domain, Range
from allervers.population.inputs import INCOMES

MOST_BY_MONTH = 5_000.0
"""Greatest monthly amount looked for, for one kind of income of one person."""

_AMOUNTS: Mapping[str, Domain] = {
    name: Range(0.0, MOST_BY_MONTH)
    for income in INCOMES
    for name in (income.gross, income.net, income.taxable, income.assessed)
    if name is not None
}
_OTHERS: Mapping[str, Domain] = {
    "loyer": Range(0.0, 1_500.0),
    "charges_locatives": Range(0.0, 400.0),
    "epargne_revenus_non_imposables": Range(0.0, 200_000.0),
    "taux_incapacite": Range(0.0, 1.0),
    "duree_possession_titre_sejour": Range(0.0, 40.0),
    # A national, a citizen of the Union, another: what the law tells apart.
    "nationalite": Choice(("FR", "PT", "MA")),
}


WORKING_AGE = 14
"""Age in years under which nobody is supposed to earn a wage: Code du travail, art. L. 4153-1 (16 years) and L. 4153-3
(light work in school holidays from 14), articles to be confirmed. Supposed, shown, and changed by a range of one's own:
children of shows and fashion do earn."""
_OF_ADULTS = frozenset(
    name
    for income in INCOMES
    if income.nature in ("salaire", "chomage", "retraite", "independant")
    for name in (income.gross, income.net, income.taxable, income.assessed)
    if name is not None
)


def stated_ranges(
    columns: Iterable[Column], *, towns: Iterable[str], last_birth: date, births: Sequence[date | None] = ()
) -> dict[str | Column | Cell, Domain]:
    """The domains of these columns. `towns`: communes (code Insee) where the household may live; `last_birth`: the
    latest day on which a member was born; `births`: of each person, where known: a child has no wage of its own."""
    columns = list(columns)
    found: dict[str | Column | Cell, Domain] = {
        "date_naissance": Days(date(last_birth.year - 100, 1, 1), last_birth),
    }
    known = tuple(dict.fromkeys(towns))
    if known:
        found["depcom"] = Choice(known)
    for name, period in columns:
        domain = _AMOUNTS.get(name)
        if isinstance(domain, Range) and len(period) == 4:
            found[name, period] = Range(domain.low, 12 * domain.high)
        elif domain is not None or name in _OTHERS:
            found[name] = domain or _OTHERS[name]
    children = [row for row, birth in enumerate(births) if birth is not None and _is_child(birth, last_birth)]
    found.update(
        (Cell(name, period, row), Range(0.0, 0.0)) for name, period in columns if name in _OF_ADULTS for row in children
    )
    return found


def _is_child(birth: date, on: date) -> bool:
    age = on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
    return age < WORKING_AGE
