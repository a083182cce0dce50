"""Reads of the register: verification of the chain, and who looked at what."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from allervers.apps.audit.domain import GENESIS, first_break
from allervers.apps.audit.models import Entry, Head


@dataclass(frozen=True, slots=True)
class Verification:
    """State of the chain. `broken_at`: number of the first entry that does not hold, or None."""

    entries: int
    digest: str
    broken_at: int | None


def verify_chain() -> Verification:
    """Check each link of the whole register, and that its end is the one on record. Memory: 5,000 entries."""
    broken = first_break(entry.link() for entry in Entry.objects.order_by("number").iterator(chunk_size=5_000))
    head = Head.objects.filter(pk=1).first()
    number, digest = (head.number, head.digest) if head else (0, GENESIS)
    if broken is None:
        last = Entry.objects.order_by("-number").values_list("number", "digest").first() or (0, GENESIS)
        if last != (number, digest):
            broken = min(last[0], number) + 1
    return Verification(number, digest, broken)


def is_protected() -> bool:
    """True while the database itself refuses that an entry be changed or removed."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'audit_entry'::regclass AND tgenabled IN ('O', 'A') "
                "AND tgname IN ('audit_entry_no_change', 'audit_entry_no_truncate')"
            )
        else:
            cursor.execute(
                "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' "
                "AND name IN ('audit_entry_no_update', 'audit_entry_no_delete')"
            )
        row = cursor.fetchone()
    return bool(row and row[0] == 2)


def entries_about(kind: str, target: str) -> QuerySet[Entry]:
    """Who did or saw what about one thing, newest first."""
    return Entry.objects.filter(kind=kind, target=target).order_by("-number")


def entries_of_organisation(organisation_code: str) -> QuerySet[Entry]:
    """What the accounts of an organisation did or saw, newest first."""
    return Entry.objects.filter(organisation=organisation_code).order_by("-number")
