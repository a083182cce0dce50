"""The list on a hand-made folder: each status, since when, who, which questions, and what is never shown."""

from datetime import date

import polars as pl
import pytest
from hand_made_case import (
    FAMILLES,
    LAW,
    MONTH,
    PERSONS,
    TODAY,
    case_of,
    contacts,
    dossier,
    droit,
    entitled,
    payment,
    population_frames,
    write_case,
)

from allervers.detection.casefile import read_case_file
from allervers.detection.conditions import INPUT_GROUPS
from allervers.detection.entitlement import received_columns
from allervers.detection.findings import find
from allervers.detection.mismatches import find_mismatches
from allervers.detection.run import contact_queue
from allervers.detection.statuses import Status
from allervers.rights.catalogue import catalogue
from allervers.rights.corrections import corrections_of

HOME_COLUMN = ("loyer", str(MONTH))


def found(case, *given) -> pl.DataFrame:
    return find(case, list(given), catalogue(), law=LAW, month=MONTH, today=TODAY)


def row_of(case, right: str, unit: str, *given) -> dict:
    rows = found(case, *given).filter(pl.col("right") == right, pl.col("unit_id") == unit)
    assert rows.height == 1
    return rows.row(0, named=True)


def rsa_row(tmp_path, unit="f2", amount=500.0, **tables) -> dict:
    case = case_of(tmp_path, **tables)
    return row_of(case, "rsa", unit, entitled(case, "rsa", {unit: amount}))


def test_not_claimed_with_its_amount_its_place_and_whom_to_contact(tmp_path):
    row = rsa_row(tmp_path)
    assert (row["status"], row["amount_eur"], row["amount_eur_month"]) == ("not_claimed", 500.0, 500.0)
    assert (row["menage_id"], row["person_id"], row["code_insee"], row["unit_entity"]) == (
        "m2", "p4", "93066", "famille")  # fmt: skip
    assert row["questions"] == []
    assert row["deadline_on"] == date(2026, 11, 30)


def test_one_row_a_unit_and_right_whatever_the_tables_repeat(tmp_path):
    droits = [droit("p1", "rsa"), droit("p2", "rsa"), droit("p1", "rsa", "en_attente"), droit("p1", "aah")]
    receipts = payment("f1", "rsa", MONTH, MONTH - 1) + payment("f1", "rsa", MONTH - 1, amount=3.0)
    unknown = {"input_group": "composition", "state": "unknown"}
    said = [{"menage_id": "m1", "person_id": p, **unknown} for p in ("p1", "p2")]
    twice = [*contacts(), *contacts()]
    case = case_of(tmp_path, droits=droits, receipts=receipts, provenance=said, contacts=twice)
    rows = found(case, entitled(case, "rsa", {"f1": 5.0}), entitled(case, "aah", {"p2": 5.0}),
                 entitled(case, "cheque_energie", {"m1": 5.0}))  # fmt: skip
    assert rows.select("right", "unit_id").is_duplicated().sum() == 0
    assert rows.group_by("right").len().sort("right").rows() == [("aah", 5), ("cheque_energie", 3), ("rsa", 3)]


@pytest.mark.parametrize("back", [0, 1])
def test_received_by_payment_of_the_month_or_the_one_before(tmp_path, back):
    assert rsa_row(tmp_path, receipts=payment("f2", "rsa", MONTH - back))["status"] == "received"


def test_old_or_nil_payment_is_not_receipt(tmp_path):
    assert rsa_row(tmp_path / "old", receipts=payment("f2", "rsa", MONTH - 2))["status"] == "not_claimed"
    assert rsa_row(tmp_path / "nil", receipts=payment("f2", "rsa", MONTH, amount=0.0))["status"] == "not_claimed"
    assert rsa_row(tmp_path / "other", receipts=payment("f2", "af", MONTH))["status"] == "not_claimed"


def test_yearly_benefit_paid_in_the_year_is_received(tmp_path):
    case = case_of(tmp_path, receipts=payment("f1", "ars", MONTH - 3) + payment("f2", "ars", MONTH - 12))
    rows = found(case, entitled(case, "ars", {"f1": 430.0, "f2": 430.0}))
    assert dict(rows.select("unit_id", "status").rows()) == {
        "f1": "received", "f2": "not_claimed", "f3": "not_entitled"}  # fmt: skip


