"""The register of corrections: its form, its links, and that each change still finds its target in OpenFisca."""

from __future__ import annotations

import re
from datetime import date

import pytest

from allervers.engine.law import Law
from allervers.rights.catalogue import catalogue, computed_rights
from allervers.rights.corrections import Correction, corrected_law, corrections_of, register

NOT_SHOWN = {entry.id for entry in register() if entry.kind == "not_shown"}
NEEDED = {
    "input": ("variable", "value", "start"),
    "parameter": ("path", "number", "start"),
    "tax_year": ("months",),
    "hold": ("months",),
    "to_check": ("condition", "question"),
    "not_computable": ("condition",),
    "assumption": ("question",),
}


def test_ids_are_unique() -> None:
    ids = [entry.id for entry in register()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("entry", register(), ids=lambda entry: entry.id)
def test_each_entry_is_whole(entry: Correction) -> None:
    assert entry.article
    assert entry.openfisca
    assert entry.ours
    assert entry.confidence in {"A", "B", "C"}
    assert date.fromisoformat(entry.in_force_on)
    assert all(getattr(entry, name) is not None for name in NEEDED.get(entry.kind, ()))
    assert entry.start is None or re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", entry.start)


@pytest.mark.parametrize("entry", register(), ids=lambda entry: entry.id)
def test_rights_of_an_entry_exist_unless_they_are_not_shown(entry: Correction) -> None:
    if entry.id in NOT_SHOWN:
        assert not set(entry.rights) & {right.id for right in computed_rights()}
    else:
        assert set(entry.rights) <= set(catalogue())


def test_corrections_of_a_right() -> None:
    assert {entry.id for entry in corrections_of("rsa", ["input"])} == {"rsa_mois_de_reference"}
    assert all("asi" in entry.rights for entry in corrections_of("asi"))


def test_hold_agrees_with_the_catalogue() -> None:
    for entry in register():
        if entry.kind == "hold":
            for identifier in entry.rights:
                computation = catalogue()[identifier].computation
                assert computation is not None
                assert computation.hold_months == entry.months


@pytest.mark.law
def test_each_change_finds_its_target_in_openfisca(openfisca: Law, corrected: Law) -> None:
    changes = corrected_law()
    for change in changes.inputs:
        assert not openfisca.variable(change.variable).is_computed
    for parameter in changes.parameters:
        before = openfisca.parameter(parameter.path, parameter.start_on)
        assert before is not None
        assert before != parameter.value
        assert corrected.parameter(parameter.path, parameter.start_on) == parameter.value
    for shift in changes.tax_year_shifts:
        assert all(openfisca.variable(output).is_computed for output in shift.outputs)


@pytest.mark.law
def test_corrected_law_leaves_openfisca_as_it_is(openfisca: Law, corrected: Law) -> None:
    path = "prestations_sociales.solidarite_insertion.minima_sociaux.cs.cmu.plafond_base"
    assert openfisca.parameter(path, "2026-11-01") == 10_166
    assert corrected.parameter(path, "2024-12-01") == 10_166
    assert corrected.parameter(path, "2026-11-01") == 10_339
