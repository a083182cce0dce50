"""Writes a synthetic département: an interchange folder, with identities and situations apart, declared synthetic.

Blocks of households are made one after the other and written by row groups that hold whole households: memory does not
grow with the number of households. Nothing on entitlements or take-up is written here: the truth is kept apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from allervers.foundation.errors import InvalidInput
from allervers.foundation.files import folder_written_whole
from allervers.foundation.periods import Month
from allervers.population.synthetic.block import BLOCK, TABLES, Place, make_block
from allervers.population.synthetic.margins import departement_margins
from allervers.population.synthetic.people import Calendar
from allervers.population.synthetic.pool import Pool, draw_rows, fitted_pool
from allervers.territory.communes import vintage_in_force

DECLARATION = """Population synthétique : aucune de ces personnes n'existe.
Noms, numéros, adresses, situations et revenus sont tirés au sort (graine {seed}) et ajustés à des figures publiques.
Ces fichiers ne contiennent aucune donnée personnelle. Ne jamais les mêler aux données d'un partenaire.
"""

MOST_HOUSEHOLDS = 9_000_000


@dataclass(frozen=True, slots=True)
class SyntheticReport:
    """What was written: numbers of rows by table, seed, month, département and folder."""

    folder: Path
    departement: str
    month: Month
    seed: int
    rows: dict[str, int]

    @property
    def households(self) -> int:
        """Number of households (menages)."""
        return self.rows["menage"]

    @property
    def persons(self) -> int:
        """Number of persons, expected children included."""
        return self.rows["individu"]


def make_population(
    *, households: int, seed: int, month: Month, departement: str, folder: Path, chunk: int = 20_000
) -> SyntheticReport:
    """Write a synthetic population of `households` households at `month` into `folder` (replaced whole).

    chunk: households of a row group, rounded up to whole blocks (BLOCK); the result does not depend on it.
    raises: InvalidInput (no household, too many), NotFound or Unavailable (no public figures for the département).
    """
    if not 1 <= households <= MOST_HOUSEHOLDS or chunk < 1 or seed < 0:
        raise InvalidInput(
            f"Nombre de ménages, taille de lot ou graine hors bornes (1 à {MOST_HOUSEHOLDS} ménages).",
            households=households, chunk=chunk, seed=seed,
        )  # fmt: skip
    margins = departement_margins(departement, vintage_in_force(departement, month))
    pool = fitted_pool(seed, margins, month)
    marks = {
        b"allervers:synthetic": b"true", b"allervers:seed": str(seed).encode(), b"allervers:month": str(month).encode(),
        b"allervers:departement": departement.encode(),
    }  # fmt: skip
    rows = dict.fromkeys(TABLES, 0)
    with folder_written_whole(folder) as target, ExitStack() as open_files:
        writers: dict[str, pq.ParquetWriter] = {}
        for tables in _row_groups(pool, households, seed, Calendar(month), -(-chunk // BLOCK)):
            for name, table in tables.items():
                if name not in writers:
                    schema = table.schema.with_metadata(marks)
                    writer = pq.ParquetWriter(target / f"{name}.parquet", schema, compression="zstd")
                    writers[name] = open_files.enter_context(writer)
                writers[name].write_table(table.replace_schema_metadata(marks), row_group_size=max(len(table), 1))
                rows[name] += len(table)
        (target / "SYNTHETIQUE.txt").write_text(DECLARATION.format(seed=seed), encoding="utf-8")
    return SyntheticReport(folder, departement, month, seed, rows)


def _row_groups(
    pool: Pool, households: int, seed: int, calendar: Calendar, blocks: int
) -> Iterator[dict[str, pa.Table]]:
    """Tables of `blocks` blocks at a time, up to the number of households."""
    candidate, commune = draw_rows(pool, households)
    waiting: list[dict[str, pa.Table]] = []
    for number, first in enumerate(range(0, households, BLOCK)):
        rows = slice(first, min(first + BLOCK, households))
        place = Place(number, first, commune[rows], pool.margins)
        waiting.append(make_block(seed, pool.households.take(candidate[rows]), place, calendar))
        if len(waiting) == blocks or rows.stop == households:
            yield {name: pa.concat_tables([tables[name] for tables in waiting]) for name in TABLES}
            waiting = []
