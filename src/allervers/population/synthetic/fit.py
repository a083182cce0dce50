"""Iterative proportional fitting of ours: tables to their margins (`ipf`), weighted lists to totals (`rake`).

Both give the solution closest to the start in the sense of Kullback-Leibler (Deming and Stephan 1940; Csiszár 1975).
`rake` generalises `ipf` to constraints that count (persons of a household) and not only belong (raking ratio of
Deville and Särndal 1992), `rake_groups` to several groups that share totals. Turns of proportional fitting on each
total would get there too, slowly: the same solution is found by Newton on the dual,
which is convex, with K unknowns for K totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allervers.foundation.errors import InvalidInput

Floats = npt.NDArray[np.float64]


def ipf(
    table: npt.ArrayLike, margins: Sequence[npt.ArrayLike], *, tolerance: float = 1e-9, rounds: int = 2000
) -> Floats:
    """A table with one margin per axis met, that keeps the odds ratios and the zeros of `table`.

    table: non-negative, any number of axes. margins: one vector per axis, in order, all of the same total.
    raises: InvalidInput when sizes or totals differ, or when zeros of the table make the margins out of reach.
    """
    fitted = np.array(table, dtype=np.float64)
    targets = [np.asarray(margin, dtype=np.float64) for margin in margins]
    _check(fitted, targets)
    scale = max(float(targets[0].sum()), 1e-300)
    for _ in range(rounds):
        for axis, target in enumerate(targets):
            others = tuple(a for a in range(fitted.ndim) if a != axis)
            current = fitted.sum(axis=others)
            if np.any((current == 0) & (target > 0)):
                raise InvalidInput("Marge hors d'atteinte : une ligne du tableau de départ est vide.", axis=axis)
            ratio = np.divide(target, current, out=np.zeros_like(target), where=current > 0)
            fitted *= ratio.reshape([-1 if a == axis else 1 for a in range(fitted.ndim)])
        if _worst_gap(fitted, targets) <= tolerance * scale:
            return fitted
    raise InvalidInput("L'ajustement aux marges ne converge pas.", rounds=rounds)


def _check(table: Floats, targets: Sequence[Floats]) -> None:
    if table.ndim != len(targets) or any(t.shape != (table.shape[a],) for a, t in enumerate(targets)):
        raise InvalidInput("Une marge par axe est attendue, à la taille de l'axe.", axes=table.ndim)
    if not np.isfinite(table).all() or (table < 0).any() or any((t < 0).any() for t in targets):
        raise InvalidInput("Tableau et marges doivent être positifs et finis.")
    totals = [float(t.sum()) for t in targets]
    if max(totals) - min(totals) > 1e-6 * max(*totals, 1e-300):
        raise InvalidInput("Les marges n'ont pas le même total.", totals=totals)


def _worst_gap(table: Floats, targets: Sequence[Floats]) -> float:
    gaps = []
    for axis, target in enumerate(targets):
        others = tuple(a for a in range(table.ndim) if a != axis)
        gaps.append(float(np.abs(table.sum(axis=others) - target).max()))
    return max(gaps)


@dataclass(frozen=True, slots=True)
class Totals:
    """What each of n units counts for in each of K totals: `counts` (n, K), and these `totals` (K,)."""

    counts: Floats
    totals: Floats

    def scaled(self) -> Totals:
        """The same constraints, each divided by its total, so that all gaps are shares."""
        size = np.where(self.totals > 0, self.totals, 1.0)
        return Totals(np.asarray(self.counts, dtype=np.float64) / size, self.totals / size)


def rake(weights: npt.ArrayLike, counts: npt.ArrayLike, totals: npt.ArrayLike, *, ridge: float = 0.0) -> Floats:
    """Weights `w exp(counts @ l)` whose weighted counts meet the totals.

    weights: (n,) not negative. counts: (n, K), what each unit counts for in each total. totals: (K,). ridge: see
    `rake_groups`. raises: InvalidInput when the totals are out of reach or the sizes differ.
    """
    start, a, target = (np.asarray(x, dtype=np.float64) for x in (weights, counts, totals))
    if start.ndim != 1:
        raise InvalidInput("Poids, effectifs et totaux n'ont pas des tailles compatibles.")
    nothing = Totals(np.zeros((len(start), 0)), np.zeros(0))
    return np.asarray(rake_groups(start[:, None], [Totals(a, target)], nothing, ridge=ridge)[:, 0], dtype=np.float64)


def rake_groups(
    weights: Floats,
    groups: Sequence[Totals],
    whole: Totals,
    *,
    ridge: float = 0.0,
    tolerance: float = 1e-7,
    rounds: int = 100,
) -> Floats:
    """Weights (n, groups) that meet the totals of each group and, summed over groups, those of the whole.

    weights: (n, groups), not negative: the start. groups: constraints of each column. whole: constraints of the sum.
    ridge: 0 meets every total; above, a total may be missed by `ridge` times its dual value, so that a solution exists
    even when totals of different sources pull against each other, the gap falling on those that cost most.
    raises: InvalidInput when sizes differ or the totals are out of reach.
    """
    start = np.asarray(weights, dtype=np.float64)
    for part in (*groups, whole):
        if part.counts.shape != (len(start), len(part.totals)):
            raise InvalidInput("Poids, effectifs et totaux n'ont pas des tailles compatibles.")
    if start.ndim != 2 or start.shape[1] != len(groups) or (start < 0).any() or not np.isfinite(start).all():
        raise InvalidInput("Les poids doivent être positifs, une colonne par groupe.")
    problem = _Dual(start, [group.scaled() for group in groups], whole.scaled(), ridge)
    point = np.zeros(problem.size)
    value, fitted = problem.value(point)
    for _ in range(rounds):
        gap, step = problem.newton(point, fitted)
        if np.abs(gap).max(initial=0.0) <= tolerance:
            break
        slope, length = float(gap @ step), 1.0
        tried, candidate = problem.value(point + step)
        while tried > value - 1e-4 * length * slope and length > 1e-9:
            length /= 2
            tried, candidate = problem.value(point + length * step)
        if length <= 1e-9:
            break
        point, value, fitted = point + length * step, tried, candidate
    gap, _ = problem.newton(point, fitted)
    if np.abs(gap).max(initial=0.0) > max(1e-4, tolerance):
        raise InvalidInput("Totaux hors d'atteinte avec ces unités.", worst=int(np.abs(gap).argmax()))
    return fitted


@dataclass(frozen=True, slots=True)
class _Dual:
    """The convex dual of raking. Its unknowns: one per total of each group, then one per total of the whole."""

    start: Floats
    groups: list[Totals]
    whole: Totals
    ridge: float

    @property
    def size(self) -> int:
        return sum(len(group.totals) for group in self.groups) + len(self.whole.totals)

    def _split(self, point: Floats) -> tuple[list[Floats], Floats]:
        ends = np.cumsum([len(group.totals) for group in self.groups])
        *parts, last = np.split(point, ends)
        return parts, last

    def value(self, point: Floats) -> tuple[float, Floats]:
        """Value of the dual, to be made small, and the weights at that point."""
        parts, last = self._split(point)
        shared = self.whole.counts @ last
        exponents = np.column_stack([g.counts @ part + shared for g, part in zip(self.groups, parts, strict=True)])
        if exponents.max(initial=0.0) > 300:
            return np.inf, self.start
        fitted = self.start * np.exp(exponents)
        targets = sum(float(g.totals @ part) for g, part in zip(self.groups, parts, strict=True))
        value = float(fitted.sum()) - targets - float(self.whole.totals @ last) + self.ridge * float(point @ point) / 2
        return value, fitted

    def newton(self, point: Floats, fitted: Floats) -> tuple[Floats, Floats]:
        """Gap to the totals and the Newton step. The groups meet through the whole only: a Schur complement."""
        parts, last = self._split(point)
        b, regular = self.whole.counts, self.ridge + 1e-11
        summed = fitted.sum(axis=1)
        schur = b.T @ (summed[:, None] * b) + regular * np.eye(b.shape[1])
        right = gap_whole = self.whole.totals - summed @ b - self.ridge * last
        solved = []
        for column, (group, part) in enumerate(zip(self.groups, parts, strict=True)):
            a, weighted = group.counts, fitted[:, column, None] * group.counts
            gap = group.totals - fitted[:, column] @ a - self.ridge * part
            inside = a.T @ weighted + regular * np.eye(a.shape[1])
            cross = weighted.T @ b
            both = np.linalg.lstsq(inside, np.column_stack([gap, cross]), rcond=None)[0]
            schur = schur - cross.T @ both[:, 1:]
            right = right - cross.T @ both[:, 0]
            solved.append((gap, both))
        step_whole = np.linalg.lstsq(schur, right, rcond=None)[0]
        steps = [both[:, 0] - both[:, 1:] @ step_whole for _, both in solved]
        return np.concatenate([*(gap for gap, _ in solved), gap_whole]), np.concatenate([*steps, step_whole])
