"""What is paid against what is computed: either way, beyond a tolerance, to protect the person."""

import polars as pl
import pytest
from hand_made_case import LAW, MONTH, TODAY, case_of, entitled, payment

from allervers.detection.alerts import rules
from allervers.detection.findings import find
from allervers.detection.mismatches import TOLERANCE_EUR, TOLERANCE_SHARE, find_mismatches
from allervers.rights.catalogue import catalogue


def gaps(tmp_path, *, paid: float, coming: float | None, held: float | None = None, last: int = 1) -> pl.DataFrame:
    case = case_of(tmp_path, receipts=payment("f1", "rsa", MONTH - last, amount=paid))
    given = [entitled(case, "rsa", {"f1": coming})]
    if held is not None:
        given.append(entitled(case, "rsa", {"f1": held}, month=MONTH - 3))
    rows = find(case, given, catalogue(), law=LAW, month=MONTH, today=TODAY)
    return find_mismatches(rows, case.receipts, str(MONTH))


def test_paid_too_much_and_too_little_are_told_with_their_sign(tmp_path):
    over = gaps(tmp_path / "over", paid=600.0, coming=300.0)
    assert over.select("right", "unit_id", "menage_id", "person_id", "gap_eur").rows() == [
        ("rsa", "f1", "m1", "p1", 300.0)
    ]
    assert gaps(tmp_path / "under", paid=300.0, coming=600.0)["gap_eur"].to_list() == [-300.0]


@pytest.mark.parametrize(
    ("paid", "computed", "told"),
    [
        (100.0, 100.0 - TOLERANCE_EUR, False),
        (100.0, 100.0 - TOLERANCE_EUR - 0.01, True),
        (1000.0, 1000.0 * (1 - TOLERANCE_SHARE), False),
        (1000.0, 1000.0 * (1 - TOLERANCE_SHARE) - 0.01, True),
    ],
)
def test_tolerance(tmp_path, paid, computed, told):
    assert (gaps(tmp_path, paid=paid, coming=computed).height == 1) is told


def test_quarter_that_is_paid_explains_the_amount(tmp_path):
    assert gaps(tmp_path / "held", paid=600.0, coming=100.0, held=600.0).is_empty()
    assert gaps(tmp_path / "coming", paid=600.0, coming=600.0, held=100.0).is_empty()
    assert gaps(tmp_path / "neither", paid=600.0, coming=100.0, held=200.0)["gap_eur"].to_list() == [400.0]


def test_unknown_amount_is_no_mismatch(tmp_path):
    assert gaps(tmp_path, paid=600.0, coming=None).is_empty()


def test_benefit_no_longer_paid_is_no_mismatch(tmp_path):
    assert gaps(tmp_path, paid=600.0, coming=100.0, last=2).is_empty()


def test_no_path_to_control():
    """CRPA L. 114-8: the check protects the person. No score, no rank, no order for control."""
    rule = rules()["ressources_discordantes"]
    words = f"{rule.label} {rule.parcours} {rule.article}".lower()
    assert "protéger" in words
    assert "droit à l'erreur" in words
    assert not [word for word in ("contrôle", "fraude", "score", "risque", "suspect") if word in words]


def test_result_holds_no_score(tmp_path):
    assert gaps(tmp_path, paid=600.0, coming=300.0).columns == [
        "right", "unit_entity", "unit_id", "menage_id", "person_id", "paid_eur", "computed_eur", "gap_eur"]  # fmt: skip
