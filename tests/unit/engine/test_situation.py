"""Situations as dictionaries: what is asked, the months around it, a tax year moved."""

from __future__ import annotations

from allervers.engine.situation import asked_in, months_asked, with_year_moved

SITUATION = {
    "individus": {"a": {"salaire_net": {"2026-01": 1000}, "age": {"2026-03": None}}},
    "familles": {"f": {"parents": ["a"], "rsa": {"2026-01": None, "2025-12": 3}}},
    "axes": [[{"name": "salaire_net"}]],
}


def test_asked_are_the_nulls_in_order() -> None:
    assert [tuple(asked) for asked in asked_in(SITUATION)] == [
        ("individus", "a", "age", "2026-03"),
        ("familles", "f", "rsa", "2026-01"),
    ]


def test_error_is_at_its_place() -> None:
    report = asked_in(SITUATION)[1].error("message").report
    assert report == {"familles": {"f": {"rsa": {"2026-01": "message"}}}}


def test_months_asked_cover_the_year_and_the_one_before() -> None:
    months = months_asked(SITUATION)
    assert (months[0], months[-1], len(months)) == ("2025-01", "2026-12", 24)
    assert months_asked({"individus": {"a": {"x": {"month:2024-02": None}}}})[0] == "2023-01"
    assert months_asked({"individus": {"a": {"x": {"ETERNITY": None}}}}) == []


def test_year_moved_replaces_the_year_read_and_leaves_the_original() -> None:
    situation = {"individus": {"a": {"s": {"2024": 1, "2025": 2, "2025-03": 3, "2026-01": 4, "month:2025-04": 5}}}}
    moved = with_year_moved(situation, "2025", "2024")
    assert moved["individus"]["a"]["s"] == {"2024": 2, "2024-03": 3, "2026-01": 4, "month:2024-04": 5}
    assert situation["individus"]["a"]["s"]["2024"] == 1
