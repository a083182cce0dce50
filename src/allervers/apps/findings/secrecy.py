"""Statistical secrecy of the tables of counts: small counts are not shown, nor what would give them by difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

THRESHOLD = 5
"""Under it, a count is not shown: the rule of the Cnaf's and Insee's open data."""


def hidden_keys(counts: Mapping[str, int], already: frozenset[str] = frozenset()) -> frozenset[str]:
    """Keys whose count is not shown: 1 to 4, those hidden `already`; and, where these would be found, the smallest
    other ones too.

    The total is shown beside: a single hidden count would be the total less the others; five hidden counts that make
    five would each be one. Zero tells of nobody, and is shown, unless nothing else can be hidden.
    """
    hidden = {key for key, count in counts.items() if 0 < count < THRESHOLD} | already
    others = iter(sorted((n, key) for key, n in counts.items() if n >= THRESHOLD and key not in already))
    while hidden and _are_given_away(counts, hidden):
        next_smallest = next(others, None)
        if next_smallest is None:
            # A total under the threshold is hidden too, and gives nothing.
            total_is_shown = sum(counts.values()) >= THRESHOLD
            return frozenset(counts) if total_is_shown else frozenset(hidden)
        hidden.add(next_smallest[1])
    return frozenset(hidden)


def _are_given_away(counts: Mapping[str, int], hidden: set[str]) -> bool:
    """Whether the sum of the hidden counts, known by difference, tells one of them."""
    if len(hidden) == len(counts):
        return False
    total = sum(counts[key] for key in hidden)
    all_small = all(counts[key] < THRESHOLD for key in hidden)
    extremes = (len(hidden), len(hidden) * (THRESHOLD - 1))
    return len(hidden) == 1 or total < THRESHOLD or (all_small and total in extremes)


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
                open_ones = [name for name in (whole, *parts) if name not in closed]
                # The whole rather than another part, it says less by itself; a zero only when there is nothing else.
                also = min(open_ones, key=lambda name: (row[name] == 0, name != whole, row[name]))
                grown[also] |= {key}
        if grown == hidden:
            return hidden
        hidden = grown
