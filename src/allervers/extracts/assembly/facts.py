"""What the detection reads beside the population: receipts, rights with their state, signals, and whom to contact."""

from __future__ import annotations

import polars as pl

from allervers.extracts.assembly.dwelling import FILE
from allervers.extracts.assembly.sources import in_codes, in_precedence
from allervers.extracts.records import CHANNELS

OF_PERSON = ("asi", "aah", "bourse_crous")
"""Rights that a person receives for themselves."""

OF_MENAGE = ("cheque_energie",)
"""Rights that a ménage receives. All the others belong to the famille."""

_GROUPS = ("person_id", "famille_id", "menage_id")
_ORIGIN = ("partner", "import_id", "reference_on")
SIGNALS = (*_GROUPS, "signal", "since_on", "montant", "detail", *_ORIGIN)
"""Columns of the signals."""


def unit_kind(prestation: str = "prestation") -> pl.Expr:
    """Entity that holds a right: individu, menage or famille."""
    right = pl.col(prestation)
    person = pl.when(right.is_in(OF_PERSON)).then(pl.lit("individu"))
    return person.when(right.is_in(OF_MENAGE)).then(pl.lit("menage")).otherwise(pl.lit("famille"))


def holders_of(rows: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """The person that a dossier stands for: who is demandeur in it, else its first person. Shape: dossier_key, holder.

    rows: personnes with person_id. members: person_id, famille_id, menage_id.
    """
    return (
        rows.filter(pl.col("dossier_key").is_not_null())
        .join(members, on="person_id", how="semi")
        .select("dossier_key", "person_id", other=pl.col("role").ne("demandeur").fill_null(value=True))
        .sort("other", "person_id")
        .unique("dossier_key", keep="first", maintain_order=True)
        .select("dossier_key", holder="person_id")
    )


def located(frame: pl.DataFrame, links: pl.DataFrame, holders: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Canonical rows with person_id, famille_id and menage_id in place of the partner's keys.

    A row about a dossier goes to the person it stands for. Rows about nobody in the population leave.

    links: source_key, person_id. holders: of `holders_of`. members: person_id, famille_id, menage_id.
    """
    return (
        frame.join(links.select("source_key", "person_id"), on="source_key", how="left")
        .join(holders, on="dossier_key", how="left")
        .with_columns(person_id=pl.coalesce("person_id", "holder"))
        .join(members.select(_GROUPS), on="person_id")
        .drop("holder", "source_key", "dossier_key")
    )


def receipts_of(payments: pl.DataFrame) -> pl.DataFrame:
    """What each unit received, by right and month: one row from one partner.

    Rows of one import are added (two children's grants), exact repeats count once; between imports the precedence of
    sources.py holds.

    returns: unit, unit_id, menage_id, prestation, month, montant, partner, import_id, reference_on.
    """
    unit_id = pl.when(pl.col("unit") == "individu").then("person_id").when(pl.col("unit") == "menage").then("menage_id")
    keys = ["unit", "unit_id", "menage_id", "prestation", "month"]
    rows = payments.unique(maintain_order=True).with_columns(unit=unit_kind())
    rows = rows.select(*keys[2:], *_ORIGIN, "rank", "montant", "unit", unit_id=unit_id.otherwise("famille_id"))
    summed = (
        in_codes(rows)
        .group_by(*keys, *_ORIGIN, "rank", maintain_order=True)
        .agg(montant=pl.col("montant").sum().round(2))
    )
    chosen = in_precedence(summed, *keys).unique(keys, keep="first", maintain_order=True)
    return chosen.select(*keys, "montant", *_ORIGIN).cast({pl.Enum: pl.String})


def rights_of(droits: pl.DataFrame) -> pl.DataFrame:
    """States of rights: the row believed first per person, right and start, without exact repeats."""
    keys = ["person_id", "prestation", "debut_on"]
    kept = in_precedence(droits.unique(maintain_order=True), *keys).unique(keys, keep="first", maintain_order=True)
    columns = ("prestation", "etat", "motif", "debut_on", "fin_on", "montant")
    return kept.select(*_GROUPS, *columns, *_ORIGIN)


def signals_of(signaux: pl.DataFrame) -> pl.DataFrame:
    """Signals: the row believed first per person, signal and partner."""
    keys = ["person_id", "signal", "partner"]
    kept = in_precedence(signaux, *keys).unique(keys, keep="first", maintain_order=True)
    return kept.select(SIGNALS)


def files_of(members: pl.DataFrame, dwellings: pl.DataFrame) -> pl.DataFrame:
    """State of each famille's file with the partners: menage_id, famille_id, person_id of the demandeur, FILE."""
    heads = members.filter(pl.col("famille_role") == "demandeur").select("menage_id", "famille_id", "person_id")
    return heads.join(dwellings.select("famille_id", *FILE), on="famille_id", maintain_order="left")


def zones_of(persons: pl.DataFrame) -> pl.DataFrame:
    """Zone of linkage of each person, and whether they may be contacted: one doubtful link is enough to forbid it.

    returns: person_id, contact_allowed, zone.
    """
    allowed = pl.col("contact_allowed").fill_null(value=False)
    return persons.group_by("person_id", maintain_order=True).agg(
        allowed.all(), zone=pl.col("zone").sort_by(allowed, maintain_order=True).first()
    )


def channels_of(rows: pl.DataFrame) -> pl.DataFrame:
    """How each person may be reached, if any partner says so: names of CHANNELS, comma between.

    Empty: every channel is known to be closed. Null: none is open, and one at least is unknown.

    rows: personnes with person_id. returns: person_id, channels.
    """
    flags = {channel: pl.col(f"reach_{channel}") for channel in CHANNELS}
    told = rows.group_by("person_id").agg(flag.max() for flag in flags.values())
    named = [pl.when(flag).then(pl.lit(channel)) for channel, flag in flags.items()]
    text = pl.concat_str(named, separator=",", ignore_nulls=True)
    sure = pl.any_horizontal(flags.values()) | pl.all_horizontal(flag.is_not_null() for flag in flags.values())
    return told.select("person_id", channels=pl.when(sure).then(text))


def contacts_of(members: pl.DataFrame, dwellings: pl.DataFrame, zones: pl.DataFrame) -> pl.DataFrame:
    """Whom to contact for each famille: its demandeur. One doubtful link is enough to forbid contact: see `zones_of`.

    zones: of `zones_of`, with channels. returns: menage_id, famille_id, person_id, contact_allowed, code_insee, zone,
    channels.
    """
    return (
        members.filter(pl.col("famille_role") == "demandeur")
        .join(zones, on="person_id", how="left", maintain_order="left")
        .join(dwellings.select("famille_id", "code_insee"), on="famille_id", how="left", maintain_order="left")
        .with_columns(pl.col("contact_allowed").fill_null(value=False))
        .select("menage_id", "famille_id", "person_id", "contact_allowed", "code_insee", "zone", "channels")
    )
