"""Pairs into persons, under constraints: one NIR per person, one record per partner, no refused pair. Stable ids."""

from __future__ import annotations

import sqlite3
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from allervers.extracts.linkage.ledger import Edge, edges
from allervers.extracts.linkage.zones import AGENT, NAMES, NIR, NUMBER, REFUSED, REVIEW, SURE

ALONE = "alone"
_ORDER = {AGENT: 0, NIR: 1, NUMBER: 2, NAMES: 3}


class Record(NamedTuple):
    """A record of the vault: its partner, and its NIR (keyed) when it is certain and proves something."""

    source_key: str
    partner: str
    nir: str | None


class Grouping(NamedTuple):
    """Members of each person, and the pairs that an agent has to look at (True: a link that constraints forbid)."""

    groups: list[list[str]]
    pending: dict[int, bool]


class Regrouped(NamedTuple):
    """Counts after grouping."""

    persons: int
    pending: int
    merges: int
    splits: int


class _Clusters:
    """Union-find that refuses unions against the constraints."""

    def __init__(self, records: Iterable[Record], refused: Iterable[Edge]) -> None:
        self.parent: dict[str, str] = {}
        self.members: dict[str, list[str]] = {}
        self.partners: dict[str, set[str]] = {}
        self.nirs: dict[str, set[str]] = {}
        for record in records:
            key = record.source_key
            self.parent[key], self.members[key], self.partners[key] = key, [key], {record.partner}
            self.nirs[key] = {record.nir} if record.nir else set()
        self.refused: dict[str, set[str]] = defaultdict(set)
        for edge in refused:
            self.refused[edge.left_key].add(edge.right_key)
            self.refused[edge.right_key].add(edge.left_key)

    def find(self, key: str) -> str:
        while self.parent[key] != key:
            self.parent[key] = self.parent[self.parent[key]]
            key = self.parent[key]
        return key

    def join(self, edge: Edge) -> bool:
        """Bring two records together; False when a constraint forbids it."""
        large, small = self.find(edge.left_key), self.find(edge.right_key)
        if large == small:
            return True
        if len(self.members[large]) < len(self.members[small]):
            large, small = small, large
        if len(self.nirs[large] | self.nirs[small]) > 1 or self._is_refused(small, large):
            return False
        if edge.method not in (AGENT, NIR) and self.partners[large] & self.partners[small]:
            return False
        self.parent[small] = large
        self.members[large] += self.members.pop(small)
        self.partners[large] |= self.partners.pop(small)
        self.nirs[large] |= self.nirs.pop(small)
        return True

    def _is_refused(self, small: str, large: str) -> bool:
        return any(
            other in self.parent and self.find(other) == large
            for member in self.members[small]
            for other in self.refused.get(member, ())
        )


def grouped(records: Sequence[Record], links: Sequence[Edge]) -> Grouping:
    """Group records by sure links: agents' first, then the NIR, numbers, and names from the heaviest.

    A pair to review stops being one when its records ended in one person, or when the partner of one record is
    already represented in the other's person by a surer record (one to one).
    """
    place = {record.source_key: index for index, record in enumerate(records)}
    links = [edge for edge in links if edge.left_key in place and edge.right_key in place]
    sure = [edge for edge in links if edge.zone == SURE]
    refused = [edge for edge in links if edge.zone == REFUSED and edge.method == AGENT]
    person = connected([(place[edge.left_key], place[edge.right_key]) for edge in sure], len(records))
    contested = _contested(records, place, person, sure, refused)
    clusters = _Clusters([r for r, one in zip(records, person, strict=True) if one in contested], refused)
    sure = [edge for edge in sure if edge.left_key in clusters.parent]
    pending: dict[int, bool] = {}
    for edge in sorted(sure, key=lambda edge: (_ORDER[edge.method], -edge.weight, edge.left_key, edge.right_key)):
        if not clusters.join(edge):
            pending[edge.entry] = True
    for key in clusters.parent:
        person[place[key]] = place[clusters.find(key)]
    groups: dict[int, list[int]] = defaultdict(list)
    for index, one in enumerate(person):
        groups[one].append(index)
    for edge in links:
        if edge.zone == REVIEW:
            left, right = place[edge.left_key], place[edge.right_key]
            taken = any(records[right].partner == records[index].partner for index in groups[person[left]]) or any(
                records[left].partner == records[index].partner for index in groups[person[right]]
            )
            by_names = edge.method == NAMES and edge.reason not in ("meme_partenaire", "annule")
            if person[left] != person[right] and not (taken and by_names):
                pending[edge.entry] = False
    return Grouping([sorted(records[index].source_key for index in members) for members in groups.values()], pending)


