"""Simulations that someone asked to keep: ciphertext under a hash of a code that only they have."""

from __future__ import annotations

from django.db import models


class KeptSimulation(models.Model):
    """Answers that nobody here can read: their key is the code, which is shown once and not kept."""

    digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest[:8]
