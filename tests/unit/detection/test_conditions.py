"""Units that only a person can settle: whom each condition concerns."""

from datetime import date

import polars as pl
from hand_made_case import MONTH, case_of, population_frames

from allervers.detection.conditions import condition_units


def test_young_adult_at_home_is_to_check_for_the_health_cover_too(tmp_path):
    people = population_frames()["individu"].with_columns(
        menage_id=pl.col("menage_id").replace({"m2": "m1"}),
        menage_role=pl.when(pl.col("id") == "p4").then(pl.lit("enfant")).otherwise("menage_role"),
        date_naissance=pl.when(pl.col("id") == "p4").then(date(2005, 1, 1)).otherwise("date_naissance"),
    )
    homes = population_frames()["menage"].filter(pl.col("id") != "m2")
    case = case_of(tmp_path, population={"individu": people, "menage": homes})
    concerned = condition_units(case.population, MONTH)["jeune_adulte_hors_famille"]()
    assert sorted(concerned) == ["f1", "f2"]


def test_student_of_unknown_nationality_is_to_check(tmp_path):
    people = population_frames()["individu"].with_columns(
        pl.lit("etudiant").alias(f"activite@{MONTH}"), pl.lit(None, pl.String).alias(f"nationalite@{MONTH}")
    )
    case = case_of(tmp_path, population={"individu": people})
    assert sorted(condition_units(case.population, MONTH)["etudiant_hors_union"]()) == ["f1", "f2", "f3"]
