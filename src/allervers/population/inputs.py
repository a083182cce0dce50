"""The inputs of the law that AllerVers collects: which OpenFisca variables, for which entity, over which periods.

They are chosen so that every resource base receives them: a wage reaches the RSA through its net amount, the ASPA
through its gross amount, the family benefits through its taxable amount two years before. An income is therefore
always given under its three forms. tests/agreement/test_inputs_matrix.py shows which input moves which right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Amounts = NDArray[np.floating[Any]]
Entity = Literal["individu", "famille", "foyer_fiscal", "menage"]
Rhythm = Literal["once", "monthly", "yearly"]


@dataclass(frozen=True, slots=True)
class Input:
    """One collected variable. `rhythm`: once (no period), monthly (each month of history), yearly (N-2 and N-1)."""

    variable: str
    entity: Entity
    rhythm: Rhythm
    meaning: str


def kept(amounts: Amounts, share: float, spared: tuple[float, float]) -> Amounts:
    """Amounts after what is withheld: `share` of them, and the whole of those that `spared` says to bear nothing.

    Continuous and rising, so that the way back is the same with 1 / share and the bounds carried to the other form.
    """
    low, high = spared
    if not high:
        return amounts * amounts.dtype.type(share)
    free = np.minimum(amounts, np.maximum(low * (high - amounts) / (high - low), 0.0))
    held: Amounts = (share * amounts + (1.0 - share) * free).astype(amounts.dtype)
    return held


@dataclass(frozen=True, slots=True)
class Income:
    """A kind of income and the OpenFisca variables that carry it. A form that does not exist for it is None.

    Two kinds may share a variable (wages and daily allowances are taxed together): it then holds their sum.
    """

    nature: str
    label: str
    gross: str | None
    net: str | None
    taxable: str | None
    net_share_of_gross: float
    taxable_share_of_gross: float
    assessed: str | None = None
    """Variable of the tax year where it is not the taxable (else the net) one. It holds the amount taxed."""
    spared: tuple[float, float] = (0.0, 0.0)
    """Euros a month, gross: nothing is withheld up to the first, the shares hold from the second on; a line between."""

    def net_of(self, gross: Amounts) -> Amounts:
        """What is received of gross amounts of a month."""
        return kept(gross, self.net_share_of_gross, self.spared)

    def taxable_of(self, gross: Amounts) -> Amounts:
        """What is taxed of gross amounts of a month."""
        return kept(gross, self.taxable_share_of_gross, self.spared)

    @property
    def yearly(self) -> str | None:
        """Variable that holds a tax year's amount. None: what is taxed of it is in the assessment as a wage."""
        return None if self.nature == "maladie" else self.assessed or self.taxable or self.net


INCOMES: tuple[Income, ...] = (
    Income("salaire", "Salaire", "salaire_de_base", "salaire_net", "salaire_imposable", 0.78, 0.81),
    Income("chomage", "Allocation chômage", "chomage_brut", "chomage_net", "chomage_imposable", 0.94, 0.95),
    # Small pensions bear neither CSG nor CRDS (CSS L. 136-8, III: income of two years before under 13,048 euros for one
    # share in 2026, after the deduction of 10 %), then a reduced rate up to 17,057: figures to be confirmed.
    Income("retraite", "Pension de retraite", "retraite_brute", "retraite_nette", "retraite_imposable", 0.93, 0.96,
           spared=(1208.0, 1580.0)),
    Income("invalidite", "Pension d'invalidité", None, "pensions_invalidite", None, 1.0, 1.0),
    # Taxed as wages (CGI art. 80 quinquies), and read as such by the housing aids, month by month (CCH R. 822-4).
    Income("maladie", "Indemnités journalières", None,
           "indemnites_journalieres_maladie", "salaire_imposable", 1.0, 1.0),
    Income("alimentaire", "Pension alimentaire reçue", None, "pensions_alimentaires_percues", None, 1.0, 1.0),
    # A turnover by month, but a taxed profit by year: OpenFisca carries a turnover given for N-2 to no base (neither
    # family benefits, housing aid nor the AAH). Micro-BNC: 34 % off the turnover (CGI art. 102 ter).
    Income("independant", "Chiffre d'affaires d'auto-entrepreneur (services libéraux)", None,
           "rpns_auto_entrepreneur_CA_bnc", None, 1.0, 0.66, assessed="rpns_imposables"),
)  # fmt: skip

_SITUATION_INDIVIDU = {
    "activite": "Activité principale",
    "statut_marital": "Statut marital (état civil)",
    "scolarite": "Niveau de scolarité",
    "statuts_etablissement_scolaire": "Statut de l'établissement scolaire",
    "taux_incapacite": "Taux d'incapacité (0 à 1)",
    "aah_restriction_substantielle_durable_acces_emploi": "Restriction substantielle et durable d'accès à l'emploi",
    "inapte_travail": "Inaptitude au travail reconnue",
    "enceinte": "Grossesse en cours",
    "nationalite": "Nationalité (code pays ISO)",
    "duree_possession_titre_sejour": "Années de possession d'un titre de séjour",
    "garde_alternee": "Enfant en résidence alternée",
}
_SITUATION_FAMILLE = {"rsa_isolement_recent": "Isolement récent (RSA majoré)"}
_SITUATION_MENAGE = {
    "depcom": "Commune de résidence (code Insee)",
    "statut_occupation_logement": "Statut d'occupation du logement",
    "loyer": "Loyer mensuel hors charges, euros",
    "charges_locatives": "Charges locatives mensuelles, euros",
    "coloc": "Colocation",
    "logement_chambre": "Logement réduit à une chambre",
}


def _income_inputs() -> list[Input]:
    inputs: list[Input] = []
    for income in INCOMES:
        forms = {income.gross: "brut", income.net: "net", income.taxable: "imposable"}
        inputs += [Input(v, "individu", "monthly", f"{income.label}, {form}, euros") for v, form in forms.items() if v]
        if income.yearly:
            label = "Bénéfice d'indépendant imposable" if income.assessed else income.label
            inputs.append(Input(income.yearly, "individu", "yearly", f"{label}, année fiscale, euros"))
    return list({(item.variable, item.rhythm): item for item in reversed(inputs)}.values())[::-1]


INPUTS: tuple[Input, ...] = (
    Input("date_naissance", "individu", "once", "Date de naissance"),
    *_income_inputs(),
    *(Input(name, "individu", "monthly", meaning) for name, meaning in _SITUATION_INDIVIDU.items()),
    *(Input(name, "famille", "monthly", meaning) for name, meaning in _SITUATION_FAMILLE.items()),
    *(Input(name, "menage", "monthly", meaning) for name, meaning in _SITUATION_MENAGE.items()),
)
"""Every input of a population made or assembled by AllerVers."""

HISTORY_MONTHS = 15
"""Months of history, the reference month included: housing aid reads back to M-13."""
