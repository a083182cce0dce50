"""The record that explains a finding: the four parts of CRPA R. 311-3-1-2, in French, what is supposed and asked."""

import json
from datetime import date

import polars as pl
import pytest
from hand_made_case import LAW

from allervers.detection.explanation import Explanation, explain
from allervers.detection.statuses import LABELS, Status
from allervers.foundation.money import NARROW_SPACE
from allervers.rights.assumptions import assumptions
from allervers.rights.catalogue import catalogue, computed_rights
from allervers.rights.corrections import corrections_of

FINDING = {
    "right": "rsa", "unit_id": "f1", "menage_id": "m1", "status": "not_claimed", "amount_eur_month": 1234.5,
    "since_month": "2026-08", "since_is_exact": False, "eur_lost": 3703.5, "questions": [],
}  # fmt: skip
SIDES = {"rsa_socle": 651.69, "rsa_base_ressources": None}
PROVENANCE = pl.DataFrame(
    [
        ("m1", "p1", "composition", "caf-93", date(2026, 11, 5), "known"),
        ("m1", "p2", "composition", "caf-93", date(2026, 11, 5), "known"),
        ("m1", "p1", "ressources_mensuelles", None, None, "unknown"),
        ("m1", "p1", "activite", "cpam-93", date(2026, 10, 1), "carried"),
    ],
    schema=["menage_id", "person_id", "input_group", "partner", "reference_on", "state"],
    orient="row",
)


def explained(right: str = "rsa", assumed: tuple[str, ...] = (), **changed) -> Explanation:
    finding = {**FINDING, "right": right, **changed}
    return explain(finding, catalogue()[right], SIDES, PROVENANCE, assumed=assumed, law=LAW)


def test_four_parts_of_the_article():
    text = explained().as_text()
    for title in ("Contribution du calcul", "Données et sources", "Paramètres et valeurs", "Opérations"):
        assert title in text
    assert "Il ne décide de rien" in text
    assert "aucun score" in text
    assert "CASF L. 262-2" in text
    assert text.endswith("Calcul : hand 1")


def test_sentence_with_the_amount_in_french():
    s = NARROW_SPACE
    assert explained().sentence == (
        f"{catalogue()['rsa'].label} : droit probable, non demandé, 1{s}234,50{s}€ par mois, depuis au moins août 2026."
    )
    assert "depuis août 2026" in explained(since_is_exact=True).sentence
    assert explained(amount_eur_month=None, since_month=None).sentence.endswith("non demandé.")


def test_money_lost_is_said_only_when_there_is_some():
    assert any(f"Perdu depuis le premier mois constaté : 3{NARROW_SPACE}703,50" in o for o in explained().operations)
    for nothing in (None, 0.0):
        assert not any("Perdu depuis" in o for o in explained(eur_lost=nothing).operations)


def test_parameters_have_french_labels_and_commas_and_unknown_is_not_zero():
    assert explained().parameters == (
        "Montant forfaitaire pour ce foyer, euros par mois : 651,69",
        "Ressources retenues (moyenne des mois M-4 à M-2), euros par mois : inconnu",
    )


def test_sources_say_partner_and_date_once():
    assert explained().sources == (
        "composition : connu (caf-93, au 05/11/2026)",
        "ressources mensuelles : inconnu",
        "activite : reporté du mois précédent (cpam-93, au 01/10/2026)",
    )


def test_assumptions_are_said_with_their_question():
    found = explained(assumed=("enceinte", "coloc"))
    assert found.assumptions == (assumptions()["enceinte"].sentence, assumptions()["coloc"].sentence)
    assert found.questions == (assumptions()["enceinte"].question, assumptions()["coloc"].question)
    assert "Ce qui est supposé" in found.as_text()
    assert "Ce qui est supposé" not in explained().as_text()


def test_questions_of_the_finding_come_first():
    found = explained("af", status="unknown", questions=["Qui vit au foyer ?"], assumed=("garde_alternee",))
    stay = [c.question for c in corrections_of("af", ("assumption",))]
    assert found.questions == ("Qui vit au foyer ?", assumptions()["garde_alternee"].question, *stay)


def test_known_gaps_of_the_code_are_said_with_their_article():
    found = explained("css_sans_participation")
    assert len(found.corrections) == len(corrections_of("css_sans_participation"))
    assert any("CSS L. 861-1" in line and "Ce que nous faisons" in line for line in found.corrections)


@pytest.mark.parametrize("right", [r.id for r in computed_rights()])
def test_start_of_each_right_is_said_with_its_article(right):
    found = explained(right)
    start = catalogue()[right].start
    assert any(start.article in operation for operation in found.operations)
    assert any("Rappel possible" in o for o in found.operations) == bool(start.retroactive_months)


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_its_words(status):
    found = explained(status=str(status))
    assert LABELS[status].lower() in found.sentence
    assert LABELS[status].lower() in found.operations[1]


def test_as_dict_goes_to_json_and_back():
    found = explained(assumed=("coloc",))
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["sentence"] == found.sentence


def test_plain_reasons_come_first_and_say_values_with_their_period():
    sides = {"rsa_socle": 651.69, "rsa_socle_majore": 0.0, "rsa_forfait_logement": 0.0, "rsa_base_ressources": 500.0}
    found = explain(FINDING, catalogue()["rsa"], sides, PROVENANCE, assumed=(), law=LAW)
    s = NARROW_SPACE
    assert found.reasons == (
        f"Le montant garanti est de 651,69{s}€ par mois pour ce foyer.",
        f"On en retire les ressources : 500{s}€ par mois en moyenne.",
    )
    assert explained(status="unknown").reasons == ()


def test_each_amount_that_explains_has_its_period():
    for right in computed_rights():
        assert right.computation is not None
        for label in right.computation.explained_by.values():
            assert "euros" not in label or label.endswith(("euros par mois", "euros par an")), (right.id, label)