@pytest.mark.parametrize(
    ("period", "status"),
    [
        ({}, "received"),
        ({"debut_on": date(2026, 11, 30), "fin_on": None}, "received"),
        ({"fin_on": date(2026, 11, 1)}, "received"),
        ({"debut_on": date(2026, 12, 1)}, "not_claimed"),
        ({"fin_on": date(2026, 10, 31)}, "not_claimed"),
        ({"etat": "fini"}, "not_claimed"),
    ],
)
def test_right_in_force_of_a_member_is_received_by_the_famille(tmp_path, period, status):
    case = case_of(tmp_path, droits=[droit("p2", "css_sans_participation") | period])
    assert row_of(case, "css_sans_participation", "f1", entitled(case, "css_sans_participation", {"f1": 1.0}))[
        "status"
    ] == status  # fmt: skip


def test_right_of_a_person_is_not_received_by_another_of_the_famille(tmp_path):
    case = case_of(tmp_path, droits=[droit("p2", "aah")], receipts=payment("p4", "asi", MONTH))
    aah = found(case, entitled(case, "aah", {"p1": 900.0, "p2": 900.0}))
    assert dict(aah.select("unit_id", "status").rows()) == {
        "p1": "not_claimed", "p2": "received", "p3": "not_entitled", "p4": "not_entitled",
        "p5": "not_entitled"}  # fmt: skip
    assert aah.filter(pl.col("unit_id") == "p2")["person_id"].item() == "p2"
    assert row_of(case, "asi", "p4", entitled(case, "asi", {"p4": 300.0}))["status"] == "received"


def test_menage_named_after_a_famille_is_another_unit(tmp_path):
    frames = population_frames()
    named = pl.col("menage_id").replace({"m2": "f1"})
    folder = {
        "individu": frames["individu"].with_columns(named),
        "menage": frames["menage"].with_columns(pl.col("id").replace({"m2": "f1"})),
    }
    paid = [row | {"menage_id": "m1"} for row in payment("f1", "cheque_energie", MONTH)]
    case = case_of(tmp_path, population=folder, receipts=paid)
    assert (
        row_of(case, "cheque_energie", "f1", entitled(case, "cheque_energie", {"f1": 100.0}))["status"] == "not_claimed"
    )


@pytest.mark.parametrize(
    ("etat", "status"), [("pieces_manquantes", "documents_missing"), ("en_attente", "claim_pending")]
)
def test_claimed_right(tmp_path, etat, status):
    assert rsa_row(tmp_path, droits=[droit("p4", "rsa", etat)])["status"] == status


def test_automatic_right_not_executed(tmp_path):
    case = case_of(tmp_path, receipts=payment("f1", "rsa", MONTH - 1))
    rows = found(case, entitled(case, "css_sans_participation", {"f1": 1.0, "f2": 1.0}))
    assert dict(rows.select("unit_id", "status").rows()) == {
        "f1": "automatic_not_executed", "f2": "not_claimed", "f3": "not_entitled"}  # fmt: skip
    assert rows["amount_eur"].to_list() == [None] * 3


def test_free_cover_makes_the_one_with_a_contribution_pointless(tmp_path):
    case = case_of(tmp_path, droits=[droit("p1", "css_sans_participation")])
    rows = found(case, entitled(case, "css_avec_participation", {"f1": 1.0, "f2": 1.0}))
    assert dict(rows.select("unit_id", "status").rows()) == {
        "f1": "not_entitled", "f2": "not_claimed", "f3": "not_entitled"}  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "before", "status"),
    [(0.0, 14.9, "under_payment_threshold"), (0.0, 15.0, "not_entitled"), (0.0, 0.0, "not_entitled"),
     (15.0, 15.0, "not_claimed")],
)  # fmt: skip
def test_payment_threshold(tmp_path, amount, before, status):
    case = case_of(tmp_path)
    current = entitled(case, "ppa", {"f2": amount}, before_threshold={"f2": before})
    assert row_of(case, "ppa", "f2", current)["status"] == status


def test_unknown_composition_is_unknown_with_its_question(tmp_path):
    said = [{"menage_id": "m2", "person_id": "p4", "input_group": "composition", "state": "unknown"}]
    row = rsa_row(tmp_path, provenance=said)
    assert (row["status"], row["amount_eur"]) == ("unknown", None)
    assert row["questions"] == [INPUT_GROUPS["composition"]]


