"""Each published rule: what raises it, and its nearest neighbour that does not."""

from datetime import date, timedelta

import polars as pl
import pytest
from hand_made_case import MONTH, TODAY, case_of, contacts, dossier, droit, payment, population_frames, signal

from allervers.detection.alerts import COLUMNS, find_alerts, rules
from allervers.rights.catalogue import catalogue

DAY = timedelta(days=1)


def alerts_of(tmp_path, **tables) -> pl.DataFrame:
    return find_alerts(case_of(tmp_path, **tables), catalogue(), month=MONTH, today=TODAY)


def kinds(tmp_path, **tables) -> list[str]:
    return alerts_of(tmp_path, **tables)["alert"].to_list()


def born(*days: date) -> dict[str, pl.DataFrame]:
    """The population where the child of f1, and as many others as needed, are born on these days."""
    people = population_frames()["individu"]
    child = people.filter(pl.col("id") == "p3")
    children = [child.with_columns(id=pl.lit(f"p3{n}"), date_naissance=pl.lit(day)) for n, day in enumerate(days)]
    return {"individu": pl.concat([people.filter(pl.col("id") != "p3"), *children])}


def ending(right: str, days: int) -> dict:
    return droit("p1", right, debut_on=date(2025, 1, 1), fin_on=TODAY + days * DAY, montant=12.0)


def test_nothing_happens_in_a_quiet_folder(tmp_path):
    found = alerts_of(tmp_path)
    assert found.is_empty()
    assert dict(found.schema) == COLUMNS


@pytest.mark.parametrize("right", [r.id for r in catalogue().values() if r.renewal_lead_days])
def test_right_that_ends_within_its_lead(tmp_path, right):
    lead = catalogue()[right].renewal_lead_days
    found = alerts_of(tmp_path / "within", droits=[ending(right, lead)])
    assert found.select("alert", "right", "person_id", "famille_id", "menage_id").rows() == [
        ("droit_expirant", right, "p1", "f1", "m1")
    ]
    assert found["deadline_on"].item() == TODAY + lead * DAY
    assert found["since_on"].item() == TODAY
    assert kinds(tmp_path / "beyond", droits=[ending(right, lead + 1)]) == []


def test_right_that_has_ended(tmp_path):
    assert kinds(tmp_path / "yesterday", droits=[ending("apa", -1)]) == ["droit_echu"]
    assert kinds(tmp_path / "today", droits=[ending("apa", 0)]) == ["droit_expirant"]
    assert kinds(tmp_path / "old", droits=[ending("apa", -93)]) == []


@pytest.mark.parametrize(
    "renewal",
    [
        {"debut_on": TODAY + 11 * DAY, "fin_on": TODAY + 400 * DAY},
        {"debut_on": TODAY + 11 * DAY, "fin_on": None},
        {"etat": "en_attente", "debut_on": None, "fin_on": None},
    ],
    ids=["later period", "period without end", "claim under way"],
)
def test_renewed_right_is_not_expiring(tmp_path, renewal):
    assert (
        kinds(tmp_path, droits=[ending("css_sans_participation", 10), droit("p1", "css_sans_participation", **renewal)])
        == []
    )


def test_renewal_of_another_person_or_right_does_not_count(tmp_path):
    other = {"debut_on": TODAY, "fin_on": TODAY + 400 * DAY}
    droits = [ending("apa", 10), droit("p2", "apa", **other), droit("p1", "pch", **other)]
    assert kinds(tmp_path, droits=droits) == ["droit_expirant"]


def test_renewal_that_ends_soon_too_is_told(tmp_path):
    found = alerts_of(tmp_path, droits=[ending("apa", -20), droit("p1", "apa", fin_on=TODAY + 10 * DAY)])
    assert found.select("alert", "deadline_on").rows() == [("droit_expirant", TODAY + 10 * DAY)]


@pytest.mark.parametrize("etat", ["refuse", "fini", "suspendu", "pieces_manquantes"])
def test_only_a_granted_right_expires(tmp_path, etat):
    assert kinds(tmp_path, droits=[ending("apa", 10) | {"etat": etat}]) == []


def test_right_without_end_or_without_lead_does_not_expire(tmp_path):
    assert kinds(tmp_path, droits=[droit("p1", "apa"), droit("p1", "af", fin_on=TODAY + DAY)]) == []


