"""docs/cas says what tests/spec/cas holds, and says which cases are checked outside."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

import case_pages


def test_pages_are_up_to_date() -> None:
    assert case_pages.out_of_date(case_pages.PAGES) == [], "python scripts/case_pages.py"


def test_a_stale_a_missing_and_a_left_over_page_are_found(tmp_path: Path) -> None:
    for name, text in case_pages.pages().items():
        (tmp_path / name).write_text(text, "utf-8")
    assert case_pages.out_of_date(tmp_path) == []
    (tmp_path / "couples.md").write_text("autre chose", "utf-8")
    (tmp_path / "vieillesse.md").unlink()
    (tmp_path / "ancien_theme.md").write_text("reste", "utf-8")
    assert case_pages.out_of_date(tmp_path) == ["ancien_theme.md", "couples.md", "vieillesse.md"]


def test_every_expectation_is_on_a_page_with_its_article() -> None:
    texts = case_pages.pages()
    for theme in case_pages.read_themes():
        page = texts[f"{theme.name}.md"]
        assert page.count("  - Texte : ") == sum(len(case.attendu) for case in theme.cas)
        assert all(f"## {case.titre}\n" in page and case.situation in page for case in theme.cas)


def test_index_counts_what_is_checked_outside_and_lists_every_difference() -> None:
    index = case_pages.pages()["README.md"]
    cases = [case for theme in case_pages.read_themes() for case in theme.cas]
    counted = re.search(r"source extérieure : (\d+) cas sur (\d+)", index)
    assert counted is not None
    assert (int(counted[1]), int(counted[2])) == (sum(bool(case.sources) for case in cases), len(cases))
    differences = [e for case in cases for e in case.attendu if e.moteur is not None]
    assert f"le moteur et la loi : {len(differences)}\n" in index
    assert all(expected.ecart in index for expected in differences)


def test_amounts_and_dates_are_french() -> None:
    assert case_pages.euros(1043.6) == "1 043,60 €"
    assert case_pages.euros(351) == "351 €"
    assert case_pages.month("2026-11") == "novembre 2026"