def test_unknown_input_asks_its_question_and_no_other(tmp_path):
    homes = population_frames()["menage"].with_columns(
        pl.Series(f"loyer@{MONTH}", [600.0, None, 0.0]),
        pl.lit(None, pl.String).alias(f"statut_occupation_logement@{MONTH}"),
    )  # fmt: skip
    case = case_of(tmp_path, population={"menage": homes})
    current = entitled(case, "aides_logement", {"f2": None}, reads=frozenset({HOME_COLUMN}))
    row = row_of(case, "aides_logement", "f2", current)
    assert (row["status"], row["questions"]) == ("unknown", [INPUT_GROUPS["logement"]])
    others = found(case, current).filter(pl.col("unit_id") != "f2")
    assert others["questions"].to_list() == [[], []]


def test_unknown_because_of_another_home_of_the_household_has_its_question_too(tmp_path):
    frames = population_frames()
    people = frames["individu"].with_columns(
        foyer_fiscal_id=pl.col("foyer_fiscal_id").replace({"d2": "d1"}),
        foyer_fiscal_role=pl.when(pl.col("id") == "p4")
        .then(pl.lit("personne_a_charge"))
        .otherwise("foyer_fiscal_role"),
    )  # fmt: skip
    wages = pl.when(pl.col("id") != "p1").then(pl.col(f"salaire_net@{MONTH}")).alias(f"salaire_net@{MONTH}")
    fiscal = frames["foyer_fiscal"].filter(pl.col("id") != "d2")
    case = case_of(tmp_path, population={"individu": people.with_columns(wages), "foyer_fiscal": fiscal})
    current = entitled(case, "rsa", {"f1": None, "f2": None}, reads=frozenset({("salaire_net", str(MONTH))}))
    rows = found(case, current).filter(pl.col("status") == "unknown")
    asked = [INPUT_GROUPS["ressources_mensuelles"]]
    assert dict(rows.select("unit_id", "questions").rows()) == {"f1": asked, "f2": asked}


def test_grey_zone_is_not_linked_and_never_in_the_queue(tmp_path):
    doubtful = contacts(f2={"contact_allowed": False, "zone": "review"}, f1={"contact_allowed": None})
    case = case_of(tmp_path, contacts=doubtful)
    rows = found(case, entitled(case, "rsa", dict.fromkeys(FAMILLES, 500.0)))
    assert rows.filter(pl.col("unit_id") == "f2")["status"].item() == "not_linked"
    assert contact_queue(rows)["unit_id"].to_list() == ["f3"]


def test_a_line_says_how_its_person_is_reached(tmp_path):
    told = contacts(f1={"channels": "letter,sms"}, f2={"channels": ""}, f3={"channels": None})
    zones = [{"person_id": "p2", "zone": "sure", "contact_allowed": True, "channels": "email"}]
    case = case_of(tmp_path, contacts=told, zones=zones)
    rows = found(case, entitled(case, "rsa", dict.fromkeys(FAMILLES, 500.0)))
    assert dict(rows.select("unit_id", "channels").rows()) == {"f1": "letter,sms", "f2": "", "f3": None}
    rows = found(case, entitled(case, "aah", {"p2": 500.0}))
    assert dict(rows.select("unit_id", "channels").rows()) == dict.fromkeys(PERSONS) | {"p2": "email"}


def test_a_folder_assembled_before_channels_does_not_know_them(tmp_path):
    folder = write_case(tmp_path / "case")
    for name in ("contacts", "zones"):
        pl.read_parquet(folder / f"{name}.parquet").drop("channels").write_parquet(folder / f"{name}.parquet")
    case = read_case_file(folder, LAW)
    assert found(case, entitled(case, "rsa", {}))["channels"].to_list() == [None] * 3


def test_queue_holds_only_who_may_be_written_to_about_a_right_not_taken_up(tmp_path):
    said = [{"menage_id": "m3", "person_id": "p5", "input_group": "composition", "state": "unknown"}]
    case = case_of(tmp_path, provenance=said, droits=[droit("p1", "rsa", "en_attente")])
    rows = found(case, entitled(case, "rsa", dict.fromkeys(FAMILLES, 500.0)))
    assert contact_queue(rows)["unit_id"].to_list() == ["f2"]


def hostel(case_folder):
    homes = population_frames()["menage"].with_columns(
        pl.Series(f"statut_occupation_logement@{MONTH}", ["locataire_vide", "locataire_foyer", "sans_domicile"])
    )
    return case_of(case_folder, population={"menage": homes})


def test_not_computable_right(tmp_path):
    case = hostel(tmp_path)
    row = row_of(case, "aides_logement", "f2", entitled(case, "aides_logement", {"f2": 200.0}))
    assert (row["status"], row["amount_eur"]) == ("not_computable", None)


