"""The tables that the demonstration prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from allervers.cli.options import out
from allervers.detection.alerts import rules
from allervers.detection.making import Found
from allervers.detection.quality import Quality, Rate
from allervers.detection.run import contact_queue
from allervers.detection.statuses import LABELS, Status
from allervers.foundation.money import euros
from allervers.foundation.periods import Month
from allervers.rights.catalogue import catalogue
from allervers.territory.communes import commune, vintage_in_force


def print_results(found: Found, result: dict[str, Any], quality: Sequence[Quality], departement: str) -> None:
    """The tables of the demonstration."""
    out.print(_rights_table(result))
    out.print(_quality_table(quality))
    out.print(_alerts_table(result))
    out.print(_queue_table(found))
    out.print(_communes_table(result, departement))


def _rights_table(result: dict[str, Any]) -> Table:
    table = Table(title="Droits non reçus", title_justify="left")
    for heading in ("Droit", "Ménages avec droit", "Reçoivent", "Non-recours", "Indéterminés", "Par mois", "Perdu"):
        table.add_column(heading, justify="left" if heading == "Droit" else "right")
    for name, row in result["rights"].items():
        table.add_row(
            catalogue()[name].label.split(" (")[0],
            *(str(row[f"households_{k}"]) for k in ("entitled", "receiving", "not_taken_up", "unknown")),
            _euros(row["eur_month_not_taken_up"]),
            _euros(row["eur_lost"]),
        )
    return table


def _quality_table(quality: Sequence[Quality]) -> Table:
    table = Table(title="Qualité mesurée (vérité synthétique ; intervalle à 95 %)", title_justify="left")
    for heading in (
        "Droit",
        "Précision",
        "Rappel",
        "Rappel où connu",
        "Erreur bêta",
        "Écart de montant",
        "Recours corrigé",
    ):
        table.add_column(heading, justify="left" if heading == "Droit" else "right")
    for one in quality:
        table.add_row(
            one.right, _rate(one.precision), _rate(one.recall), _rate(one.recall_where_known), _rate(one.beta),
            "—" if one.amount_error is None else f"{100 * one.amount_error:.0f} %",
            "—" if one.take_up_corrected is None else f"{100 * one.take_up_corrected:.0f} %",
        )  # fmt: skip
    return table


def _alerts_table(result: dict[str, Any]) -> Table:
    table = Table(
        "Alerte", "Parcours", "Nombre", title="Droits qui vont rompre, événements de vie", title_justify="left"
    )
    for name, count in result["alerts"].items():
        table.add_row(rules()[name].label, rules()[name].parcours, str(count))
    return table


def _queue_table(found: Found) -> Table:
    headings = ("Ménage", "Droit", "Statut", "Par mois", "Perdu par jour", "Depuis", "Échéance")
    table = Table(*headings, title="Premiers de la file (perdu par jour d'attente)", title_justify="left")
    listed = found.detection.findings.sort("eur_lost_per_day", descending=True, nulls_last=True)
    for row in contact_queue(listed).head(10).iter_rows(named=True):
        table.add_row(
            row["menage_id"][:12], row["right"], LABELS[Status(row["status"])], _euros(row["amount_eur_month"]),
            _euros(row["eur_lost_per_day"]), row["since_month"], str(row["deadline_on"] or "—"),
        )  # fmt: skip
    return table


def _communes_table(result: dict[str, Any], departement: str) -> Table:
    table = Table("Commune", "Ménages en non-recours (tous droits)", "Euros par mois", title="Où", title_justify="left")
    vintage = vintage_in_force(departement, Month.parse(result["month"]))
    totals = []
    for code, rights in result["communes"].items():
        count = sum(r["households_not_taken_up"] for r in rights.values())
        money = sum(r["eur_month_not_taken_up"] or 0 for r in rights.values())
        name = commune(code, vintage).nom if code != "inconnue" else "inconnue"
        totals.append((money, name, count))
    for money, name, count in sorted(totals, reverse=True)[:12]:
        table.add_row(name, str(count), euros(round(money)))
    return table


def _euros(amount: float | None) -> str:
    return "—" if amount is None else euros(round(amount, 2))


def _rate(rate: Rate | None) -> str:
    if rate is None or rate.value is None or rate.low is None or rate.high is None:
        return "—"
    return f"{100 * rate.value:.0f} % [{100 * rate.low:.0f}-{100 * rate.high:.0f}]"
