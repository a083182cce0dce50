"""Records of persons destroyed: in the canonical files, rewritten whole, then in the vault and its ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from allervers.extracts.identity.vault import Vault
from allervers.extracts.store import IMPORTS_FOLDER
from allervers.foundation.files import written_whole

_PERSONS = "personnes.parquet"


def erase_records(store: Path, source_keys: set[str]) -> int:
    """Rewrite every canonical file without these records, nor anything of the dossiers that held them.

    Who shared a dossier keeps their own facts but no longer a dossier: computed without the person who left, their
    rights would be wrong; their composition becomes unknown. The tables of persons come last: as long as one remains,
    an interrupted erasure still finds the dossiers.
    returns: number of rows destroyed.
    """
    files = sorted((store / IMPORTS_FOLDER).glob("*/*.parquet"), key=lambda path: path.name == _PERSONS)
    shared = _dossiers_of([path for path in files if path.name == _PERSONS], source_keys)
    return sum(_rewrite(path, source_keys, shared) for path in files)


def live_source_keys(store: Path) -> set[str]:
    """Every source_key that a canonical file still names."""
    found: set[str] = set()
    for path in sorted((store / IMPORTS_FOLDER).glob("*/*.parquet")):
        scan = pl.scan_parquet(path)
        if "source_key" in scan.collect_schema():
            found |= set(scan.select(pl.col("source_key").drop_nulls().unique()).collect().to_series())
    return found


def erase_vault_persons(vault: Vault, source_keys: set[str]) -> int:
    """Destroy the identities, links and ledger entries of records, inside the vault's transaction; returns how many.

    The caller groups persons again, and compacts the file once committed (`compact`).
    """
    connection = vault.connection
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS erased (source_key TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM temp.erased")
    connection.executemany("INSERT INTO temp.erased VALUES (?)", [(key,) for key in source_keys])
    erased = "(SELECT source_key FROM temp.erased)"
    connection.execute(f"DELETE FROM ledger WHERE left_key IN {erased} OR right_key IN {erased}")  # noqa: S608
    return connection.execute(f"DELETE FROM source_person WHERE source_key IN {erased}").rowcount  # noqa: S608


def compact(vault: Vault) -> None:
    """Give back the space of what was destroyed, in the vault's file and in its journal, so that nothing lingers."""
    vault.connection.execute("VACUUM")
    vault.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _dossiers_of(files: list[Path], source_keys: set[str]) -> set[str]:
    members = [pl.scan_parquet(path).select("source_key", "dossier_key").drop_nulls() for path in files]
    if not members:
        return set()
    leaves = pl.col("source_key").is_in(list(source_keys))
    return set(pl.concat(members).filter(leaves).select("dossier_key").unique().collect().to_series())


def _rewrite(path: Path, source_keys: set[str], dossiers: set[str]) -> int:
    scan = pl.scan_parquet(path)
    if path.name == _PERSONS:
        left = pl.col("dossier_key").is_in(list(dossiers)).fill_null(value=False)
        ties = [name for name in ("dossier_key", "role") if name in scan.collect_schema()]
        scan = scan.with_columns(pl.when(~left).then(name).alias(name) for name in ties)
    conditions = list(_named_by(set(scan.collect_schema()), source_keys, dossiers))
    if not conditions:
        return 0
    named = pl.any_horizontal(conditions)
    rows = int(scan.select(named.sum()).collect().item())
    if rows:
        with written_whole(path) as temporary:
            scan.filter(~named).sink_parquet(temporary)
    return rows


def _named_by(columns: set[str], source_keys: set[str], dossiers: set[str]) -> Iterator[pl.Expr]:
    for column, values in (("source_key", source_keys), ("dossier_key", dossiers)):
        if column in columns and values:
            yield pl.col(column).is_in(list(values)).fill_null(value=False)
