"""A person on the opposition list appears in no finding, alert or queue, even in a folder assembled before."""

import polars as pl
from hand_made_case import LAW, MONTH, TODAY, case_of, dossier, droit, entitled, payment, signal

from allervers.detection.alerts import find_alerts
from allervers.detection.findings import find
from allervers.detection.run import contact_queue, without_persons
from allervers.rights.catalogue import catalogue


def parts(tmp_path) -> tuple:
    history = payment("f3", "af", *(MONTH - k for k in range(14)))
    case = case_of(
        tmp_path,
        receipts=[*history, *payment("f2", "rsa", MONTH), *payment("f1", "ajpp", MONTH)],
        signaux=[signal("p4", "impaye_loyer"), signal("p1", "separation")],
        droits=[droit("p4", "apa", fin_on=TODAY)],
        dossiers=[dossier("f2", declaration_attendue_on=MONTH.first_day)],
    )
    given = [entitled(case, "css_sans_participation", {"f1": 1.0, "f2": 1.0}), entitled(case, "aah", {"p4": 9.0}),
             entitled(case, "cheque_energie", {"m2": 9.0})]  # fmt: skip
    findings = find(case, given, catalogue(), law=LAW, month=MONTH, today=TODAY)
    return case, findings, find_alerts(case, catalogue(), month=MONTH, today=TODAY)


def named(frame: pl.DataFrame) -> set[str]:
    """Every text of the frame, whatever the column."""
    return {value for row in frame.select(pl.col(pl.String)).iter_rows() for value in row if value}


def test_opposed_person_is_in_nothing(tmp_path):
    case, findings, alerts = parts(tmp_path)
    assert {"p4", "f2"} <= named(findings)
    assert {"p4", "f2"} <= named(alerts)
    opposed = frozenset({"p4"})
    for frame in (findings, contact_queue(findings), alerts):
        assert not named(without_persons(frame, opposed, case)) & {"p4", "f2"}


def test_others_stay(tmp_path):
    case, findings, alerts = parts(tmp_path)
    for frame in (findings, alerts):
        left = without_persons(frame, frozenset({"p4"}), case)
        key = "unit_id" if "unit_id" in frame.columns else "famille_id"
        others = frame.filter(~pl.col(key).is_in(["p4", "f2", "m2"]))
        assert left.equals(others)
        assert without_persons(frame, frozenset(), case).equals(frame)
