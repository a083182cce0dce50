"""Life events that partners' files show without saying so: separations and deaths in a file."""

from __future__ import annotations

import polars as pl

from allervers.foundation.periods import Month

EVENT_MONTHS = 6
"""An event older than this no longer opens a course of action."""

_SEPARATED = ("separe", "divorce")
_COLUMNS = ("person_id", "signal", "since_on", "partner", "import_id", "reference_on", "rank")


def events_of(rows: pl.DataFrame, month: Month) -> pl.DataFrame:
    """Signals separation, deces_conjoint and deces_enfant of the last EVENT_MONTHS months.

    A death is signalled to an adult who shares the file of the deceased: spouse or parent.
    rows: personnes with person_id, the deceased included, in precedence.
    returns: person_id, signal, since_on and the origin of the row.
    """
    parted = rows.filter(
        pl.col("situation_familiale").is_in(_SEPARATED), _recent("situation_familiale_depuis", month)
    ).with_columns(signal=pl.lit("separation"), since_on=pl.col("situation_familiale_depuis"))
    gone = rows.filter(_recent("date_deces", month), pl.col("dossier_key").is_not_null())
    gone = gone.select("dossier_key", gone_on="date_deces", gone_id="person_id", gone_role="role")
    near = rows.filter(pl.col("role").is_in(["demandeur", "conjoint"]), pl.col("date_deces").is_null())
    near = near.join(gone, on="dossier_key", maintain_order="left").filter(pl.col("person_id") != pl.col("gone_id"))
    was_child = pl.col("gone_role") == "enfant"
    bereaved = near.with_columns(
        signal=pl.when(was_child).then(pl.lit("deces_enfant")).otherwise(pl.lit("deces_conjoint")),
        since_on=pl.col("gone_on"),
    )
    found = pl.concat([parted.select(_COLUMNS), bereaved.select(_COLUMNS)])
    return found.unique(["person_id", "signal"], keep="first", maintain_order=True)


def _recent(day: str, month: Month) -> pl.Expr:
    return pl.col(day).is_between((month - EVENT_MONTHS).first_day, month.last_day).fill_null(value=False)
