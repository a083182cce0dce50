"""The files that people open: Parquet, CSV and XLSX with French headings. A cell can never become a formula."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from allervers.detection.statuses import LABELS
from allervers.detection.workbook import write_sheet
from allervers.foundation.files import written_whole

HEADINGS: Mapping[str, str] = {
    "right": "Droit",
    "right_label": "Libellé du droit",
    "status": "Statut",
    "status_label": "Statut (libellé)",
    "menage_id": "Ménage",
    "famille_id": "Famille",
    "unit_entity": "Unité",
    "unit_id": "Identifiant de l'unité",
    "person_id": "Personne à contacter",
    "code_insee": "Code commune",
    "commune": "Commune",
    "ept": "EPT",
    "zone": "Rapprochement",
    "contact_allowed": "Contact permis",
    "channels": "Voies de contact",
    "amount_eur": "Montant (€)",
    "amount_eur_month": "Montant par mois (€)",
    "amount_hidden": "Montant à vérifier",
    "since_month": "Depuis",
    "since_is_exact": "Début exact",
    "months_persisting": "Mois écoulés",
    "questions": "Questions à poser",
    "unsettled": "Droits indéterminés",
    "rights": "Droits à établir",
    "eur_lost": "Perdu à ce jour (€)",
    "eur_recoverable": "Encore récupérable (€)",
    "eur_lost_per_day": "Perdu par jour d'attente (€)",
    "deadline_on": "Échéance",
    "deadline_reason": "Raison de l'échéance",
    "blocked_by": "Droit à ouvrir d'abord",
    "alert": "Alerte",
    "alert_label": "Alerte (libellé)",
    "parcours": "Parcours à ouvrir",
    "since_on": "Depuis le",
    "detail": "Précision",
    "partner": "Partenaire",
    "rights_at_risk": "Droits menacés",
    "households_entitled": "Ménages avec droit",
    "households_receiving": "Ménages qui reçoivent",
    "households_not_taken_up": "Ménages en non-recours",
    "households_unknown": "Ménages indéterminés",
    "eur_month_not_taken_up": "Non versé par mois (€)",
    "eur_year_not_taken_up": "Non versé par an (€)",
    "persons": "Personnes",
    "linked_share": "Part rapprochée",
    "review_share": "Part à revoir",
    "indicator": "Indicateur",
    "public_figure": "Chiffre public",
    "synthetic": "Synthétique",
    "relative_gap": "Écart relatif",
    "verdict": "Avis de la personne qui relit",
    "comment": "Commentaire",
}
"""Column -> heading. A column without heading keeps its name."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters that make a spreadsheet read a cell as a formula (OWASP, CSV injection)."""


def write_table(frame: pl.DataFrame, folder: Path, name: str) -> None:
    """Write NAME.parquet, NAME.csv (UTF-8 with BOM, `;`, decimal comma) and NAME.xlsx in the folder."""
    with written_whole(folder / f"{name}.parquet") as path:
        frame.write_parquet(path)
    readable = _readable(frame)
    with written_whole(folder / f"{name}.csv") as path:
        readable.write_csv(path, separator=";", include_bom=True, decimal_comma=True)
    with written_whole(folder / f"{name}.xlsx") as path:
        write_sheet(readable, path, name)


def write_json(data: Mapping[str, Any], path: Path) -> None:
    """Write a JSON file, whole or not at all; what is not finite is refused."""
    with written_whole(path) as temporary:
        temporary.write_text(json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n", "utf-8")


def safe_cell(text: str) -> str:
    """Text that no spreadsheet will run: an apostrophe goes before the first character of a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _readable(frame: pl.DataFrame) -> pl.DataFrame:
    columns = []
    for name, kind in frame.schema.items():
        column = pl.col(name)
        if isinstance(kind, pl.List):
            column = column.cast(pl.List(pl.String)).list.join(" | ")
        if kind == pl.Boolean:
            column = pl.when(column).then(pl.lit("oui")).when(~column).then(pl.lit("non"))
        if kind == pl.String or isinstance(kind, pl.List):
            risky = column.str.contains(r"^[=+\-@\t\r\n]")
            column = pl.when(risky).then(pl.concat_str(pl.lit("'"), column)).otherwise(column)
        columns.append(column.alias(HEADINGS.get(name, name)))
    return frame.select(columns)


def status_label() -> pl.Expr:
    """French label of the `status` column."""
    return pl.col("status").replace_strict({str(s): label for s, label in LABELS.items()}, default=None)
