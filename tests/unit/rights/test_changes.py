"""What changed since a date, and the register of procedures by level."""

from __future__ import annotations

from datetime import date

from allervers.rights.changes import changes_since
from allervers.rights.procedures import LEVELS, count_by_level, procedures, rights_by_level


def test_changes_since_a_date_most_recent_first() -> None:
    found = changes_since(date(2026, 1, 1), until=date(2026, 11, 23))
    assert [c.on for c in found] == sorted((c.on for c in found), reverse=True)
    assert {"aides_logement", "af", "conge_supplementaire_naissance"} <= {c.right for c in found}
    assert all(date(2026, 1, 1) <= c.on <= date(2026, 11, 23) for c in found)


def test_both_dates_are_included_and_announced_changes_are_kept_by_default() -> None:
    (change,) = changes_since(date(2026, 7, 1), until=date(2026, 7, 1), rights=["aides_logement"])
    assert "étudiants non européens" in change.what
    announced = changes_since(date(2026, 12, 31), rights=["rsa"])
    assert [c.grade for c in announced] == ["C"]


def test_nothing_changed() -> None:
    assert changes_since(date(2030, 1, 1)) == ()


def test_procedures_by_level() -> None:
    assert {p.right for p in procedures(level=3)} == {"ajpp"}
    assert all(p.level <= 2 for p in procedures(at_most=2))
    assert all(p.level >= 4 and p.kind == "online" for p in procedures(at_least=4, kind="online"))
    found = procedures()
    assert [p.level for p in found] == sorted(p.level for p in found)
    assert "adaje" not in {p.right for p in found}


def test_levels_are_counted() -> None:
    assert sum(count_by_level().values()) == len(procedures())
    levels = rights_by_level()
    assert set(levels) == {0, *LEVELS}
    assert "rsa" in levels[5]
    assert "prime_noel" in levels[0]
    assert "adaje" not in {right for names in levels.values() for right in names}
