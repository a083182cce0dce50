"""A small assembled folder made by hand (three households, five persons), and a law that computes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from allervers.detection.casefile import CaseFile, read_case_file
from allervers.detection.entitlement import Entitlement
from allervers.engine.block import Block, Column
from allervers.engine.law import Answer
from allervers.engine.variables import Variable, unknown_variable
from allervers.foundation.periods import Month
from allervers.population.folder import write_population
from allervers.rights.catalogue import catalogue

MONTH = Month(2026, 11)
TODAY = date(2026, 11, 23)
THRESHOLD_EUR = 15.0

_TENURES = ("locataire_vide", "locataire_foyer", "sans_domicile", "proprietaire")
VARIABLES = {
    v.name: v
    for v in (
        Variable("date_naissance", "Naissance", "individu", "date", "eternity", None, (), False, False),
        Variable("activite", "Activité", "individu", "enum", "month", None, ("actif", "etudiant"), True, False),
        Variable("nationalite", "Nationalité", "individu", "str", "month", None, (), True, False),
        Variable("salaire_net", "Salaire", "individu", "float", "month", None, (), True, False),
        Variable("rpns_auto_entrepreneur_CA_bnc", "CA", "individu", "float", "month", None, (), True, False),
        Variable("loyer", "Loyer", "menage", "float", "month", None, (), True, False),
        Variable("statut_occupation_logement", "Statut", "menage", "enum", "month", None, _TENURES, True, False),
    )
}


class HandLaw:
    """A law that knows a few variables and one threshold, and computes nothing."""

    name = "hand"
    version = "hand 1"

    def variable(self, name: str) -> Variable:
        """The variable of that name."""
        if name not in VARIABLES:
            raise unknown_variable(name, VARIABLES)
        return VARIABLES[name]

    def parameter(self, path: str, on: str) -> float | None:
        """The same threshold for every right."""
        return THRESHOLD_EUR

    def evaluate(self, block: Block, output: str, period: str, side: Sequence[str] = ()) -> Answer:
        """Nothing is computed in these tests."""
        raise AssertionError((output, period))


LAW = HandLaw()
FAMILLES = {"f1": "m1", "f2": "m2", "f3": "m3"}
HEADS = {"f1": "p1", "f2": "p4", "f3": "p5"}
PERSONS = {"p1": "f1", "p2": "f1", "p3": "f1", "p4": "f2", "p5": "f3"}

_COLUMNS: dict[str, dict[str, Any]] = {
    "receipts": {"unit": pl.String, "unit_id": pl.String, "menage_id": pl.String, "prestation": pl.String,
                 "month": pl.String, "montant": pl.Float64, "partner": pl.String},
    "droits": {"person_id": pl.String, "famille_id": pl.String, "menage_id": pl.String, "prestation": pl.String,
               "etat": pl.String, "motif": pl.String, "debut_on": pl.Date, "fin_on": pl.Date, "montant": pl.Float64,
               "partner": pl.String},
    "signaux": {"person_id": pl.String, "famille_id": pl.String, "menage_id": pl.String, "signal": pl.String,
                "since_on": pl.Date, "montant": pl.Float64, "detail": pl.String, "partner": pl.String},
    "provenance": {"menage_id": pl.String, "person_id": pl.String, "input_group": pl.String, "partner": pl.String,
                   "reference_on": pl.Date, "state": pl.String},
    "contacts": {"menage_id": pl.String, "famille_id": pl.String, "person_id": pl.String,
                 "contact_allowed": pl.Boolean, "code_insee": pl.String, "zone": pl.String, "channels": pl.String},
    "zones": {"person_id": pl.String, "zone": pl.String, "contact_allowed": pl.Boolean, "channels": pl.String},
    "dossiers": {"menage_id": pl.String, "famille_id": pl.String, "person_id": pl.String, "etat": pl.String,
                 "pieces_manquantes": pl.String, "suivi_social": pl.Boolean, "quotient_familial": pl.Float64,
                 "derniere_declaration_on": pl.Date, "declaration_attendue_on": pl.Date},
}  # fmt: skip


def population_frames() -> dict[str, pl.DataFrame]:
    """m1: a couple and a child, tenants; m2: one person, tenant; m3: one person without a home."""
    members = [("p1", "f1", "demandeur"), ("p2", "f1", "conjoint"), ("p3", "f1", "enfant"),
               ("p4", "f2", "demandeur"), ("p5", "f3", "demandeur")]  # fmt: skip
    fiscal = {"demandeur": "declarant_principal", "conjoint": "conjoint", "enfant": "personne_a_charge"}
    home = {"demandeur": "personne_de_reference", "conjoint": "conjoint", "enfant": "enfant"}
    births = [date(1985, 1, 1), date(1987, 1, 1), date(2019, 6, 1), date(1990, 1, 1), date(1970, 1, 1)]
    persons = pl.DataFrame(
        {
            "id": [m[0] for m in members],
            "famille_id": [m[1] for m in members],
            "famille_role": [m[2] for m in members],
            "foyer_fiscal_id": [m[1].replace("f", "d") for m in members],
            "foyer_fiscal_role": [fiscal[m[2]] for m in members],
            "menage_id": [FAMILLES[m[1]] for m in members],
            "menage_role": [home[m[2]] for m in members],
            "date_naissance": births,
            f"activite@{MONTH}": ["actif"] * 5,
            f"nationalite@{MONTH}": ["FR"] * 5,
            f"salaire_net@{MONTH}": [0.0] * 5,
        }
    )
    tenures = ["locataire_vide", "locataire_vide", "sans_domicile"]
    return {
        "individu": persons,
        "famille": pl.DataFrame({"id": ["f1", "f2", "f3"]}),
        "foyer_fiscal": pl.DataFrame({"id": ["d1", "d2", "d3"]}),
        "menage": pl.DataFrame(
            {
                "id": ["m1", "m2", "m3"],
                f"loyer@{MONTH}": [600.0, 450.0, 0.0],
                f"statut_occupation_logement@{MONTH}": tenures,
            }
        ),
    }


def located(**given: Any) -> dict[str, Any]:
    """A row with the famille and ménage of its person (or of its famille)."""
    person = given.get("person_id")
    famille = given.get("famille_id") or (PERSONS[person] if person else None)
    return {"famille_id": famille, "menage_id": FAMILLES[famille] if famille else None, **given}


def droit(person: str, prestation: str, etat: str = "accorde", **given: Any) -> dict[str, Any]:
    """A right recorded for a person."""
    return located(person_id=person, prestation=prestation, etat=etat, partner="cpam-93", **given)


def signal(person: str, name: str, **given: Any) -> dict[str, Any]:
    """A signal about a person."""
    return located(person_id=person, signal=name, partner="bailleur-1", **given)


def payment(unit_id: str, prestation: str, *months: Month, amount: float = 100.0) -> list[dict[str, Any]]:
    """Payments of a right to a unit, one a month."""
    unit = {"p": "individu", "f": "famille", "m": "menage"}[unit_id[0]]
    famille = PERSONS.get(unit_id, unit_id)
    home = FAMILLES.get(famille, unit_id)
    given = {"unit": unit, "unit_id": unit_id, "menage_id": home, "prestation": prestation, "partner": "caf-93"}
    return [{**given, "month": str(at), "montant": amount} for at in months]


def dossier(famille: str, **given: Any) -> dict[str, Any]:
    """The file of a famille with a partner."""
    return {
        "menage_id": FAMILLES[famille],
        "famille_id": famille,
        "person_id": HEADS[famille],
        "etat": "actif",
        **given,
    }


def contacts(**changed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The contact of each famille; `f2={"contact_allowed": False}` changes one."""
    usual = {"contact_allowed": True, "code_insee": "93066", "zone": "sure", "channels": "letter"}
    return [
        {"menage_id": home, "famille_id": famille, "person_id": HEADS[famille], **usual, **changed.get(famille, {})}
        for famille, home in FAMILLES.items()
    ]


