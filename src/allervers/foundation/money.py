"""Amounts of money as French readers write them."""

from __future__ import annotations

NARROW_SPACE = "\u202f"
"""Narrow no-break space: thousands separator and before the unit."""


def euros(amount: float) -> str:
    """An amount in euros, two decimals unless whole: `1 234,50 €`."""
    whole = float(amount).is_integer()
    text = f"{amount:,.0f}" if whole else f"{amount:,.2f}"
    return text.replace(",", NARROW_SPACE).replace(".", ",") + f"{NARROW_SPACE}€"
