"""Draws what households receive of what they are entitled to: the truth against which detection is measured.

Latent propensity to claim of a unit u, right r, quarter t: `p = h[household] + g[u, r] + e[u, r, t] + slope log(amount)
+ groups + intercept`, claimed when p > 0. h (shared by the rights of a household), g and the autoregressive e are
normal, their variances sum to 1: take-up lasts, rights go together, larger amounts are claimed more. Groups are fitted
to the published rates by turns, then the intercept by bisection, so that the rate of the right is the published one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl

from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month
from allervers.population.synthetic.rates import DIMENSIONS, Rate, published_rate

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

STATUSES = ("received", "not_claimed", "documents_missing", "under_payment_threshold", "automatic_not_executed")
"""Statuses of an entitlement drawn here. Only the first is paid."""

HOUSEHOLD_VARIANCE, UNIT_VARIANCE, QUARTER_VARIANCE = 0.18, 0.10, 0.72
"""Parts of the propensity: household, unit and right, civil quarter. With QUARTER_CORRELATION, 0.34 a quarter gives
about 0.20 over three quarters in a row, as published for the RSA (DREES, Dossier 92)."""

QUARTER_CORRELATION = 0.3
"""Autocorrelation of the quarterly part from one civil quarter to the next: declarations are quarterly."""

DOCUMENTS_MISSING_SHARE = 0.025
"""Share of entitled units whose claim waits for documents, at most 30 % of the non-take-up (assumption)."""

_INPUT = ("unit_id", "menage_id", "right", "month", "entitled_eur")
_CLAIMED, _AUTOMATIC_FAILED = 0, 4


def draw_take_up(entitled: pl.DataFrame, covariates: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """What is received of each entitlement: the columns of `entitled` plus received_eur and status (STATUSES).

    entitled: unit_id, menage_id, right, month (YYYY-MM), entitled_eur > 0, one row per unit, right and month.
    covariates: unit_id, logement_aide (oui, non), famille (mere_isolee, couple_sans_enfant, autre), tenure (hlm, prive,
    proprietaire, autre); units left out have no group effect. The order of rows does not change the draw.
    raises: InvalidInput (columns, amounts, duplicates), NotFound (a right without a rate).
    """
    _check(entitled, covariates)
    if entitled.is_empty():
        return entitled.select(_INPUT).with_columns(received_eur=pl.lit(0.0), status=pl.lit("received"))
    table = entitled.select(_INPUT).with_row_index("row").sort("right", "unit_id", "month")
    table = table.join(covariates.select("unit_id", *DIMENSIONS), on="unit_id", how="left", maintain_order="left")
    homes = _household_factors(table["menage_id"], seed)
    drawn: dict[str, pl.DataFrame] = {}
    rights = [published_rate(right) for right in table["right"].unique().sort().to_list()]
    for rate in sorted(rights, key=lambda r: (r.automatic_after is not None, r.right)):
        rows = table.filter(pl.col("right") == rate.right)
        source = drawn.get(rate.automatic_after) if rate.automatic_after else None
        drawn[rate.right] = _draw_right(rows, rate, homes, source, seed)
    out = pl.concat(list(drawn.values())).sort("row")
    return out.select(*_INPUT, "received_eur", "status")


def _check(entitled: pl.DataFrame, covariates: pl.DataFrame) -> None:
    lacking = [name for name in _INPUT if name not in entitled.columns]
    lacking += [name for name in ("unit_id", *DIMENSIONS) if name not in covariates.columns]
    if lacking:
        raise InvalidInput(f"Colonnes manquantes : {', '.join(lacking)}.", columns=lacking)
    amounts = entitled["entitled_eur"]
    if amounts.null_count() or not bool((amounts.is_finite() & (amounts > 0)).all()):
        raise InvalidInput("Chaque montant de droit doit être connu, fini et positif.", column="entitled_eur")
    if entitled.select("unit_id", "right", "month").is_duplicated().any():
        raise InvalidInput("Une unité a deux lignes pour un même droit et un même mois.")
    if covariates["unit_id"].is_duplicated().any():
        raise InvalidInput("Une unité a deux lignes de covariables.", column="unit_id")


def _stream(seed: int, name: str) -> np.random.Generator:
    """Random stream of its own for a part of the draw, from the name of that part."""
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=(2, *name.encode())))


def _household_factors(menages: pl.Series, seed: int) -> pl.DataFrame:
    unique = menages.unique().sort()
    values = np.array([_normal_of(seed, name) for name in unique.to_list()]) * np.sqrt(HOUSEHOLD_VARIANCE)
    return pl.DataFrame({"menage_id": unique, "household_factor": values})


def _normal_of(seed: int, name: str) -> float:
    """A normal number that is a household's own, whatever the other households of the draw."""
    digest = hashlib.blake2b(name.encode(), digest_size=8, key=f"{seed}".encode()).digest()
    return NormalDist().inv_cdf((int.from_bytes(digest, "big") + 0.5) / 2**64)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a right sorted by unit then month, as arrays: position of the unit, latent part, log of the amount."""

    unit: Ints
    latent: Floats
    missing: Bools
    log_amount: Floats
    payable: Bools


def _draw_right(
    rows: pl.DataFrame, rate: Rate, homes: pl.DataFrame, source: pl.DataFrame | None, seed: int
) -> pl.DataFrame:
    rows = rows.join(homes, on="menage_id", how="left", maintain_order="left")
    known = _prepared(rows, rate, seed)
    automatic = _automatic(rows, source)
    failed = automatic & _by_unit(known.unit, _stream(seed, f"automatic {rate.right}"), rate.automatic_not_executed)
    propensity = known.latent + rate.slope * known.log_amount
    counted = known.payable & ~automatic
    missing = known.missing & counted
    out_of_claims = _target(
        rate.rate, int(known.payable.sum()), int((failed & known.payable).sum()), int(counted.sum())
    )
    for _ in range(12):
        for dimension in rate.groups:
            propensity = propensity + _group_shifts(
                rows[dimension], rate.groups[dimension], propensity, missing, counted
            )
    propensity = propensity + _shift(propensity[counted], missing[counted], out_of_claims)
    status = np.where(propensity > 0, _CLAIMED, 1)
    status = np.where((status == _CLAIMED) & missing, 2, status)
    status = np.where(automatic, np.where(failed, _AUTOMATIC_FAILED, _CLAIMED), status)
    status = np.where(known.payable, status, 3)
    received = np.where(status == _CLAIMED, rows["entitled_eur"].to_numpy(), 0.0)
    names = pl.Series("status", np.array(STATUSES, dtype=object)[status], dtype=pl.String)
    return rows.with_columns(pl.Series("received_eur", received), names)


def _prepared(rows: pl.DataFrame, rate: Rate, seed: int) -> _Rows:
    units = rows["unit_id"].unique().sort()
    unit = units.search_sorted(rows["unit_id"]).to_numpy().astype(np.int64)
    rng = _stream(seed, rate.right)
    persistent = rng.standard_normal(len(units)) * np.sqrt(UNIT_VARIANCE)
    news = (
        _autoregressive(rng, rows["month"], unit, len(units))
        if rate.quarterly
        else rng.standard_normal(len(units))[unit]
    )
    passing = news * np.sqrt(QUARTER_VARIANCE)
    latent = rows["household_factor"].to_numpy() + persistent[unit] + passing
    amounts = rows["entitled_eur"].to_numpy().astype(np.float64)
    log_amount = np.log(amounts) - np.log(np.median(amounts))
    share = min(DOCUMENTS_MISSING_SHARE, 0.3 * rate.rate)
    missing = _by_unit(unit, _stream(seed, f"documents {rate.right}"), share)
    return _Rows(unit, latent, missing, log_amount, amounts >= rate.threshold_eur)


def _autoregressive(rng: np.random.Generator, month: pl.Series, unit: Ints, units: int) -> Floats:
    """Stationary AR(1) of unit variance by unit over the civil quarters from the first month to the last one."""
    months = [Month.parse(text) for text in month.unique().sort().to_list()]
    quarter = {str(m): (m.year * 12 + m.month - 1) // 3 for m in months}
    first, last = min(quarter.values()), max(quarter.values())
    position = month.replace_strict(quarter, return_dtype=pl.Int64).to_numpy() - first
    path = np.empty((last - first + 1, units))
    path[0] = rng.standard_normal(units)
    for step in range(1, len(path)):
        news = np.sqrt(1 - QUARTER_CORRELATION**2) * rng.standard_normal(units)
        path[step] = QUARTER_CORRELATION * path[step - 1] + news
    return np.asarray(path[position, unit], dtype=np.float64)


def _by_unit(unit: Ints, rng: np.random.Generator, share: float) -> Bools:
    """True for all rows of a share of units: states that last."""
    return np.asarray((rng.random(int(unit.max()) + 1) < share)[unit], dtype=np.bool_)


def _automatic(rows: pl.DataFrame, source: pl.DataFrame | None) -> Bools:
    """True where the household receives the right that gives this one, the same month."""
    if source is None:
        return np.zeros(len(rows), dtype=np.bool_)
    given = source.filter(pl.col("status") == "received").select("menage_id", "month").unique()
    joined = rows.join(given.with_columns(given=True), on=["menage_id", "month"], how="left", maintain_order="left")
    return joined["given"].fill_null(False).to_numpy()


def _target(rate: float, payable: int, failed: int, counted: int) -> float:
    """Rate to reach among the rows that need a claim, so that the rate of all rows is the published one."""
    return float(np.clip((rate * payable - failed) / counted, 0.0, 0.98)) if counted else 0.0


def _shift(propensity: Floats, missing: Bools, target: float) -> float:
    """What to add to the propensities for `target` of the rows not to be received, by bisection."""
    if not len(propensity):
        return 0.0
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        not_received = float(((propensity + middle <= 0) | missing).mean())
        low, high = (middle, high) if not_received > target else (low, middle)
    return high


def _group_shifts(
    group: pl.Series, published: dict[str, float], propensity: Floats, missing: Bools, counted: Bools
) -> Floats:
    """Shifts that bring each group of a dimension to its published rate."""
    shifts = np.zeros(len(propensity))
    for name, target in published.items():
        inside = (group == name).fill_null(False).to_numpy()
        used = inside & counted
        shifts[inside] = np.clip(_shift(propensity[used], missing[used], target), -3, 3)
    return shifts
