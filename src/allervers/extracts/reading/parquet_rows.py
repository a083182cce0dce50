"""Parquet files as rows of text, written as the mapping says. The line of a row is its rank, from 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from allervers.extracts.batches import Limits
from allervers.extracts.mapping import PartnerMapping
from allervers.extracts.reading.raw import LINE, RawBatch, RawTable
from allervers.foundation.errors import InvalidInput


def open_parquet(path: Path, mapping: PartnerMapping, limits: Limits) -> RawTable:
    """Open a Parquet file. Raises InvalidInput when it is damaged or when a group of rows is too big to be unpacked."""
    try:
        with pq.ParquetFile(path) as source:
            header = tuple(source.schema_arrow.names)
            groups = [source.metadata.row_group(place).total_byte_size for place in range(source.num_row_groups)]
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput("Le fichier Parquet est abîmé ou incomplet.", file=path.name) from error
    if max(groups, default=0) > limits.row_group_bytes:
        raise InvalidInput(
            f"Un groupe de lignes du fichier Parquet occupe {max(groups)} octets une fois décompressé : faites des "
            "groupes plus petits.",
            bytes=max(groups),
        )

    def batches(places: Sequence[int], size: int) -> Iterator[RawBatch]:
        names = [header[place] for place in places]
        line = 1
        try:
            with pq.ParquetFile(path) as source:
                for arrow in source.iter_batches(batch_size=size, columns=names, use_threads=False):
                    frame = _text_frame(arrow, dict(zip(places, names, strict=True)), mapping)
                    yield RawBatch(frame.with_row_index(LINE, offset=line).cast({LINE: pl.Int64}))
                    line += frame.height
        except (pa.ArrowException, OSError) as error:
            raise InvalidInput(f"Le fichier Parquet est abîmé après la ligne {line - 1}.", line=line) from error

    return RawTable(header, batches)


def _text_frame(arrow: pa.RecordBatch, names: dict[int, str], mapping: PartnerMapping) -> pl.DataFrame:
    frame = pl.DataFrame(pl.from_arrow(arrow))
    return frame.select(_text(frame.schema[name], name, mapping).alias(str(place)) for place, name in names.items())


def _text(dtype: pl.DataType, name: str, mapping: PartnerMapping) -> pl.Expr:
    column = pl.col(name)
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        raise InvalidInput("Une colonne du fichier Parquet n'est ni texte, ni nombre, ni date.", column=name)
    if dtype == pl.Boolean:
        return pl.when(column).then(pl.lit("O")).when(~column).then(pl.lit("N"))
    if dtype.is_float() or dtype.is_decimal():
        text = column.cast(pl.String).str.strip_suffix(".0")
        return text.str.replace(".", mapping.decimale, literal=True)
    if dtype == pl.Datetime:
        return column.dt.date().cast(pl.String)
    return column.cast(pl.String)