def test_declaration_missing(tmp_path):
    due = {"declaration_attendue_on": TODAY - DAY}
    assert kinds(tmp_path / "none", dossiers=[dossier("f1", **due)]) == ["declaration_manquante"]
    old = due | {"derniere_declaration_on": TODAY - 90 * DAY}
    assert kinds(tmp_path / "old", dossiers=[dossier("f1", **old)]) == ["declaration_manquante"]


@pytest.mark.parametrize(
    "given",
    [
        {"declaration_attendue_on": TODAY - DAY, "derniere_declaration_on": TODAY - DAY},
        {"declaration_attendue_on": TODAY},
        {"declaration_attendue_on": TODAY - DAY, "etat": "radie"},
        {},
    ],
    ids=["declared in time", "due today", "struck off", "date not known"],
)
def test_declaration_not_missing(tmp_path, given):
    assert kinds(tmp_path, dossiers=[dossier("f1", **given)]) == []


def test_low_quotient_without_follow_up_nor_declaration(tmp_path):
    late = {"declaration_attendue_on": TODAY - DAY, "quotient_familial": 399.0}
    found = kinds(tmp_path / "low", dossiers=[dossier("f1", **late, suivi_social=False)])
    assert found == ["declaration_manquante", "quotient_faible_sans_suivi"]
    for name, given in {
        "follow-up": late | {"suivi_social": True},
        "unknown follow-up is not a no": late | {"suivi_social": None},
        "not low": late | {"suivi_social": False, "quotient_familial": 400.0},
        "quotient unknown": late | {"suivi_social": False, "quotient_familial": None},
    }.items():
        assert kinds(tmp_path / name, dossiers=[dossier("f1", **given)]) == ["declaration_manquante"], name


def test_certified_rent_that_differs(tmp_path):
    def certified(rent: float | None) -> list:
        return [signal("p1", "attestation_loyer", montant=rent)]

    found = alerts_of(tmp_path / "gap", signaux=certified(640.0))
    assert found.select("alert", "right", "amount_eur").rows() == [("loyer_different", "aides_logement", 40.0)]
    assert kinds(tmp_path / "four percent", signaux=certified(625.0)) == []
    assert kinds(tmp_path / "unknown", signaux=certified(None)) == []
    homes = population_frames()["menage"].with_columns(pl.lit(None, pl.Float64).alias(f"loyer@{MONTH}"))
    assert kinds(tmp_path / "rent not known", population={"menage": homes}, signaux=certified(640.0)) == []


@pytest.mark.parametrize(
    "name",
    ["impaye_loyer", "logement_indecent", "sans_medecin_traitant", "separation", "deces_conjoint", "deces_enfant"],
)
def test_signal_that_is_a_rule(tmp_path, name):
    given = {"since_on": date(2026, 9, 1), "montant": 900.0, "detail": "X1"}
    row = alerts_of(tmp_path, signaux=[signal("p4", name, **given)]).row(0, named=True)
    assert (row["alert"], row["person_id"], row["menage_id"]) == (name, "p4", "m2")
    assert (row["since_on"], row["amount_eur"], row["detail"]) == (date(2026, 9, 1), 900.0, "X1")


def test_signal_that_is_no_rule_is_left_out(tmp_path):
    assert kinds(tmp_path, signaux=[signal("p4", "inconnu")]) == []


def test_only_a_long_silence_of_a_domiciled_person_is_an_alert(tmp_path):
    near, far = (signal("p4", "sans_contact", since_on=TODAY - DAY * days) for days in (60, 62))
    assert kinds(tmp_path / "near", signaux=[near]) == []
    assert kinds(tmp_path / "far", signaux=[far]) == ["sans_contact"]


def test_births(tmp_path):
    recent, old = date(2026, 9, 1), date(2019, 6, 1)
    assert kinds(tmp_path / "first", population=born(recent)) == ["premiere_naissance"]
    assert kinds(tmp_path / "next", population=born(recent, old)) == ["naissance"]
    assert kinds(tmp_path / "twins", population=born(recent, recent)) == ["naissance_multiple"]
    assert kinds(tmp_path / "older", population=born(date(2026, 8, 31))) == []
    assert kinds(tmp_path / "expected", population=born(date(2026, 12, 1))) == []
    found = alerts_of(tmp_path / "whom", population=born(recent))
    assert found.select("famille_id", "person_id", "since_on").rows() == [("f1", "p1", recent)]


