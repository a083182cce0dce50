"""Statistical secrecy of the tables of counts: small counts are not shown, nor what would give them by difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

THRESHOLD = 5
"""Under it, a count is not shown: the rule of the Cnaf's and Insee's open data."""


def hidden_keys(counts: Mapping[str, int], already: frozenset[str] = frozenset()) -> frozenset[str]:
    """Keys whose count is not shown: 1 to 4, those hidden `already`; and, where one count alone is hidden, the smallest
    other one too.

    The total is shown beside: a single hidden count would be the total less the others. Zero tells of nobody, and is
    shown.
    """
    hidden = {key for key, count in counts.items() if 0 < count < THRESHOLD} | already
    others = iter(sorted((n, key) for key, n in counts.items() if n >= THRESHOLD and key not in already))
    while hidden and (len(hidden) == 1 or sum(counts[key] for key in hidden) < THRESHOLD):
        next_smallest = next(others, None)
        if next_smallest is None:
            break
        hidden.add(next_smallest[1])
    return frozenset(hidden)


def hidden_cells(
    table: Mapping[str, Mapping[str, int]], whole: str, parts: Sequence[str], alone: Sequence[str] = ()
) -> Mapping[str, frozenset[str]]:
    """Name of a column -> the keys whose count is not shown, when a row adds up: `whole` is the sum of `parts`.

    In a row, one hidden count alone would be found from the two others; in a column, from the total of the rows.
    `alone`: columns that add up with no other.
    """
    names = (whole, *parts, *alone)
    hidden: dict[str, frozenset[str]] = dict.fromkeys(names, frozenset())
    while True:
        grown = {name: hidden_keys({k: row[name] for k, row in table.items()}, hidden[name]) for name in names}
        for key, row in table.items():
            closed = [name for name in (whole, *parts) if key in grown[name]]
            if len(closed) == 1:
                open_ones = [name for name in (whole, *parts) if name not in closed and row[name] > 0]
                # The whole rather than another part: it says less by itself.
                also = whole if whole in open_ones else min(open_ones, key=lambda name: row[name], default="")
                if also:
                    grown[also] |= {key}
        if grown == hidden:
            return hidden
        hidden = grown
