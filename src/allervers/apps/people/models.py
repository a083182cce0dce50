"""Oppositions asked here. Everything else about persons stays in the store and its vault."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Opposition(models.Model):
    """A person who opposes: hidden from every list at once, destroyed in the store by the job that follows."""

    household = models.CharField(max_length=64, db_index=True)
    person = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.person
