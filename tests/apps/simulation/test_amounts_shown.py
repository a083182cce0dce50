"""What is written of an amount: what is sure, and no range that tells nothing."""

from __future__ import annotations

import pytest

from allervers.apps.simulation.cards import amount_of, sure_total
from allervers.rights.catalogue import catalogue
from allervers.rights.interview.results import Result, Total, Verdict


def plain(text: str) -> str:
    """With ordinary spaces."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize(
    ("verdict", "low", "high", "said"),
    [
        ("check", 0.0, 35_627.69, ""),
        ("check", 100.0, 35_627.69, "au moins 100 € par mois"),
        ("check", 0.0, 600.0, "de 0 à 600 € par mois"),
        ("check", None, None, ""),
        ("yes", 3_200.0, 3_200.0, "3 200 € par mois"),
    ],
)
def test_a_range_whose_top_is_not_plausible_has_none(
    verdict: Verdict, low: float | None, high: float | None, said: str
) -> None:
    assert plain(amount_of(Result(catalogue()["rsa"], 0, "", verdict, low, high))) == said


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (Total(300.0, 300.0), "300 €"),
        (Total(300.0, 35_627.69), "au moins 300 €"),
        (Total(0.0, 35_627.69), "au moins 0 €"),
        (Total(300.0, None), "au moins 300 €"),
    ],
)
def test_a_total_is_what_is_sure(total: Total, said: str) -> None:
    assert plain(sure_total(total)) == said
