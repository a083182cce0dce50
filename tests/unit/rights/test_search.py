"""Search in ordinary words: each expression finds its right, slips are forgiven, nothing is found for nothing."""

from __future__ import annotations

from time import perf_counter

import pytest

from allervers.rights.catalogue import catalogue
from allervers.rights.registries import life_events, spoken_words
from allervers.rights.search import search, words_of

FIRST = {
    "loyer": "aides_logement",
    "APL": "aides_logement",
    "je ne peux plus payer mon loyer": "aides_logement",
    "dette de loyer": "fsl_maintien",
    "mutuelle": "css_sans_participation",
    "mutuele": "css_sans_participation",
    "lunetes": "css_sans_participation",
    "j'ai perdu mon travail": "are",
    "plus de chômage": "ass",
    "bébé": "paje_naissance",
    "bebes": "paje_naissance",
    "handicap": "aah",
    "handicapées": "aah",
    "enfant handicapé": "aeeh",
    "vieillesse": "aspa",
    "cantine": "cantine_college",
    "SDF": "domiciliation",
    "sans domicile": "domiciliation",
    "aide à domicile": "apa",
    "papiers": "ame",
    "électricité": "cheque_energie",
    "electricte": "cheque_energie",
    "mon mari est mort": "pension_reversion",
    "maison de retraite pour ma mère": "apa_etablissement",
    "rsa": "rsa",
    "nounou": "cmg",
    "avocat": "aide_juridictionnelle",
    "metro": "solidarite_transport",
    "maman solo": "asf",
    "logement social": "demande_logement_social",
}


@pytest.mark.parametrize(("asked", "right"), FIRST.items())
def test_ordinary_words_find_their_right_first(asked: str, right: str) -> None:
    found = search(asked)
    assert found[0].right == right
    assert found[0].label == catalogue()[right].label
    assert "«" in found[0].reason


@pytest.mark.parametrize(
    "asked", ["", "   ", "?", "aide", "bitcoin", "pizza quatre fromages", "xyz", "de la du", "voiture"]
)
def test_nothing_is_found_when_nothing_fits(asked: str) -> None:
    assert search(asked) == ()


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.id)
def test_each_right_is_found_by_its_label(entry: object) -> None:
    label = entry.label  # type: ignore[attr-defined]
    identifier = entry.id  # type: ignore[attr-defined]
    found = [match.right for match in search(label)]
    assert (identifier in found[:3]) is (identifier != "adaje"), found


def test_best_first_and_limited() -> None:
    found = search("enfant", limit=5)
    assert len(found) == 5
    assert [match.score for match in found] == sorted((m.score for m in found), reverse=True)


def test_a_slip_is_told() -> None:
    (found, *_) = search("reversoin")
    assert found.right == "pension_reversion"
    assert found.reason == "« reversoin », compris « réversion » : nom du droit"


def test_hostile_text_is_harmless() -> None:
    assert search("'; DROP TABLE droits; --<script>" * 200) is not None
    assert search("\x00\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace")) == ()


def test_words_without_accent_plural_nor_feminine() -> None:
    assert list(words_of("Les Allocations d'Étudiantes")) == ["allocation", "etudiant"]


def test_spoken_words_lead_to_their_first_right() -> None:
    for entry in spoken_words():
        for spoken in entry.spoken:
            assert entry.rights[0] in [match.right for match in search(spoken)[:4]], spoken


def test_life_events_are_found() -> None:
    lost = [event.label for event in life_events().values() if not search(event.label)]
    assert lost == []


def test_a_query_takes_less_than_ten_milliseconds() -> None:
    search("loyer")
    start = perf_counter()
    for asked in FIRST:
        search(asked)
    assert (perf_counter() - start) / len(FIRST) < 0.010