def self_employed(tmp_path, **tables):
    people = population_frames()["individu"].with_columns(
        pl.Series(f"rpns_auto_entrepreneur_CA_bnc@{MONTH}", [0.0, 0.0, 0.0, 900.0, 0.0])
    )
    return case_of(tmp_path, population={"individu": people}, **tables)


def test_right_to_check_is_unknown_with_its_question_and_without_amount(tmp_path):
    case = self_employed(tmp_path)
    row = row_of(case, "rsa", "f2", entitled(case, "rsa", {"f2": 300.0}))
    questions = [c.question for c in corrections_of("rsa", ("to_check",)) if c.condition == "independant_au_foyer"]
    assert (row["status"], row["amount_eur"], row["eur_lost"]) == ("unknown", None, None)
    assert row["questions"] == questions
    assert row_of(case, "rsa", "f2", entitled(case, "rsa", {}))["status"] == "not_entitled"


def test_amount_to_check_is_never_compared_with_what_is_paid(tmp_path):
    case = self_employed(tmp_path, receipts=payment("f2", "rsa", MONTH - 1, amount=600.0))
    rows = found(case, entitled(case, "rsa", {"f2": 300.0}))
    row = rows.filter(pl.col("unit_id") == "f2").row(0, named=True)
    assert (row["status"], row["amount_eur"], row["amount_eur_month"]) == ("received", None, None)
    assert find_mismatches(rows, case.receipts, str(MONTH)).is_empty()


@pytest.mark.parametrize("right", [r for r in catalogue() if corrections_of(r, ("amount_hidden",))])
def test_hidden_amount_is_in_no_column_that_people_see(tmp_path, right):
    case = case_of(tmp_path)
    unit = {"famille": "f2", "individu": "p4", "menage": "m2"}[catalogue()[right].computation.entity]
    row = row_of(
        case, right, unit, entitled(case, right, {unit: 4321.0}), entitled(case, right, {unit: 4321.0}, month=MONTH - 3)
    )
    assert row["amount_hidden"]
    assert (row["status"] == "not_claimed") or row["questions"]
    seen = {name: value for name, value in row.items() if name not in ("computed_eur", "held_eur", "paid_eur")}
    assert not [name for name, value in seen.items() if isinstance(value, float) and value > 0]


def test_yearly_amount_is_spread_over_twelve_months_and_one_paid_once_is_not(tmp_path):
    case = case_of(tmp_path)
    ars = row_of(case, "ars", "f1", entitled(case, "ars", {"f1": 600.0}))
    assert (ars["amount_eur"], ars["amount_eur_month"]) == (600.0, 50.0)
    birth = row_of(case, "paje_naissance", "f1", entitled(case, "paje_naissance", {"f1": 1000.0}))
    assert (birth["amount_eur"], birth["amount_eur_month"], birth["eur_lost"]) == (1000.0, None, None)


def test_whole_of_a_benefit_paid_once_may_still_be_claimed(tmp_path):
    case = case_of(tmp_path)
    assert row_of(case, "ars", "f1", entitled(case, "ars", {"f1": 600.0}))["eur_recoverable"] == 600.0
    birth = row_of(case, "paje_naissance", "f1", entitled(case, "paje_naissance", {"f1": 1000.0}))
    assert birth["eur_recoverable"] == 1000.0


def since(tmp_path, past: dict[int, float | None], right="rsa", **tables):
    case = case_of(tmp_path, **tables)
    given = [entitled(case, right, {"f2": amount}, month=MONTH - back) for back, amount in past.items()]
    row = row_of(case, right, "f2", entitled(case, right, {"f2": 500.0}), *given)
    return row["since_month"], row["since_is_exact"], row["months_persisting"], row["eur_lost"]


def test_since_when(tmp_path):
    assert since(tmp_path / "none", {}) == ("2026-11", False, 0, 0.0)
    assert since(tmp_path / "six", {3: 400.0, 6: 400.0}) == ("2026-05", False, 6, 3000.0)
    assert since(tmp_path / "three", {3: 400.0, 6: 0.0}) == ("2026-08", True, 3, 1500.0)
    assert since(tmp_path / "now", {3: 0.0, 6: 400.0}) == ("2026-11", True, 0, 0.0)
    assert since(tmp_path / "unknown", {3: None, 6: 400.0}) == ("2026-11", False, 0, 0.0)
    paid = payment("f2", "rsa", MONTH - 6)
    assert since(tmp_path / "paid", {3: 400.0, 6: 400.0}, receipts=paid) == ("2026-08", True, 3, 1500.0)


