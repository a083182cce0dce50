"""The declared files: templates of steps and delays name what exists, say where they come from."""

from __future__ import annotations

import pytest

from allervers.apps.casework.delays import delay_of, delays
from allervers.apps.casework.parcours import called_for, read_templates, templates
from allervers.foundation.errors import InvalidInput
from allervers.rights.catalogue import catalogue

STEP = '{ id = "a", what = "Appeler", doer = "agent" }'


def test_every_life_event_asked_for_has_its_template():
    asked = {"separation", "naissance", "deuil_conjoint", "perte_emploi", "retraite", "majorite", "handicap",
             "impaye_loyer", "sans_domicile", "sortie_prison", "sortie_ase"}  # fmt: skip
    assert asked <= set(templates())


@pytest.mark.parametrize("name", templates())
def test_a_template_is_plain_and_sourced(name):
    one = templates()[name]
    assert one.source
    assert 3 <= len(one.steps) <= 8
    for step in one.steps:
        assert step.what[0].isupper()
        assert len(step.what) <= 110
        assert not step.what.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        f'[a]\nlabel="A"\nsource="s"\nlife_event="loterie"\nsteps=[{STEP}]',
        f'[a]\nlabel="A"\nsource="s"\nevents=["loterie"]\nsteps=[{STEP}]',
        f'[a]\nlabel="A"\nsource="s"\nsteps=[{STEP}, {STEP}]',
        f'[a]\nlabel="A"\nsource="s"\nautre="x"\nsteps=[{STEP}]',
        f'[a]\nlabel="A"\nsteps=[{STEP}]',
        '[a]\nlabel="A"\nsource="s"\nsteps=[]',
        '[a]\nlabel="A"\nsource="s"\nsteps=[{ id = "a", what = "x", doer = "voisin" }]',
        '[a]\nlabel="A"\nsource="s"\nsteps=[{ id = "a", what = "x", doer = "agent", right = "loterie" }]',
    ],
)
def test_a_wrong_template_is_refused_by_its_name(text):
    with pytest.raises(InvalidInput, match="« a »"):
        read_templates(text)


def test_events_of_the_lists_call_for_templates():
    assert called_for(frozenset({"impaye_loyer", "separation"})) == ("separation", "impaye_loyer")
    assert called_for(frozenset()) == ()


def test_delays_are_of_rights_and_say_where_they_come_from():
    assert set(delays()) - {"default"} <= set(catalogue())
    assert (delay_of("pch").days, delay_of("pch").is_default) == (122, False)
    assert delay_of("rsa").is_default
    assert all(one.source for one in delays().values())