def write_case(folder: Path, *, population: Mapping[str, pl.DataFrame] | None = None, **tables: list[Any]) -> Path:
    """Write the folder. `tables`: rows of receipts, droits, signaux, provenance, contacts, dossiers."""
    write_population(folder, {**population_frames(), **(population or {})})
    rows = {"contacts": contacts(), **tables}
    for name, columns in _COLUMNS.items():
        pl.DataFrame(rows.get(name, []), schema=columns, orient="row").write_parquet(folder / f"{name}.parquet")
    return folder


def case_of(folder: Path, *, population: Mapping[str, pl.DataFrame] | None = None, **tables: list[Any]) -> CaseFile:
    """The folder, written then opened."""
    return read_case_file(write_case(folder / "case", population=population, **tables), LAW)


def entitled(
    case: CaseFile, right: str, amounts: Mapping[str, float | None], *, month: Month = MONTH,
    reads: frozenset[Column] = frozenset(), **sides: Mapping[str, float],
) -> Entitlement:  # fmt: skip
    """A hand-made entitlement: euros by unit, zero for the others."""
    computation = catalogue()[right].computation
    assert computation is not None
    ids = case.population.ids[computation.entity]
    home = {**FAMILLES, **{p: FAMILLES[f] for p, f in PERSONS.items()}}
    menages = [home.get(unit, unit) for unit in ids]
    frame = pl.DataFrame(
        {"unit_id": ids, "menage_id": menages, "amount": [amounts.get(unit, 0.0) for unit in ids]},
        schema={"unit_id": pl.String, "menage_id": pl.String, "amount": pl.Float64},
    ).with_columns(
        pl.Series(name, [values.get(unit, 0.0) for unit in ids], dtype=pl.Float64) for name, values in sides.items()
    )
    return Entitlement(right, month, frame, reads)
