"""Statistical secrecy of the tables by commune: small counts are not shown, nor what would give them by difference."""

from __future__ import annotations

from collections.abc import Mapping

THRESHOLD = 5
"""Under it, a count is not shown: the rule of the Cnaf's and Insee's open data."""


def hidden_keys(counts: Mapping[str, int]) -> frozenset[str]:
    """Keys whose count is not shown: 1 to 4; and, where one count alone is hidden, the smallest other one too.

    The total is shown beside: a single hidden count would be the total less the others. Zero tells of nobody, and is
    shown.
    """
    hidden = {key for key, count in counts.items() if 0 < count < THRESHOLD}
    others = iter(sorted((count, key) for key, count in counts.items() if count >= THRESHOLD))
    while hidden and (len(hidden) == 1 or sum(counts[key] for key in hidden) < THRESHOLD):
        next_smallest = next(others, None)
        if next_smallest is None:
            break
        hidden.add(next_smallest[1])
    return frozenset(hidden)