def test_months_when_the_right_was_in_force_are_not_lost(tmp_path):
    held = [droit("p4", "aspa", debut_on=date(2025, 1, 1), fin_on=date(2026, 9, 30))]
    assert since(tmp_path, {3: 500.0, 6: 500.0}, "aspa", droits=held) == ("2026-11", True, 0, 0.0)


def test_nothing_is_dated_nor_lost_when_nothing_is_due(tmp_path):
    row = rsa_row(tmp_path, receipts=payment("f2", "rsa", MONTH))
    assert [
        row[name] for name in ("since_month", "since_is_exact", "months_persisting", "eur_lost", "deadline_on")
    ] == [None] * 5


def test_quarterly_amount_and_last_payment_are_kept_for_measuring(tmp_path):
    case = case_of(
        tmp_path, receipts=payment("f2", "rsa", MONTH - 2, amount=410.0) + payment("f2", "rsa", MONTH - 1, amount=400.0)
    )
    row = row_of(
        case, "rsa", "f2", entitled(case, "rsa", {"f2": 300.0}), entitled(case, "rsa", {"f2": 390.0}, month=MONTH - 3)
    )
    assert (row["computed_eur"], row["held_eur"], row["paid_eur"]) == (300.0, 390.0, 400.0)


def test_every_status_is_reached():
    """Each status of the chain but the ones above is tested in test_statuses; this names them all."""
    assert {str(s) for s in Status} == {
        "received", "not_claimed", "claim_pending", "documents_missing", "under_payment_threshold",
        "automatic_not_executed", "not_linked", "not_entitled", "unknown", "not_computable"}  # fmt: skip


def test_documents_missing_in_the_file_of_the_caf(tmp_path):
    waiting = [dossier("f2", etat="pieces_manquantes", pieces_manquantes="JUSTIF")]
    assert rsa_row(tmp_path, dossiers=waiting)["status"] == "documents_missing"


def test_yearly_benefit_is_not_missed_before_it_is_paid(tmp_path):
    at = MONTH - 6
    case = case_of(tmp_path, receipts=payment("f1", "af", *(at - k for k in range(12))))
    rows = find(
        case, [entitled(case, "ars", {"f1": 430.0}, month=at)], catalogue(), law=LAW, month=at, today=at.last_day
    )
    assert "not_claimed" not in rows["status"].to_list()


def test_benefit_that_no_partner_tells_is_not_fed_as_zero(tmp_path):
    case = case_of(tmp_path, receipts=payment("f1", "af", MONTH - 2, MONTH - 1))
    block, rows = next(case.population.blocks(10))
    fed = {variable for variable, _ in received_columns(case.population, case.receipts, MONTH)(block, rows).columns}
    assert "af" in fed
    assert "aspa" not in fed


def test_right_of_a_home_is_for_its_person_of_reference(tmp_path):
    people = population_frames()["individu"].with_columns(
        menage_id=pl.col("menage_id").replace({"m2": "m1"}),
        menage_role=pl.when(pl.col("famille_id") == "f1").then(pl.lit("autre")).otherwise("menage_role"),
    )
    homes = population_frames()["menage"].filter(pl.col("id") != "m2")
    told = contacts(f2={"menage_id": "m1"})
    case = case_of(tmp_path, population={"individu": people, "menage": homes}, contacts=told)
    row = row_of(case, "cheque_energie", "m1", entitled(case, "cheque_energie", {"m1": 100.0}))
    assert row["person_id"] == "p4"


def test_a_right_that_only_an_unknown_fact_closes_is_undetermined_with_its_question(tmp_path):
    case = case_of(tmp_path)
    nil, due = entitled(case, "rsa", {"f1": 0.0, "f2": 0.0, "f3": 500.0}), {"rsa": pl.DataFrame(
        {"unit_id": ["f1", "f3"], "opener_question": ["Est-elle réfugiée ?"] * 2})}  # fmt: skip
    rows = find(case, [nil], catalogue(), law=LAW, month=MONTH, today=TODAY, opened=due)
    told = {row["unit_id"]: (row["status"], row["questions"]) for row in rows.iter_rows(named=True)}
    assert told["f1"] == (Status.UNKNOWN, ["Est-elle réfugiée ?"])
    assert told["f2"][0] == Status.NOT_ENTITLED
    assert told["f3"] == (Status.NOT_CLAIMED, [])
