"""States of a deposit, and what becomes of its file. Plain values."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class DepositState(StrEnum):
    """Where a deposited file stands."""

    WAITING = "waiting"
    IMPORTED = "imported"
    REFUSED = "refused"
    CANCELLED = "cancelled"


DEPOSIT_LABELS = {
    DepositState.WAITING: "En attente d'import",
    DepositState.IMPORTED: "Importé",
    DepositState.REFUSED: "Refusé",
    DepositState.CANCELLED: "Annulé",
}

FILE_KEPT = timedelta(days=7)
"""A file whose import never came to its end is destroyed after that time."""

REJECTS_KEPT = timedelta(days=60)
"""The list of what was wrong in a file is kept that long, so that the partner corrects its extract."""
