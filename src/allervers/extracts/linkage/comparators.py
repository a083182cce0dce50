"""French comparators: what it means for two names, dates or places to agree more or less. SQL of DuckDB, no weights.

`x_l` and `x_r` are the two records of a pair; the columns are those of candidates.CANDIDATE_COLUMNS.
"""

from __future__ import annotations

from typing import NamedTuple

CLOSE_SURNAME = 0.92
"""Jaro-Winkler similarity from which two surnames are one with a typing error."""
CLOSE_FIRST_NAME = 0.90
"""The same for first names, which are shorter."""


class Comparator(NamedTuple):
    """A comparison: its name, when it says nothing, and its levels from the strongest to `different`."""

    name: str
    unknown: str
    levels: dict[str, str]
    frequency_column: str | None = None  # a rare value that agrees weighs more: applied to the first level


_ELSE = "ELSE"

_INVERTED = (
    "(nom_l = prenoms_r OR nom_l = prenom_r) AND (nom_r = prenoms_l OR nom_r = prenom_l)"
    " AND NOT (nom_l = nom_r AND prenoms_l = prenoms_r)"
)

NOM = Comparator(
    name="nom",
    unknown="nom_l IS NULL OR nom_r IS NULL",
    levels={
        "exact": "nom_l = nom_r",
        "particule": "nom_coeur_l = nom_coeur_r OR nom_l = nom_coeur_r OR nom_coeur_l = nom_r",
        "inverse": _INVERTED,
        "usage": "nom_l = nom_usage_r OR nom_usage_l = nom_r OR nom_usage_l = nom_usage_r",
        "proche": (
            f"jaro_winkler_similarity(nom_coeur_l, nom_coeur_r) >= {CLOSE_SURNAME}"
            f" OR jaro_winkler_similarity(nom_l, nom_usage_r) >= {CLOSE_SURNAME}"
            f" OR jaro_winkler_similarity(nom_usage_l, nom_r) >= {CLOSE_SURNAME}"
        ),
        "partage": "list_has_any(nom_mots_l, nom_mots_r)",
        "different": _ELSE,
    },
    frequency_column="nom",
)

PRENOMS = Comparator(
    name="prenoms",
    unknown="prenoms_l IS NULL OR prenoms_r IS NULL",
    levels={
        "exact": "prenoms_l = prenoms_r",
        "inverse": _INVERTED,
        "compose": (
            "(list_has_all(prenoms_mots_l, prenoms_mots_r) OR list_has_all(prenoms_mots_r, prenoms_mots_l))"
            " AND length(prenom_l) > 1 AND length(prenom_r) > 1"
        ),
        "premier": "prenom_l = prenom_r AND length(prenom_l) > 1",
        "proche": (
            f"jaro_winkler_similarity(prenoms_l, prenoms_r) >= {CLOSE_FIRST_NAME}"
            f" OR jaro_winkler_similarity(prenom_l, prenom_r) >= {CLOSE_FIRST_NAME}"
        ),
        "initiale": "(length(prenom_l) = 1 OR length(prenom_r) = 1) AND prenom_l[1] = prenom_r[1]",
        "different": _ELSE,
    },
    frequency_column="prenoms",
)

_SAME_YEAR = "naissance_l[1:4] = naissance_r[1:4]"

DATE_NAISSANCE = Comparator(
    name="date_naissance",
    unknown="naissance_l IS NULL OR naissance_r IS NULL",
    levels={
        "exact": "naissance_l = naissance_r AND naissance_l[5:8] <> '0101'",
        "premier_janvier": "naissance_l = naissance_r",
        "inversion": f"{_SAME_YEAR} AND naissance_l[5:6] = naissance_r[7:8] AND naissance_l[7:8] = naissance_r[5:6]",
        "un_chiffre": "hamming(naissance_l, naissance_r) = 1",
        "annee": f"{_SAME_YEAR} AND (naissance_l[5:8] = '0101' OR naissance_r[5:8] = '0101')",
        "different": _ELSE,
    },
)

SEXE = Comparator(
    name="sexe",
    unknown="sexe_l IS NULL OR sexe_r IS NULL",
    levels={"exact": "sexe_l = sexe_r", "different": _ELSE},
)

COMMUNE = Comparator(
    name="commune",
    unknown="(code_insee_l IS NULL OR code_insee_r IS NULL) AND (code_postal_l IS NULL OR code_postal_r IS NULL)",
    levels={
        "exact": "code_insee_l = code_insee_r",
        "code_postal": "code_postal_l = code_postal_r",
        "departement": ("coalesce(code_insee_l, code_postal_l)[1:2] = coalesce(code_insee_r, code_postal_r)[1:2]"),
        "different": _ELSE,
    },
)

COMMUNE_NAISSANCE = Comparator(
    name="commune_naissance",
    unknown="commune_naissance_l IS NULL OR commune_naissance_r IS NULL",
    levels={"exact": "commune_naissance_l = commune_naissance_r", "different": _ELSE},
)

COMPARATORS = (NOM, PRENOMS, DATE_NAISSANCE, SEXE, COMMUNE, COMMUNE_NAISSANCE)
"""Every comparison of the model, in the order of its file."""
