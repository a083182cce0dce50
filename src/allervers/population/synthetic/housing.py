"""Rents and charges by commune, size and tenure.

Rent per square metre, orders of magnitude of the rent observatory of the Paris region (OLAP) and of the social rents
survey (RPLS) for Seine-Saint-Denis: about 17.5 euros in private rent, 7 in social housing. Confidence C.
"""

from __future__ import annotations

import numpy as np

from allervers.population.synthetic.shapes import FOYER, HLM, MEUBLE, VIDE, Floats, Ints

_EUR_M2 = np.zeros(8)
_EUR_M2[[HLM, VIDE, MEUBLE, FOYER]] = 7.0, 16.5, 21.0, 22.0
_FIRST_M2, _NEXT_M2 = 30.0, 14.0


def surface_m2(tenure: Ints, size: Ints) -> Floats:
    """Usual living area of a household of this size and tenure; a hostel room is 18 m2."""
    usual = _FIRST_M2 + _NEXT_M2 * np.clip(size - 1, 0, 4)
    return np.where(tenure == FOYER, 18.0, np.where(tenure == MEUBLE, 0.8 * usual, usual))


def expected_rent_eur(tenure: Ints, size: Ints, dearness: Floats | float = 1.0) -> Floats:
    """Mean rent without charges, euros a month; 0 for none. dearness: level of the commune, 1 on average."""
    private = np.isin(tenure, (VIDE, MEUBLE))
    return np.asarray(_EUR_M2[tenure] * surface_m2(tenure, size) * np.where(private, dearness, 1.0), dtype=np.float64)


def dearness_of(median_eur_year: Floats, usual_eur_year: float) -> Floats:
    """Level of private rents of communes, from their median income: half as far from the mean."""
    return np.asarray(np.clip((median_eur_year / usual_eur_year) ** 0.5, 0.75, 1.35), dtype=np.float64)
