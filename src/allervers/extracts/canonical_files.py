"""Canonical rows of one import, written batch by batch under their keys, in a folder that is being made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow.parquet as pq

from allervers.extracts.batches import ParsedBatch
from allervers.extracts.records import TABLES
from allervers.extracts.store import Pseudonyms

REJECTS_FILE = "rejets.csv"
_ONE_ROW_PER = {"personnes": "source_key", "dossiers": "dossier_key"}
"""Tables in which a key has one row. A file may speak of it several times: the first known values are kept."""


class CanonicalFiles:
    """Files of one import: a Parquet file per table that has rows, and the rejects. Use as a context manager."""

    def __init__(self, folder: Path, vault: Pseudonyms, partner: str) -> None:
        self._folder, self._vault, self._partner = folder, vault, partner
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._rejects = (folder / REJECTS_FILE).open("wb")
        self._rejects.write(b"ligne,colonne,motif,message,rejet\n")
        self.rows: dict[str, int] = {}
        self.opposed = 0

    def __enter__(self) -> CanonicalFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files; may be called again."""
        for writer in self._writers.values():
            writer.close()
        self._rejects.close()

    def add(self, batch: ParsedBatch) -> None:
        """Seal the identities of a batch and write its rows under their keys. Persons who object have no row."""
        if batch.problems.height:
            batch.problems.write_csv(self._rejects, include_header=False)
        keys = self._person_keys(batch)
        for name, numbered in batch.tables.items():
            if numbered.height:
                frame = self._keyed(name, numbered, keys)
                if frame.height:
                    self._write(name, frame)

    def settle(self) -> None:
        """Close the files, then bring persons and dossiers to one row per key."""
        self.close()
        for name, key in _ONE_ROW_PER.items():
            path = self._folder / f"{name}.parquet"
            if name not in self._writers:
                continue
            if pl.scan_parquet(path).select(pl.col(key).is_duplicated().any()).collect().item():
                frame = pl.read_parquet(path, memory_map=False)
                merged = frame.group_by(key, maintain_order=True).agg(pl.all().drop_nulls().first())
                merged.select(*TABLES[name]).write_parquet(path)
                self.rows[name] = merged.height

    def _person_keys(self, batch: ParsedBatch) -> pl.DataFrame:
        """Keys of all the persons that a batch names. Shape: person_number, source_key, opposed."""
        known = self._with_keys(batch.persons)
        named = [t.select("person_number") for t in batch.tables.values() if "person_number" in t.columns]
        others = pl.concat([known.select("person_number"), *named]).drop_nulls().unique(maintain_order=True)
        others = others.join(known, on="person_number", how="anti")
        if others.height:
            # Named by number alone (a payment): the vault knows them already, or keeps the number without identity.
            known = pl.concat([known, self._with_keys(others)])
        known = known.drop_nulls().unique("person_number", maintain_order=True)
        known = known.with_columns(self._vault.opposed(known["source_key"]).alias("opposed"))
        self.opposed += int(known["opposed"].sum())
        return known

    def _with_keys(self, persons: pl.DataFrame) -> pl.DataFrame:
        if not persons.height:
            return pl.DataFrame(schema={"person_number": pl.String, "source_key": pl.String})
        keys = self._vault.person_keys(self._partner, persons)
        return persons.select("person_number", keys.alias("source_key"))

    def _keyed(self, name: str, numbered: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
        frame = numbered
        if "person_number" in frame.columns:
            frame = frame.join(keys, on="person_number", how="left", maintain_order="left")
            if name == "personnes":
                frame = _without_shared_dossiers(frame)
            frame = frame.filter(~pl.col("opposed").fill_null(value=False))
        if "dossier_number" in frame.columns:
            dossiers = self._vault.dossier_keys(self._partner, frame["dossier_number"])
            frame = frame.with_columns(dossiers.alias("dossier_key"))
        if "identifiant_logement" in frame.columns:
            frame = frame.with_columns(
                self._vault.dwelling_keys(frame["identifiant_logement"]).alias("identifiant_logement")
            )
        return frame.select(pl.col(column).cast(dtype) for column, dtype in TABLES[name].items())

    def _write(self, name: str, frame: pl.DataFrame) -> None:
        table = frame.to_arrow()
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self._folder / f"{name}.parquet", table.schema, compression="zstd")
        self._writers[name].write_table(table)
        self.rows[name] = self.rows.get(name, 0) + frame.height


def merged_counts(total: dict[str, int], more: Mapping[str, int]) -> None:
    """Add counts by code to a running total."""
    for code, count in more.items():
        total[code] = total.get(code, 0) + count


def _without_shared_dossiers(persons: pl.DataFrame) -> pl.DataFrame:
    """Who shares a dossier with a person who opposes has none: without that person their rights would be wrong."""
    shared = persons.filter(pl.col("opposed").fill_null(value=False))["dossier_number"].drop_nulls().unique()
    apart = pl.col("dossier_number").is_in(shared.implode()).fill_null(value=False)
    return persons.with_columns(pl.when(~apart).then(name).alias(name) for name in ("dossier_number", "role"))
