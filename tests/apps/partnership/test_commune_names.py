"""Communes are named, those that were merged too, and sorted as in French."""

from __future__ import annotations

from allervers.apps.findings.forms import _sorted_by_label
from allervers.apps.partnership.labels import commune_label, communes_known
from allervers.apps.simulation.queries import towns
from allervers.foundation.periods import Month


def test_a_commune_that_was_merged_has_the_name_of_what_it_is_part_of():
    assert commune_label("93059") == "Saint-Denis"
    assert commune_label("93066") == "Saint-Denis"
    assert commune_label("75056") == "75056"
    assert "93059" not in communes_known()


def test_accents_do_not_send_a_commune_to_the_end():
    names = list(communes_known().values())
    assert names.index("Épinay-sur-Seine") < names.index("Gagny")
    filter_of_lists = [label for _, label in _sorted_by_label(["93032", "93031", "93027"], commune_label)]
    assert filter_of_lists == ["Épinay-sur-Seine", "Gagny", "La Courneuve"]
    towns_of_simulator = [town.nom for town in towns(Month(2026, 11))]
    assert towns_of_simulator.index("Épinay-sur-Seine") < towns_of_simulator.index("Gagny")