def test_births_where_no_contact_is_known_are_all_told(tmp_path):
    people = population_frames()["individu"]
    child = people.filter(pl.col("id") == "p3").with_columns(date_naissance=pl.lit(date(2026, 10, 1)))
    other = child.with_columns(id=pl.lit("p6"), famille_id=pl.lit("f2"), foyer_fiscal_id=pl.lit("d2"))
    folder = {"individu": pl.concat([people.filter(pl.col("id") != "p3"), child, other])}
    found = alerts_of(tmp_path, population=folder, contacts=[])
    assert sorted(found["famille_id"]) == ["f1", "f2"]


@pytest.mark.parametrize(("right", "alert"), [("rsa", "nouveau_rsa"), ("ajpp", "nouvel_ajpp")])
def test_new_benefit(tmp_path, right, alert):
    history = payment("f2", "af", *(MONTH - k for k in range(14)))
    new = alerts_of(tmp_path / "new", receipts=[*history, *payment("f1", right, MONTH - 2, MONTH - 1)])
    assert new.select("alert", "right", "famille_id", "since_on").rows() == [
        (alert, right, "f1", (MONTH - 2).first_day)
    ]
    assert kinds(tmp_path / "before", receipts=[*history, *payment("f1", right, MONTH - 9, MONTH - 1)]) == []
    assert kinds(tmp_path / "older", receipts=[*history, *payment("f1", right, MONTH - 3)]) == []
    # Nothing is known of the months before: the benefit may be old.
    assert kinds(tmp_path / "no history", receipts=payment("f1", right, MONTH - 1)) == []
    assert kinds(tmp_path / "nil", receipts=[*history, *payment("f1", right, MONTH - 1, amount=0.0)]) == []


def test_two_familles_of_a_home_each_have_their_alert(tmp_path):
    history = payment("f3", "af", *(MONTH - k for k in range(14)))
    new = [*payment("f1", "rsa", MONTH - 1), *payment("f2", "rsa", MONTH - 1)]
    together = [row | {"menage_id": "m1"} for row in new]
    assert kinds(tmp_path, receipts=[*history, *together]) == ["nouveau_rsa", "nouveau_rsa"]


def test_no_duplicates(tmp_path):
    arrears = signal("p1", "impaye_loyer", since_on=date(2026, 9, 1))
    second = arrears | {"since_on": date(2026, 10, 1), "partner": "bailleur-2"}
    twice = [ending("apa", 10), ending("apa", 10) | {"partner": "other"}]
    found = alerts_of(tmp_path, signaux=[second, arrears, arrears], droits=twice)
    assert found["alert"].to_list() == ["droit_expirant", "impaye_loyer"]
    assert found["since_on"].to_list()[1] == date(2026, 9, 1)


def test_every_rule_is_produced_and_every_alert_has_a_rule(tmp_path):
    history = payment("f3", "af", *(MONTH - k for k in range(14)))
    signals = [signal("p4", name) for name in (
        "impaye_loyer", "logement_indecent", "sans_medecin_traitant", "separation", "deces_conjoint",
        "deces_enfant")]  # fmt: skip
    signals.append(signal("p4", "sans_contact", since_on=TODAY - DAY * 90))
    late = {"declaration_attendue_on": TODAY - DAY, "quotient_familial": 10.0, "suivi_social": False}
    shared = {
        "droits": [ending("apa", 5), ending("pch", -5)],
        "signaux": [*signals, signal("p1", "attestation_loyer", montant=900.0)],
        "dossiers": [dossier("f2", **late)],
        "receipts": [*history, *payment("f1", "rsa", MONTH), *payment("f2", "ajpp", MONTH)],
        "contacts": contacts(),
    }
    found = set()
    recent, old = date(2026, 10, 1), date(2019, 1, 1)
    for number, days in enumerate([[recent], [recent, old], [recent, recent]]):
        found |= set(kinds(tmp_path / str(number), population=born(*days), **shared))
    # The rule on resources is made by detection.mismatches, with the findings.
    assert found | {"ressources_discordantes"} == set(rules())


def test_every_rule_says_its_ground_and_its_course():
    for rule in rules().values():
        assert rule.label
        assert rule.article
        assert rule.parcours
