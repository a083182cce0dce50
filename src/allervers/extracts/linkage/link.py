"""Linkage of a store, from the vault to persons; agents' decisions and their undoing. No clear value comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from allervers.extracts.identity.reading import instant
from allervers.extracts.identity.vault import Vault
from allervers.extracts.linkage.candidates import candidates
from allervers.extracts.linkage.groups import Regrouped, regroup
from allervers.extracts.linkage.ledger import Decision, record_decision, record_rules, record_undoing
from allervers.extracts.linkage.model import Thresholds, published_model
from allervers.extracts.linkage.probabilistic import weighed_pairs
from allervers.extracts.linkage.zones import NAMES, NIR, NUMBER, REFUSED, SURE, worth_keeping, zoned


@dataclass(frozen=True, slots=True)
class LinkageReport:
    """Counts of a run. Pairs by what decided; `plain_hash_partners` had their digests erased (plain hashes of NIR)."""

    records: int
    persons: int
    sure_by_nir: int
    sure_by_number: int
    sure_by_names: int
    to_review: int
    refused_by_guard: int
    merges: int
    splits: int
    plain_hash_partners: tuple[str, ...]


def link(store: Path, *, now: datetime, thresholds: Thresholds | None = None) -> LinkageReport:
    """Group the records of all partners into persons. Run again, it keeps ids, agents' decisions and their undoing.

    `thresholds`: those of the published model unless given.
    """
    model = published_model()
    limits = thresholds or model.thresholds
    with Vault(store) as vault:
        with vault.transaction():
            erased = vault.resolve_exchange_hashes()
        people = candidates(vault, largest_nir_group=model.largest_nir_group, now=now)
        pairs = zoned(weighed_pairs(people, model, limits.review), model, limits)
        with vault.transaction():
            record_rules(vault.connection, worth_keeping(pairs, limits), now)
            regrouped = regroup(vault.connection, largest_nir_group=model.largest_nir_group, at=instant(now))
    kept = worth_keeping(pairs, limits)
    sure = kept.filter(pl.col("zone") == SURE)
    return LinkageReport(
        records=people.height,
        persons=regrouped.persons,
        sure_by_nir=sure.filter(pl.col("method") == NIR).height,
        sure_by_number=sure.filter(pl.col("method") == NUMBER).height,
        sure_by_names=sure.filter(pl.col("method") == NAMES).height,
        to_review=regrouped.pending,
        refused_by_guard=kept.filter(pl.col("zone") == REFUSED).height,
        merges=regrouped.merges,
        splits=regrouped.splits,
        plain_hash_partners=tuple(erased),
    )


def decide(store: Path, pair: tuple[str, str], decision: Decision, *, actor: str, now: datetime) -> int:
    """An agent's word on a pair to review; persons are grouped again. returns: the entry of the ledger.

    raises: NotFound when the pair does not wait for a decision; Refused without a named actor.
    """
    with Vault(store) as vault, vault.transaction():
        entry = record_decision(vault.connection, pair, decision, actor, now)
        _regroup(vault, now)
    return entry


def undo(store: Path, entry: int, *, actor: str, now: datetime) -> None:
    """Undo an entry of the ledger, an agent's or a rule's; persons are grouped again.

    raises: NotFound when the entry is not in force; Refused without a named actor.
    """
    with Vault(store) as vault, vault.transaction():
        record_undoing(vault.connection, entry, actor, now)
        _regroup(vault, now)


def _regroup(vault: Vault, now: datetime) -> Regrouped:
    return regroup(vault.connection, largest_nir_group=published_model().largest_nir_group, at=instant(now))
