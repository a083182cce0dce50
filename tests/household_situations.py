"""Synthetic households in a few words, stacked into one block. Each is one famille, one foyer fiscal, one ménage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from allervers.engine.block import GROUPS, Block, Column, Membership
from allervers.foundation.periods import Month, months_between
from allervers.population.inputs import HISTORY_MONTHS, INCOMES, INPUTS, Input, kept
from allervers.rights.interview.situation import COLLECTED

Values = Mapping[str, Any]
"""Input -> value. `variable`: each month of history; `variable@year`: both tax years; `variable@2026-05`: one month."""

PLAIN: Mapping[str, Any] = {
    "activite": "inactif",
    "statut_marital": "celibataire",
    "scolarite": "inconnue",
    "statuts_etablissement_scolaire": "inconnu",
    "nationalite": "FR",
    "depcom": "93066",
    "statut_occupation_logement": "loge_gratuitement",
    "date_naissance": "1980-06-15",
    "asf_autre_parent": True,
    **dict.fromkeys(
        ("aah_restriction_substantielle_durable_acces_emploi", "inapte_travail", "enceinte", "garde_alternee"), False
    ),
    **dict.fromkeys(("rsa_isolement_recent", "coloc", "logement_chambre"), False),
}
"""Value of an input that a situation does not mention; 0 for an amount."""

ROLES = {
    "demandeur": ("demandeur", "declarant_principal", "personne_de_reference"),
    "conjoint": ("conjoint", "conjoint", "conjoint"),
    "enfant": ("enfant", "personne_a_charge", "enfant"),
}


@dataclass(frozen=True)
class Person:
    """A person and their inputs. `role`: demandeur, conjoint or enfant, the same in the three groups."""

    role: str = "demandeur"
    values: Values = field(default_factory=dict)

    def given(self, **values: Any) -> Person:
        """The same person with these inputs changed."""
        return replace(self, values={**self.values, **values})


@dataclass(frozen=True)
class Household:
    """One household; `famille` and `menage` hold the inputs of these groups."""

    persons: Sequence[Person]
    menage: Values = field(default_factory=dict)
    famille: Values = field(default_factory=dict)


def income(nature: str, net: float) -> dict[str, float]:
    """A steady income of that many euros a month, net, under all its forms: by month, and by tax year."""
    kind = next(kind for kind in INCOMES if kind.nature == nature)
    low, high = kind.spared
    gross = float(kept(np.array(net, dtype=float), 1 / kind.net_share_of_gross, (low, high * kind.net_share_of_gross)))
    taxable = float(kind.taxable_of(np.array(gross, dtype=float)))
    forms = ((kind.gross, gross), (kind.net, net), (kind.taxable, taxable))
    values = {variable: amount for variable, amount in forms if variable}
    # Daily allowances are assessed as wages: their taxable variable, for the year as well.
    values[f"{kind.yearly or kind.taxable}@year"] = 12 * taxable
    return values


def block_of(households: Sequence[Household], month: Month) -> Block:
    """The households stacked in one block: every collected input for every period of the history, and what is said."""
    people = [person for household in households for person in household.persons]
    home = np.repeat(np.arange(len(households)), [len(household.persons) for household in households])
    roles = np.array([ROLES[person.role] for person in people])
    groups = {g: Membership(len(households), home, roles[:, rank]) for rank, g in enumerate(GROUPS)}
    rows: dict[str, Sequence[Values]] = {
        "individu": [person.values for person in people],
        "famille": [household.famille for household in households],
        "menage": [household.menage for household in households],
    }
    columns: dict[Column, Any] = {}
    entity_of: dict[Column, str] = {}
    said = {name for row in (*rows["famille"], *rows["individu"]) for name in row}
    for item in (i for i in COLLECTED if i in INPUTS or i.variable in said):
        for period in periods_of(item, month):
            columns[item.variable, period] = _column(item, period, rows[item.entity])
            entity_of[item.variable, period] = item.entity
    return Block(len(people), groups, columns, entity_of)


def periods_of(item: Input, month: Month) -> list[str]:
    """Periods for which an input is collected when `month` is computed."""
    if item.rhythm == "once":
        return ["ETERNITY"]
    if item.rhythm == "yearly":
        return [str(month.year - 2), str(month.year - 1)]
    return [str(m) for m in months_between(month - (HISTORY_MONTHS - 1), month)]


def _column(item: Input, period: str, rows: Sequence[Values]) -> Any:
    usual = f"{item.variable}@year" if item.rhythm == "yearly" else item.variable
    plain = PLAIN.get(item.variable, 0.0)
    values = [row.get(f"{item.variable}@{period}", row.get(usual, plain)) for row in rows]
    return np.array(values, dtype="datetime64[D]" if item.variable == "date_naissance" else None)
