"""The law as written cases in French (tests/spec/cas): worked by hand, met by our engine and by OpenFisca."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from case_blocks import found, found_if
from case_pages import MONTH, VERDICTS, Case, Expected, read_themes

from allervers.engine.law import Law
from allervers.engine.laws import law_of
from allervers.rights.catalogue import catalogue
from allervers.rights.corrections import corrected_law, register

CASES = [case for theme in read_themes() for case in theme.cas]
EXPECTED = [pytest.param(case, e, id=f"{case.id}-{e.droit}-{e.personne}") for case in CASES for e in case.attendu]
CENT = 0.0101
HELD_BACK = {"to_check", "amount_hidden", "not_shown", "not_computable"}
LAST_MONTHS = (MONTH, "2026-12")


@pytest.fixture(scope="module")
def engine() -> Law:
    """The corrected law by our own engine, the fastest here."""
    return law_of(corrected_law(), "")


def test_cases_are_told_apart() -> None:
    assert len({case.id for case in CASES}) == len(CASES) >= 50
    assert all(len(case.titre) > 5 and case.situation.endswith((".", ":")) and case.attendu for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_expectation_has_reason_article_date_and_computation(case: Case) -> None:
    for expected in case.attendu:
        assert expected.droit in catalogue()
        assert (expected.montant is None) is (expected.verdict in VERDICTS)
        assert expected.raison.endswith(".")
        assert re.search(r"\d", expected.article)
        assert isinstance(expected.depuis, date)
        assert str(expected.depuis)[:7] <= case.mois
        assert expected.calcul or expected.montant is None
        assert expected.confiance in {"A", "B", "C"}
        # A text that nobody has read again is never graded A.
        assert not ("à confirmer" in expected.article and expected.confiance == "A")
        if expected.montant is None:
            asked = expected.correction or expected.opener
            assert expected.question or (asked and asked.question)


@pytest.mark.law
@pytest.mark.parametrize(("case", "expected"), EXPECTED)
def test_our_engine(case: Case, expected: Expected, engine: Law) -> None:
    if expected.verdict == "non_calcule":
        assert catalogue()[expected.droit].computation is None
    elif expected.opener is not None:
        assert expected.verdict == "a_verifier"
        assert expected.droit in expected.opener.rights
        assert found(engine, case, expected)[0] == 0
        assert found_if(engine, case, expected) == pytest.approx(expected.si_oui, abs=CENT)
    elif expected.verdict == "a_verifier":
        correction = next(entry for entry in register() if entry.id == expected.registre)
        assert correction.kind in HELD_BACK
        assert expected.droit in correction.rights
        assert correction.in_force_on[:7] <= case.mois
    elif expected.verdict == "inconnu":
        assert found(engine, case, expected)[1]
    else:
        amount, _ = found(engine, case, expected)
        answers = expected.montant if expected.moteur is None else expected.moteur
        assert amount == pytest.approx(answers, abs=CENT)


@pytest.mark.law
@pytest.mark.parametrize(("case", "expected"), [p for p in EXPECTED if p.values[1].montant is not None])
def test_openfisca_unmodified(case: Case, expected: Expected, openfisca: Law) -> None:
    """A difference with OpenFisca-France is one that the register mends, or one that is said."""
    answers = expected.montant if expected.moteur is None else expected.moteur
    if expected.openfisca is not None:
        assert expected.correction or expected.moteur is not None
        answers = expected.openfisca
    assert found(openfisca, case, expected)[0] == pytest.approx(answers, abs=CENT)


@pytest.mark.parametrize(("case", "expected"), [p for p in EXPECTED if p.values[1].moteur is not None])
def test_a_known_difference_is_one_and_is_explained(case: Case, expected: Expected) -> None:
    assert abs(float(expected.moteur or 0) - float(expected.montant or 0)) > CENT
    assert len(expected.ecart) > 20
