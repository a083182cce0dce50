"""Identities brought to the columns that are compared. In clear, in memory only, and gone when linkage ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import polars as pl

from allervers.extracts.identity.names import compact, core, core_words, words
from allervers.extracts.identity.reading import Purpose, read_identities
from allervers.extracts.identity.vault import Vault

CANDIDATE_COLUMNS = (
    "source_key", "partner", "number_hash", "nir_keyed", "nir_status",
    "nom", "nom_coeur", "nom_usage", "nom_mots", "nom_initiale", "prenoms", "prenom", "prenoms_mots", "prenom_initiale",
    "naissance", "naissance_annee", "naissance_jour_mois", "naissance_melee", "sexe", "code_insee", "code_postal",
    "commune_naissance",
)  # fmt: skip
"""Columns given to the comparators: keyed values, then names (ASCII upper case), birth date (YYYYMMDD), places."""

_WORD_LETTERS = 3
RULE = "regle"
"""Actor written in the logs when a published rule acts."""


def candidates(vault: Vault, *, largest_nir_group: int, now: datetime) -> pl.DataFrame:
    """One row per record of the vault, with CANDIDATE_COLUMNS. The read is written in the access log.

    A NIR is left out where it proves nothing: shared by more than `largest_nir_group` records, or borrowed from
    another person of the same partner who is its holder (opening right of a parent or spouse).
    """
    clear = read_identities(vault, None, purpose=Purpose.LINKAGE, actor=RULE, now=now)
    keyed = pl.DataFrame(
        vault.connection.execute(
            "SELECT source_key, partner, partner_number_hash, nir_keyed, nir_status FROM source_person"
        ).fetchall(),
        schema=dict.fromkeys(CANDIDATE_COLUMNS[:5], pl.String),
        orient="row",
    )
    frame = keyed.join(clear, on="source_key", how="inner").pipe(_proving_nir, largest_nir_group).pipe(_names)
    return frame.pipe(_dates).pipe(_places).select(CANDIDATE_COLUMNS).sort("source_key")


def _proving_nir(frame: pl.DataFrame, largest_group: int) -> pl.DataFrame:
    holder_here = (pl.col("nir_status") != "discordant").any().over("partner", "nir_keyed")
    borrowed = (pl.col("nir_status") == "discordant") & holder_here
    filler = pl.len().over("nir_keyed") > largest_group
    return frame.with_columns(nir_keyed=pl.when(~(borrowed | filler)).then("nir_keyed"))


def _names(frame: pl.DataFrame) -> pl.DataFrame:
    surname = pl.coalesce("nom_naissance", "nom_usage")
    frame = frame.with_columns(surname=surname).with_columns(
        nom=_mapped("surname", compact),
        nom_coeur=_mapped("surname", core),
        nom_usage=_mapped("nom_usage", compact),
        prenoms_mots=_mapped("prenoms", words, pl.List(pl.String)),
        words_birth=_mapped("surname", _long_words, pl.List(pl.String)),
        words_usage=_mapped("nom_usage", _long_words, pl.List(pl.String)),
    )
    frame = frame.with_columns(
        nom_mots=pl.concat_list(pl.col("words_birth", "words_usage").fill_null([])).list.unique(),
        prenoms=pl.when(pl.col("prenoms_mots").list.len() > 0).then(pl.col("prenoms_mots").list.join("")),
        prenom=pl.col("prenoms_mots").list.first(),
    )
    return frame.with_columns(
        nom_initiale=pl.col("nom_coeur").str.head(1), prenom_initiale=pl.col("prenom").str.head(1)
    )


def _dates(frame: pl.DataFrame) -> pl.DataFrame:
    digits = pl.col("date_naissance").str.replace_all("-", "")
    frame = frame.with_columns(naissance=pl.when(digits.str.contains(r"^\d{8}$")).then(digits))
    year, month, day = (pl.col("naissance").str.slice(start, length) for start, length in ((0, 4), (4, 2), (6, 2)))
    mixed = pl.concat_str(year, pl.min_horizontal(month, day), pl.max_horizontal(month, day))
    return frame.with_columns(
        naissance_annee=year,
        naissance_jour_mois=month + day,
        naissance_melee=pl.when(pl.col("naissance").is_not_null()).then(mixed),
    )


def _places(frame: pl.DataFrame) -> pl.DataFrame:
    birth = pl.col("commune_naissance").str.to_uppercase().str.replace_all(r"[^0-9A-Z]+", "")
    return frame.with_columns(commune_naissance=pl.when(birth != "").then(birth))


def _long_words(text: str) -> list[str]:
    return [word for word in core_words(text) if len(word) >= _WORD_LETTERS]


def _mapped(
    column: str, change: Callable[[str], object], dtype: pl.DataType | type[pl.DataType] = pl.String
) -> pl.Expr:
    """A column with each distinct value changed once."""

    def changed(values: pl.Series) -> pl.Series:
        distinct = values.drop_nulls().unique()
        table = pl.DataFrame(
            {"value": distinct, "changed": pl.Series([change(value) for value in distinct], dtype=dtype)}
        )
        found = values.alias("value").to_frame().join(table, on="value", how="left", maintain_order="left")
        return found["changed"].alias(values.name)

    return pl.col(column).map_batches(changed, return_dtype=dtype)
