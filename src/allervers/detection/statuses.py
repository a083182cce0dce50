"""The status of a right for a unit: never a bare yes or no. Published rules, in one ordered chain."""

from __future__ import annotations

from enum import StrEnum

import polars as pl


class Status(StrEnum):
    """Where a unit stands with a right."""

    RECEIVED = "received"
    NOT_CLAIMED = "not_claimed"
    CLAIM_PENDING = "claim_pending"
    DOCUMENTS_MISSING = "documents_missing"
    UNDER_PAYMENT_THRESHOLD = "under_payment_threshold"
    AUTOMATIC_NOT_EXECUTED = "automatic_not_executed"
    NOT_LINKED = "not_linked"
    NOT_ENTITLED = "not_entitled"
    UNKNOWN = "unknown"
    NOT_COMPUTABLE = "not_computable"


LABELS = {
    Status.RECEIVED: "Reçu",
    Status.NOT_CLAIMED: "Droit probable, non demandé",
    Status.CLAIM_PENDING: "Droit probable, demande en cours",
    Status.DOCUMENTS_MISSING: "Droit probable, demandé, pièces manquantes",
    Status.UNDER_PAYMENT_THRESHOLD: "Droit sous le seuil de versement",
    Status.AUTOMATIC_NOT_EXECUTED: "Droit automatique non exécuté",
    Status.NOT_LINKED: "Droit probable, personne non rapprochée avec certitude",
    Status.NOT_ENTITLED: "Pas de droit",
    Status.UNKNOWN: "Indéterminé, une question à poser",
    Status.NOT_COMPUTABLE: "Non calculable",
}

NOT_TAKEN_UP = (
    Status.NOT_CLAIMED,
    Status.CLAIM_PENDING,
    Status.DOCUMENTS_MISSING,
    Status.AUTOMATIC_NOT_EXECUTED,
    Status.NOT_LINKED,
)
"""Entitled by law and nothing received."""

CLAIMED = (Status.CLAIM_PENDING, Status.DOCUMENTS_MISSING)
"""Asked for already: what has been due since the claim is not lost."""

LISTED = (*NOT_TAKEN_UP, Status.UNDER_PAYMENT_THRESHOLD, Status.NOT_COMPUTABLE)
"""What makes a line of the lists. What is unknown is listed by household, with the questions that would settle it."""

CONTACTABLE = (Status.NOT_CLAIMED, Status.DOCUMENTS_MISSING, Status.AUTOMATIC_NOT_EXECUTED, Status.UNKNOWN)
"""Statuses for which a person may be written to, when identity is sure. Nobody in the grey zone of linkage is."""

FLAGS = (
    "is_received", "not_computable", "is_unknown", "contact_allowed", "automatic_missing", "has_missing_documents",
    "has_pending_claim",
)  # fmt: skip
"""Boolean columns that the chain reads, beside `amount` and `under_threshold` (null flags count as false)."""


def status_expression() -> pl.Expr:
    """The chain, first rule that holds wins. Reads FLAGS, `amount` (null = unknown) and `under_threshold`."""
    entitled = pl.col("amount") > 0

    def flag(name: str) -> pl.Expr:
        return pl.col(name).fill_null(False)

    return (
        pl.when(flag("is_received"))
        .then(pl.lit(Status.RECEIVED))
        .when(flag("not_computable"))
        .then(pl.lit(Status.NOT_COMPUTABLE))
        .when(flag("is_unknown") | pl.col("amount").is_null())
        .then(pl.lit(Status.UNKNOWN))
        .when(entitled & ~pl.col("contact_allowed").fill_null(True))
        .then(pl.lit(Status.NOT_LINKED))
        .when(entitled & flag("automatic_missing"))
        .then(pl.lit(Status.AUTOMATIC_NOT_EXECUTED))
        .when(entitled & flag("has_missing_documents"))
        .then(pl.lit(Status.DOCUMENTS_MISSING))
        .when(entitled & flag("has_pending_claim"))
        .then(pl.lit(Status.CLAIM_PENDING))
        .when(entitled)
        .then(pl.lit(Status.NOT_CLAIMED))
        .when(flag("under_threshold"))
        .then(pl.lit(Status.UNDER_PAYMENT_THRESHOLD))
        .otherwise(pl.lit(Status.NOT_ENTITLED))
        .alias("status")
    )
