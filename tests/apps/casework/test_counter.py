"""The grid at the counter: eight signs at most, unsaid is not no, nothing kept but counts of nobody."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from small_world import NOW

from allervers.apps.audit.models import Entry
from allervers.apps.casework.actions.counter import count_grid
from allervers.apps.casework.domain import Origin
from allervers.apps.casework.grid import MOST_SIGNS, Outcome, grid, read_grid, result_of
from allervers.apps.casework.models import GridTally
from allervers.foundation.errors import InvalidInput

SIGN = '[[signs]]\nid = "{}"\nask = "?"\nwhy = "."\nthemes = {}\n'


def test_the_grid_is_short_and_sourced():
    assert 0 < len(grid().signs) <= MOST_SIGNS
    assert grid().source
    assert all(sign.ask.endswith("?") and sign.why.endswith(".") for sign in grid().signs)


@pytest.mark.parametrize(
    "signs", ["", SIGN.format("a", "[]") * 2, SIGN.format("a", '["loterie"]'),
              "".join(SIGN.format(f"s{n}", "[]") for n in range(9)), '[[signs]]\nid = "a"\n']
)  # fmt: skip
def test_a_wrong_grid_is_refused(signs):
    with pytest.raises(InvalidInput):
        read_grid(f'source = "s"\nenough = 2\n{signs}')


@pytest.mark.parametrize(
    ("answers", "outcome", "families"),
    [
        ({}, Outcome.UNSAID, []),
        ({"soins": "non"}, Outcome.NOTHING, []),
        ({"soins": "oui"}, Outcome.CHECK, ["sante"]),
        ({"logement": "oui"}, Outcome.MEETING, ["logement"]),
        ({"soins": "oui", "changement": "oui"}, Outcome.MEETING, ["ressources", "famille", "sante"]),
        ({"demarches": "oui"}, Outcome.NOTHING, []),
        ({"autre": "oui", "soins": "peut-être"}, Outcome.UNSAID, []),
    ],
)
def test_what_answers_propose(answers, outcome, families):
    result = result_of(answers)
    assert (result.outcome, [family.id for family in result.families]) == (outcome, families)
    assert result.unsaid == len(grid().signs) - sum(v in {"oui", "non"} for k, v in answers.items() if k != "autre")


def test_only_a_count_is_kept_and_a_page_sent_again_counts_once(world, signed_in, in_november):
    client = signed_in(world.agent)
    assert "Une domiciliation".lower() in client.get("/plans/accueil/?origin=domiciliation").content.decode()
    sent = {"origin": "domiciliation", "key": "k1", "logement": "oui", "fin_de_mois": "oui", "menage": "menage-1"}
    for _ in range(2):
        page = client.post("/plans/accueil/", sent).content.decode()
        assert "Rendez-vous des droits proposé" in page
        assert "Commencer le rendez-vous" in page
    client.post("/plans/accueil/", {**sent, "key": "k2"})
    tally = GridTally.objects.get()
    assert (tally.team, tally.month, tally.origin, tally.outcome, tally.count) == (
        world.team, "2026-11", "domiciliation", "meeting", 2,
    )  # fmt: skip
    entry = Entry.objects.filter(action="grid_filled").first()
    assert (entry.target, entry.details) == ("2026-11", {"origin": "domiciliation"})
    assert client.get("/plans/accueil/?origin=loterie").status_code == 200


@pytest.mark.parametrize("who", ["admin", "analyst", "platform"])
def test_others_count_nothing(world, who):
    with pytest.raises(PermissionDenied):
        count_grid(acting_user=getattr(world, who), now=NOW, origin=Origin.COUNTER, outcome=Outcome.CHECK)
    assert not GridTally.objects.exists()


def test_an_empty_grid_concludes_nothing(world, signed_in):
    html = signed_in(world.agent).post("/plans/accueil/", {"origin": "counter", "key": "k" * 32}).content.decode()
    assert "Rien ne peut en être conclu" in html
    assert not GridTally.objects.exists()
