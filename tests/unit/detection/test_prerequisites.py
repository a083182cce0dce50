"""What to open first, and what falls with a right that ends."""

from datetime import date

import polars as pl
import pytest
from hand_made_case import LAW, MONTH, TODAY, case_of, droit, entitled, population_frames

from allervers.detection.findings import find
from allervers.detection.prerequisites import with_blocking, with_cascade
from allervers.rights.catalogue import catalogue


def blocked(tmp_path, right: str = "rsa", **tables) -> dict[str, str | None]:
    case = case_of(tmp_path, **tables)
    rows = find(case, [entitled(case, right, {})], catalogue(), law=LAW, month=MONTH, today=TODAY)
    rows = with_blocking(rows, case, catalogue(), month=MONTH)
    assert rows.height == 3
    return dict(rows.select("menage_id", "blocked_by").rows())


def test_who_has_no_home_needs_an_address_first(tmp_path):
    assert blocked(tmp_path) == {"m1": None, "m2": None, "m3": "domiciliation"}


def test_right_that_needs_no_address_is_not_blocked(tmp_path):
    assert blocked(tmp_path, "af") == dict.fromkeys(("m1", "m2", "m3"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({"fin_on": date(2026, 11, 1)}, None),
        ({"fin_on": date(2026, 10, 31)}, "domiciliation"),
        ({"debut_on": date(2026, 12, 1)}, "domiciliation"),
        ({"etat": "en_attente"}, "domiciliation"),
        ({"etat": "refuse"}, "domiciliation"),
    ],
)
def test_only_a_domiciliation_in_force_opens(tmp_path, given, expected):
    assert blocked(tmp_path, droits=[droit("p5", "domiciliation") | given])["m3"] == expected


def test_domiciliation_of_another_home_opens_nothing(tmp_path):
    assert blocked(tmp_path, droits=[droit("p4", "domiciliation")])["m3"] == "domiciliation"


def test_unknown_tenure_is_not_taken_for_homelessness(tmp_path):
    homes = population_frames()["menage"]
    name = f"statut_occupation_logement@{MONTH}"
    unknown = homes.with_columns(pl.lit(None, pl.String).alias(name))
    assert blocked(tmp_path / "null", population={"menage": unknown})["m3"] is None
    assert blocked(tmp_path / "absent", population={"menage": homes.drop(name)})["m3"] is None


ALERTS = pl.DataFrame(
    [("droit_expirant", "domiciliation", "m1"), ("droit_expirant", "rsa", "m2"), ("droit_expirant", "apa", "m1"),
     ("naissance", None, "m1"), ("droit_expirant", "rsa", None)],
    schema=["alert", "right", "menage_id"], orient="row",
)  # fmt: skip


def test_cascade_names_what_the_home_receives_and_would_lose():
    held = pl.DataFrame(
        [("m1", "rsa", "received"), ("m1", "rsa", "received"), ("m1", "css_sans_participation", "received"),
         ("m1", "aah", "not_claimed"), ("m1", "af", "received"), ("m2", "css_sans_participation", "not_claimed")],
        schema=["menage_id", "right", "status"], orient="row",
    )  # fmt: skip
    rows = with_cascade(ALERTS, held, catalogue(), received="received")
    assert rows.drop("rights_at_risk").equals(ALERTS)
    assert rows["rights_at_risk"].to_list() == [["css_sans_participation", "rsa"], None, None, None, None]


def test_cascade_follows_the_chain():
    """An address opens the RSA, which opens the free cover: both fall with the address."""
    held = pl.DataFrame(
        [("m1", "css_sans_participation", "received")], schema=["menage_id", "right", "status"], orient="row"
    )
    rows = with_cascade(ALERTS.head(1), held, catalogue(), received="received")
    assert rows["rights_at_risk"].to_list() == [["css_sans_participation"]]
