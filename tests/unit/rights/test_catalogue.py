"""The catalogue of rights: its files, its cross references, its variables in OpenFisca."""

from __future__ import annotations

import pytest

from allervers.engine.block import ENTITIES
from allervers.engine.law import Law
from allervers.foundation.errors import NotFound
from allervers.rights.catalogue import Right, catalogue, computed_rights, right

REQUIRED = {
    "rsa", "ppa", "aides_logement", "af", "cf", "asf", "paje_base", "paje_naissance", "ars", "aspa", "asi", "aah",
    "css_sans_participation", "css_avec_participation", "cheque_energie", "bourse_college", "bourse_lycee",
    "bourse_crous", "medecin_traitant", "domiciliation", "amethyste", "ash", "apa", "pch", "adaje", "ajpp",
}  # fmt: skip


def test_required_rights_are_there() -> None:
    assert set(catalogue()) >= REQUIRED


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.id)
def test_each_right_says_who_under_which_law_and_how(entry: Right) -> None:
    assert entry.label
    assert entry.institution
    assert entry.law
    assert entry.how_to_ask
    assert entry.grade in {"A", "B", "C"}
    assert entry.start.article
    assert 0 <= entry.start.retroactive_months <= 24
    assert entry.renewal_lead_days is None or 0 < entry.renewal_lead_days <= 365


def test_links_exist_and_no_right_is_linked_to_itself() -> None:
    for entry in catalogue().values():
        links = {*entry.prerequisites, *entry.unlocks, *entry.automatic_from, *entry.excluded_by}
        assert links <= set(catalogue()) - {entry.id}


def test_no_circle_of_prerequisites() -> None:
    def chain(identifier: str, above: tuple[str, ...] = ()) -> None:
        assert identifier not in above
        for other in catalogue()[identifier].prerequisites:
            chain(other, (*above, identifier))

    for identifier in catalogue():
        chain(identifier)


def test_unknown_right() -> None:
    with pytest.raises(NotFound, match="Droits connus"):
        right("rsaa")


@pytest.mark.law
@pytest.mark.parametrize("entry", computed_rights(), ids=lambda entry: entry.id)
def test_variables_and_parameters_of_each_computation_exist(entry: Right, corrected: Law) -> None:
    computation = entry.computation
    assert computation is not None
    output = corrected.variable(computation.output)
    assert output.entity == computation.entity
    assert output.is_computed
    assert output.end is None
    assert computation.entity in ENTITIES
    names = [*computation.explained_by, *([computation.before_threshold] if computation.before_threshold else [])]
    for name in names:
        assert corrected.variable(name).end is None
    if computation.threshold_parameter is not None:
        value = corrected.parameter(computation.threshold_parameter, "2026-11-01")
        assert value is not None
        assert value > 0
