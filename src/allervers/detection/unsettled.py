"""Rights that can be neither said due nor ruled out: by household, with the questions that would settle them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import polars as pl

from allervers.detection.statuses import Status

PLACE = ("menage_id", "code_insee", "contact_allowed")
"""First columns of the table; each of the others is a right."""

BETWEEN = " | "
"""Between two questions of a cell: no question holds it (a test reads them all)."""


def unsettled(findings: pl.DataFrame) -> pl.DataFrame:
    """One row a household with at least one right unknown: PLACE, then one column a right (sorted by id).

    findings: as `find` gives them. A cell holds the questions that would settle the right for any unit of the
    household; empty text when no question would (a partner's datum is missing); null when the right is settled.
    """
    unknown = findings.filter(pl.col("status") == str(Status.UNKNOWN))
    rights = sorted(unknown["right"].unique().to_list())
    asked = pl.col("questions").list.join(BETWEEN)
    cells = unknown.select("menage_id", "right", asked.alias("asked")).unique(maintain_order=True)
    several = cells.group_by("menage_id", "right", maintain_order=True).agg(pl.col("asked"))
    texts = several.with_columns(_merged(several["asked"]).alias("asked"))
    wide = texts.pivot("right", index="menage_id", values="asked")
    places = unknown.group_by("menage_id").agg(
        pl.col("code_insee").drop_nulls().first(), pl.col("contact_allowed").fill_null(value=False).all()
    )
    return places.join(wide, on="menage_id").select(*PLACE, *rights).sort("menage_id")


def _merged(several: pl.Series) -> pl.Series:
    """Questions of several units as one text, each said once. Few combinations are distinct: each is merged once."""
    known: dict[tuple[str, ...], str] = {}
    merged = []
    for texts in several.to_list():
        one = tuple(texts)
        if one not in known:
            known[one] = BETWEEN.join(dict.fromkeys(q for text in one for q in text.split(BETWEEN) if q))
        merged.append(known[one])
    return pl.Series(merged, dtype=pl.String)


def questions_by_use(cells: Iterable[str]) -> list[tuple[str, int]]:
    """Questions of the cells of a household, and how many rights each would help to settle: most useful first."""
    counts = Counter(question for cell in cells for question in cell.split(BETWEEN) if question)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def readable(table: pl.DataFrame, labels: dict[str, str]) -> pl.DataFrame:
    """The table for people: PLACE, how many rights are unsettled, which, and the questions, most useful first."""
    rights = [name for name in table.columns if name not in PLACE]
    # Few combinations of cells are distinct: each is read once.
    read: dict[tuple[str | None, ...], tuple[int, list[str], list[str]]] = {}
    for cells in table.select(rights).iter_rows():
        if cells not in read:
            named = {right: cell for right, cell in zip(rights, cells, strict=True) if cell is not None}
            questions = [question for question, _ in questions_by_use(named.values())]
            read[cells] = len(read), [labels[right] for right in named], questions
    places = pl.Series([read[cells][0] for cells in table.select(rights).iter_rows()], dtype=pl.UInt32)
    kinds = pl.DataFrame(
        {"rights": [named for _, named, _ in read.values()], "questions": [asked for *_, asked in read.values()]},
        schema={"rights": pl.List(pl.String), "questions": pl.List(pl.String)},
    ).select(pl.col("rights").list.len().cast(pl.Int32).alias("unsettled"), "rights", "questions")
    return table.select(PLACE).hstack(kinds[places])
