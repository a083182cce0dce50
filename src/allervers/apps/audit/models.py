"""The register. Rows are added by `actions.record` alone; the database itself refuses to change or remove one."""

from __future__ import annotations

from typing import Any

from django.db import models

from allervers.apps.audit.domain import Link


class Entry(models.Model):
    """Something that someone did or saw. Identifiers only: no name, no amount, no free text."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=64, blank=True, db_index=True)
    """Public identifier of the account; empty: a job or a command of the operator."""
    organisation = models.CharField(max_length=64, blank=True, db_index=True)
    action = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=32)
    """What sort of thing was acted on: household, convention, account, job…"""
    target = models.CharField(max_length=80)
    purpose = models.CharField(max_length=32, blank=True)
    convention = models.CharField(max_length=100, blank=True)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        """Found by what was acted on: the person's right to know who looked."""

        indexes = (models.Index(fields=["kind", "target"], name="audit_kind_target"),)
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.kind}"

    def content(self) -> dict[str, Any]:
        """What the chain covers."""
        return {
            "at": self.at.isoformat(timespec="microseconds"),
            "actor": self.actor,
            "organisation": self.organisation,
            "action": self.action,
            "kind": self.kind,
            "target": self.target,
            "purpose": self.purpose,
            "convention": self.convention,
            "details": self.details,
        }

    def link(self) -> Link:
        """The entry as the chain sees it."""
        return Link(self.number, self.content(), self.previous, self.digest)


class Head(models.Model):
    """The end of the chain, one row: writers wait for one another on it."""

    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.number)