def connected(pairs: Sequence[tuple[int, int]], count: int) -> list[int]:
    """For each of `count` nodes, the lowest node that the pairs connect it to, itself included."""
    lowest = np.arange(count)
    if not pairs:
        return lowest.tolist()
    left, right = np.array(pairs, dtype=np.int64).T
    while True:
        ends = lowest[left], lowest[right]
        lower, higher = np.minimum(*ends), np.maximum(*ends)
        if (lower == higher).all():
            return lowest.tolist()
        np.minimum.at(lowest, higher, lower)
        while not np.array_equal(further := lowest[lowest], lowest):
            lowest = further


def _contested(
    records: Sequence[Record], place: Mapping[str, int], person: Sequence[int], sure: Sequence[Edge],
    refused: Sequence[Edge],
) -> set[int]:  # fmt: skip
    """Would-be persons in which a constraint may forbid a link. In the others all links hold, whatever their order."""
    found = {person[place[e.left_key]] for e in refused if person[place[e.left_key]] == person[place[e.right_key]]}
    weak = {person[place[edge.left_key]] for edge in sure if edge.method not in (AGENT, NIR)}
    nirs: dict[int, str] = {}
    partners: set[tuple[int, str]] = set()
    for record, one in zip(records, person, strict=True):
        if record.nir is not None and nirs.setdefault(one, record.nir) != record.nir:
            found.add(one)
        if one in weak:
            if (one, record.partner) in partners:
                found.add(one)
            partners.add((one, record.partner))
    return found


def regroup(connection: sqlite3.Connection, *, largest_nir_group: int, at: str) -> Regrouped:
    """Group again from the ledger and write persons: ids stay, merges and splits are recorded, dated `at` (ISO)."""
    links = edges(connection)
    grouping = grouped(_records(connection, largest_nir_group), links)
    before = dict(connection.execute("SELECT source_key, person_id FROM person"))
    ids = _stable_ids(grouping.groups, before)
    waiting = {key for edge in links if edge.entry in grouping.pending for key in (edge.left_key, edge.right_key)}
    rows = []
    for members, person_id in zip(grouping.groups, ids, strict=True):
        is_pending = not waiting.isdisjoint(members)
        zone = REVIEW if is_pending else SURE if len(members) > 1 else ALONE
        rows += [(key, person_id, zone, not is_pending) for key in members]
    connection.executemany(
        "INSERT INTO person VALUES (?, ?, ?, ?) ON CONFLICT (source_key) DO UPDATE SET person_id = excluded.person_id, "
        "zone = excluded.zone, contact_allowed = excluded.contact_allowed WHERE (person_id, zone, contact_allowed) <> "
        "(excluded.person_id, excluded.zone, excluded.contact_allowed)",
        sorted(rows),
    )
    connection.execute("DELETE FROM pending_pair")
    connection.executemany("INSERT INTO pending_pair VALUES (?, ?)", grouping.pending.items())
    events = _events(grouping.groups, ids, before)
    connection.executemany(
        "INSERT INTO person_event (at, kind, person_id, other_id) VALUES (?, ?, ?, ?)", [(at, *e) for e in events]
    )
    kinds = Counter(kind for kind, _, _ in events)
    return Regrouped(len(ids), len(grouping.pending), kinds["merge"], kinds["split"])


def _records(connection: sqlite3.Connection, largest_nir_group: int) -> list[Record]:
    fillers = {
        nir
        for (nir,) in connection.execute(
            "SELECT nir_keyed FROM source_person WHERE nir_keyed IS NOT NULL GROUP BY nir_keyed HAVING count(*) > ?",
            (largest_nir_group,),
        )
    }
    rows = connection.execute("SELECT source_key, partner, nir_keyed, nir_status FROM source_person")
    return [
        Record(key, partner, nir if status == "certain" and nir not in fillers else None)
        for key, partner, nir, status in rows
    ]


def _stable_ids(groups: Sequence[Sequence[str]], before: dict[str, str]) -> list[str]:
    """An id per group: the one that most of its members had and that no other group has more of; else a new one."""
    claims = []
    for index, members in enumerate(groups):
        held = [before[key] for key in members if key in before]
        claims += [(-held.count(person_id), person_id, members[0], index) for person_id in set(held)]
    ids: dict[int, str] = {}
    taken: set[str] = set()
    for _, person_id, _, index in sorted(claims):
        if index not in ids and person_id not in taken:
            ids[index] = person_id
            taken.add(person_id)
    return [ids.get(index) or uuid.uuid4().hex for index in range(len(groups))]


def _events(groups: Sequence[Sequence[str]], ids: Sequence[str], before: dict[str, str]) -> list[tuple[str, str, str]]:
    kept = set(ids)
    found = set()
    for members, person_id in zip(groups, ids, strict=True):
        for old in {before[key] for key in members if key in before} - {person_id}:
            found.add(("split" if old in kept else "merge", person_id, old))
    return sorted(found)
