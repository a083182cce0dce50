"""Pairs of records weighed by splink on an in-memory DuckDB that may not write to disk. No pandas, no training."""

from __future__ import annotations

from itertools import product

import duckdb
import polars as pl
import pyarrow as pa
from splink import DuckDBAPI, Linker

from allervers.extracts.linkage.comparators import COMPARATORS
from allervers.extracts.linkage.model import Model, splink_settings

_CHUNK_RECORDS = 400_000
_KEYED = ("partner", "nir_keyed", "nir_status", "number_hash")


def weighed_pairs(candidates: pl.DataFrame, model: Model, lightest: float, *, threads: int = 2) -> pl.DataFrame:
    """Every pair that a blocking rule brings together and that weighs at least `lightest`, or shares a NIR or a number.

    `candidates`: CANDIDATE_COLUMNS.
    returns: left_key < right_key, weight (log2 of odds), one column per comparison (level reached, by name), and
    partner, nir_keyed, nir_status, number_hash of both sides (`_l`, `_r`). No clear value.
    """
    connection = duckdb.connect(":memory:", config={"threads": threads})
    try:
        # Identities in clear must not reach the disk, even when memory is short.
        connection.execute("SET temp_directory = ''")
        api = DuckDBAPI(connection)
        table = api.register(candidates.to_arrow(), table_name="candidates")
        linker = Linker(table, splink_settings(model, candidates.height), log_level=None)
        for comparator in COMPARATORS:
            if (column := comparator.frequency_column) is not None:
                frequencies = _frequencies(candidates[column], model, comparator.name)
                known = api.register(frequencies.to_arrow(), table_name=f"frequencies_{column}")
                linker.table_management.register_term_frequency_lookup(known, column)
        parts = 1 + candidates.height // _CHUNK_RECORDS
        kept = []
        for left, right in product(range(1, parts + 1), repeat=2):
            found = linker.inference.predict_chunk((left, parts), (right, parts), warning_mode="never")
            kept.append(connection.sql(_query(found.physical_name, lightest)).to_arrow_table())
            found.drop_table_from_database_and_remove_from_cache()
    finally:
        connection.close()
    frame = pl.DataFrame(pl.from_arrow(pa.concat_tables(kept)))
    return frame.with_columns(
        pl.col(comparator.name).replace_strict(model.levels(comparator.name), return_dtype=pl.String)
        for comparator in COMPARATORS
    )


def _frequencies(values: pl.Series, model: Model, comparison: str) -> pl.DataFrame:
    """How common each name is: the value and `tf_<column>`, smoothed as model.toml says."""
    _, expected = next(iter(model.weights[comparison].values()))
    smoothed = (pl.col("count") + model.smoothing * expected) / (values.count() + model.smoothing)
    counts = values.drop_nulls().value_counts()
    return counts.select(values.name, smoothed.clip(lower_bound=model.frequency_floor).alias(f"tf_{values.name}"))


def _query(table: str, lightest: float) -> str:
    keyed = ", ".join(f"{column}_{side}" for side in "lr" for column in _KEYED)
    levels = ", ".join(f"CAST(gamma_{comparator.name} AS BIGINT) AS {comparator.name}" for comparator in COMPARATORS)
    return (
        f"SELECT source_key_l AS left_key, source_key_r AS right_key, match_weight AS weight, {levels}, {keyed} "  # noqa: S608
        f"FROM {table} WHERE match_weight >= {lightest} OR nir_keyed_l = nir_keyed_r "
        "OR number_hash_l = number_hash_r"
    )
