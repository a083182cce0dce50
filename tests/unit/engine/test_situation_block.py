"""A situation becomes a block: roles, periods, unknown values; what is not understood is refused at its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from allervers.engine.situation import SituationError
from allervers.engine.situation_block import situation_block
from allervers.engine.variables import Variable
from allervers.foundation.errors import InvalidInput


def variable(name: str, entity: str, kind: Any, rhythm: Any, items: tuple[str, ...] = ()) -> Variable:
    return Variable(name, name, entity, kind, rhythm, None, items, rhythm == "month", False)


LAW = {
    v.name: v
    for v in (
        variable("date_naissance", "individu", "date", "eternity"),
        variable("salaire_net", "individu", "float", "month"),
        variable("activite", "individu", "enum", "month", ("actif", "chomeur")),
        variable("enceinte", "individu", "bool", "month"),
        variable("loyer", "menage", "float", "month"),
        variable("depcom", "menage", "str", "month"),
        variable("rfr", "foyer_fiscal", "float", "year"),
        variable("rsa", "famille", "float", "month"),
    )
}


def variable_of(name: str) -> Variable:
    if name not in LAW:
        raise InvalidInput("inconnue")
    return LAW[name]


def household() -> dict[str, Any]:
    return {
        "individus": {
            "un": {"date_naissance": {"ETERNITY": "1980-02-01"}, "salaire_net": {"2026-01": 1200}},
            "deux": {"date_naissance": {"2026-01": "1982-02-01"}, "salaire_net": {"2026-01": None}},
            "trois": {"date_naissance": {"ETERNITY": "2015-02-01"}, "activite": {"2026-01": "actif"}},
        },
        "familles": {"f": {"parents": ["un", "deux"], "enfants": ["trois"], "rsa": {"2026-01": None}}},
        "foyers_fiscaux": {"d": {"declarants": ["un"], "personnes_a_charge": ["trois"], "rfr": {"2024": 9000}}},
        "menages": {
            "m": {"personne_de_reference": "un", "conjoint": ["deux"], "enfants": ["trois"], "loyer": {"2026-01": None}}
        },
    }


def test_roles_values_and_unknowns() -> None:
    made = situation_block(household(), variable_of, {"rsa"})
    block = made.block
    assert made.identifiers["individu"] == ("un", "deux", "trois")
    assert block.membership["famille"].role.tolist() == ["demandeur", "conjoint", "enfant"]
    assert block.membership["menage"].role.tolist() == ["personne_de_reference", "conjoint", "enfant"]
    # A person in no foyer that is described is alone in one.
    assert made.identifiers["foyer_fiscal"] == ("d", "deux")
    assert block.membership["foyer_fiscal"].group.tolist() == [0, 1, 0]
    assert block.columns["salaire_net", "2026-01"].tolist() == [1200, 0, 0]
    assert block.unknown["salaire_net", "2026-01"].tolist() == [False, True, True]
    assert block.unknown["activite", "2026-01"].tolist() == [True, True, False]
    assert block.unknown["loyer", "2026-01"].tolist() == [True]
    assert ("date_naissance", "ETERNITY") not in block.unknown
    assert block.columns["date_naissance", "ETERNITY"][1] == np.datetime64("1982-02-01")
    assert ("rsa", "2026-01") not in block.columns
    assert made.row("individu", "deux") == 1
    with pytest.raises(SituationError):
        made.row("individu", "quatre")


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (("individus", "un", "salaire_net"), 1200, "périodes"),
        (("individus", "un", "salaire_net"), {"2026-01": "douze cents"}, "un nombre"),
        (("individus", "un", "salaire_net"), {"2026-01": True}, "un nombre"),
        (("individus", "un", "salaire_net"), {"janvier": 1}, "un mois"),
        (("individus", "un", "enceinte"), {"2026-01": 1}, "true ou false"),
        (("individus", "un", "activite"), {"2026-01": "oisif"}, "actif, chomeur"),
        (("individus", "un", "date_naissance"), {"ETERNITY": "hier"}, "une date"),
        (("individus", "un", "loyer"), {"2026-01": 1}, "menage"),
        (("foyers_fiscaux", "d", "rfr"), {"2024-01": 1}, "une année"),
        (("familles", "f", "parents"), ["un", "personne"], "individus"),
        (("familles", "f", "parents"), ["un", "deux", "trois"], "au plus"),
        (("familles", "f", "enfants"), ["un"], "déjà"),
        (("familles", "f", "parents"), [], "premier rôle"),
        (("menages", "m", "personne_de_reference"), 3, "liste"),
    ],
)
def test_what_is_not_understood_is_refused_at_its_place(place: tuple[str, ...], value: Any, told: str) -> None:
    situation = household()
    situation[place[0]][place[1]][place[2]] = value
    with pytest.raises(SituationError) as caught:
        situation_block(situation, variable_of)
    report: Any = caught.value.report
    while isinstance(report, dict):
        ((key, report),) = report.items()
        assert key != "personne"
    assert told in report
    assert "douze" not in report


@pytest.mark.parametrize(
    "situation", [{}, {"individus": {}}, {"personnes": {}}, {"individus": {"un": 3}}, {"individus": []}]
)
def test_a_situation_of_another_shape_is_refused(situation: Any) -> None:
    with pytest.raises(SituationError):
        situation_block(situation, variable_of)
