"""What people type, as they type it: each question finds a right that answers it; what is not ours finds nothing."""

from __future__ import annotations

import pytest

from allervers.rights.search import search
from allervers.rights.sounds import sound

ANSWERED = {
    "je dors dehors": "domiciliation",
    "je dor dans ma voiture": "domiciliation",
    "jai plus de maison": "domiciliation",
    "jé perdu mon travaille": "are",
    "jai pu de boulo": "are",
    "on ma viré": "are",
    "je trouve pas de travail": "are",
    "mon patron ma licencier": "are",
    "chomage fini": "ass",
    "jarrive pa a payé mon loyé": "aides_logement",
    "mon proprio veut me mettre dehors": "fsl_maintien",
    "expultion": "fsl_maintien",
    "demande de logemen sosial": "demande_logement_social",
    "je peu pas payer ledf": "cheque_energie",
    "coupure delectricité": "cheque_energie",
    "mutuel gratuite": "css_sans_participation",
    "lunete pour mon fils": "css_sans_participation",
    "mon fils est otiste": "aeeh",
    "andicapé": "aah",
    "je sui enceinte": "paje_naissance",
    "garde denfant": "cmg",
    "mon mari ma kité": "asf",
    "son père paie pas la pention": "aripa",
    "kantine trop chère": "cantine_college",
    "plus rien dans le frigo": "aides_ccas",
    "j'ai faim": "aides_ccas",
    "jai 65 ans et rien pour vivre": "rsa",
    "ma mère est vieille": "aspa",
    "la retrete de ma grand mère est petite": "aspa",
    "ma mère est tombée chez elle": "teleassistance",
    "je sort de prison": "domiciliation",
    "j'ai pas de papié": "ame",
    "carte navigo pas chère": "solidarite_transport",
    "un avoca gratuit": "aide_juridictionnelle",
}
"""Question -> a right that must be among the first three."""

NOT_OURS = (
    "météo demain", "recette de cuisine", "carte grise", "mot de passe oublié", "acheter une voiture", "pizza",
    "match de foot", "bonjour", "permis de conduire", "film ce soir", "resto pas cher", "asdfgh",
)  # fmt: skip


@pytest.mark.parametrize("asked", ANSWERED)
def test_an_everyday_question_finds_its_right(asked: str) -> None:
    assert ANSWERED[asked] in [match.right for match in search(asked)[:3]]


@pytest.mark.parametrize("asked", NOT_OURS)
def test_what_is_not_ours_finds_nothing(asked: str) -> None:
    assert search(asked) == ()


@pytest.mark.parametrize(
    ("as_said", "as_written"),
    [("travaill", "travail"), ("otist", "autist"), ("boulo", "boulot"), ("loye", "loyer"), ("retret", "retrait"),
     ("sosial", "social"), ("kite", "quitt"), ("farmassi", "pharmacie"), ("chomag", "chaumag")],
)  # fmt: skip
def test_two_spellings_sound_alike(as_said: str, as_written: str) -> None:
    assert sound(as_said) == sound(as_written)


@pytest.mark.parametrize(
    ("one", "other"), [("loyer", "lycee"), ("retrait", "retard"), ("maison", "mission"), ("metro", "meteo")]
)
def test_different_words_do_not(one: str, other: str) -> None:
    assert sound(one) != sound(other)
