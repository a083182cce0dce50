"""The Caf's monthly RSA flow for the Département, made of the RSA dossiers of the synthetic truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from allervers.extracts.synthetic.caf import PARTNER
from allervers.extracts.synthetic.cnaf_rsa_vrsb0801 import (
    FlowAddress,
    FlowDossier,
    FlowPerson,
    FlowResource,
    write_flow,
)
from allervers.extracts.synthetic.export import ExtractFile
from allervers.extracts.synthetic.truth import Truth
from allervers.foundation.periods import Month

FORMAT = "cnaf_rsa_vrsb0801"
OPEN, SUSPENDED, PENDING = "2", "4", "0"
"""Codes ETATDOSRSA: right open and payable, open with payment suspended, request waiting for a decision."""

DECLARATION_MISSING = "06"
"""Motive of suspension of payment: quarterly declaration not supplied."""

_ROLES = {"ALLOC": "DEM", "CONJ": "CJT", "ENF": "ENF"}
_SITUATIONS = {"CON": "VIM", "SEP": "SEF"}
_NATURES = {"salaire": "001", "chomage": "010", "maladie": "011"}


def write_rsa_flow(truth: Truth, known: pl.DataFrame, members: pl.DataFrame, folder: Path) -> ExtractFile:
    """Write the flow of the month before: dossiers paid, suspended since a missing declaration, or claimed.

    known, members: familles and persons of the Caf's files (see caf.py).
    """
    month = truth.month - 1
    states = _states(truth).join(known.select("famille_id", "matricule"), on="famille_id").sort("matricule")
    listed = members.filter("vivant").join(states.select("matricule"), on="matricule", how="semi")
    path = folder / "caf93_rsa_vrsb0801.xml"
    write_flow(path, _dossiers(truth, states, listed), month.last_day)
    return ExtractFile(path, FORMAT, PARTNER, None, month.last_day)


def _states(truth: Truth) -> pl.DataFrame:
    """One row per RSA dossier: famille_id, state, amount, last month paid, first month paid.

    A household that was paid two to four months ago, is still entitled and is paid no more has not declared.
    """
    rsa = truth.receipts.filter(pl.col("right") == "rsa", pl.col("month") < str(truth.month))
    paid = rsa.filter(pl.col("received_eur") > 0)
    months = paid.group_by("famille_id").agg(last=pl.col("month").max(), first=pl.col("month").min())
    now = rsa.filter(pl.col("month") == str(truth.month - 1))
    rows = now.join(months, on="famille_id", how="left")
    recent = pl.col("last") >= str(truth.month - 4)
    state = (
        pl.when(pl.col("received_eur") > 0).then(pl.lit(OPEN))
        .when(recent & (pl.col("entitled_eur") > 0)).then(pl.lit(SUSPENDED))
        .when(pl.col("status") == "documents_missing").then(pl.lit(PENDING))
    )  # fmt: skip
    amount = pl.when(pl.col("received_eur") > 0).then(pl.col("received_eur"))
    return rows.select("famille_id", "last", "first", state=state, amount=amount).drop_nulls("state")


def _dossiers(truth: Truth, states: pl.DataFrame, members: pl.DataFrame) -> Iterator[FlowDossier]:
    quarter = {str(truth.month - back): truth.month - back for back in (4, 3, 2)}
    resources: dict[str, list[FlowResource]] = defaultdict(list)
    declared = truth.incomes.filter(pl.col("period").is_in(list(quarter)), pl.col("nature").is_in(list(_NATURES)))
    declared = declared.join(members.select("id"), on="id", how="semi", maintain_order="left")
    for person, period, nature, net in declared.select("id", "period", "nature", "net").drop_nulls("net").iter_rows():
        resources[person].append(FlowResource(quarter[period], _NATURES[nature], net))
    people = members.sort("matricule", "rang").partition_by("matricule", as_dict=True)
    for row in states.iter_rows(named=True):
        persons = list(people[(row["matricule"],)].iter_rows(named=True))
        if persons[0]["role"] == "ALLOC":
            yield _dossier(truth, row, persons, resources)


def _dossier(
    truth: Truth, row: dict[str, Any], persons: list[dict[str, Any]], resources: dict[str, list[FlowResource]]
) -> FlowDossier:
    head = persons[0]
    suspended = row["state"] == SUSPENDED
    first = Month.parse(row["first"]) if row["first"] else truth.month - 1
    stopped_on = (Month.parse(row["last"]) + 1).first_day if suspended else None
    number, _, street = (head["adresse"] or "").partition(" ")
    situation = head["situation_familiale"] or "CEL"
    return FlowDossier(
        matricule=row["matricule"],
        persons=[_person(p, None if suspended else resources[p["id"]]) for p in persons],
        address=FlowAddress(head["code_insee"], head["code_postal"], "", numero=number, voie=street),
        state=row["state"],
        asked_on=first.first_day,
        situation_familiale=_SITUATIONS.get(situation, situation),
        situation_since=head["date_situation_familiale"],
        payment_suspensions=[(DECLARATION_MISSING, stopped_on)] if stopped_on else (),
        sans_domicile=head["statut_logement"] == "sans_domicile",
        amount=row["amount"],
        paid_month=truth.month - 1,
        quarter_from=truth.month - 4,
    )


def _person(person: dict[str, Any], resources: list[FlowResource] | None) -> FlowPerson:
    adult = person["role"] in ("ALLOC", "CONJ")
    born: date = person["date_naissance"]
    return FlowPerson(
        role=_ROLES[person["role"]],
        nom_naissance=person["nom_naissance"],
        prenoms=person["prenoms"],
        date_naissance=born,
        sexe=person["sexe"],
        nom_usage=person["nom_usage"],
        nir=person["nir"],
        resources=resources if adult else None,
    )
