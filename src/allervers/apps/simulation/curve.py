"""A curve as an SVG drawing: axes, a band where answers are unknown, where the person stands. Geometry, no markup."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from allervers.foundation.money import euros
from allervers.rights.interview.what_if import Floats, WageCurve

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 340, 70, 40, 16, 16


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis. `at`: its place, as SVG writes it."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table beside the drawing."""

    wage: str
    aids: str
    total: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """All that the template needs. `band`: what lies between the least and the greatest income."""

    width: int
    height: int
    left: int
    bottom: int
    right: int
    top: int
    band: str
    income: str
    aids: str
    across: tuple[Tick, ...]
    upward: tuple[Tick, ...]
    table: tuple[Line, ...]
    is_band: bool


def drawn(curve: WageCurve, every: float = 250.0) -> Drawn:
    """The drawing of a curve of wages and its table, a line each `every` euros."""
    most = float(max(curve.income_high.max(), 1.0)) if curve.income_high.max() < 1e6 else float(curve.income_low.max())
    step = 500.0 if most <= 4_000 else 1_000.0
    top = step * (int(most / step) + 1)
    span = float(curve.wages[-1]) or 1.0

    def spot(wage: float, amount: float) -> str:
        x = LEFT + (WIDTH - LEFT - RIGHT) * wage / span
        y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * min(amount, top) / top
        return f"{x:.1f} {y:.1f}"

    def line(amounts: Floats) -> str:
        return "M" + "L".join(spot(float(w), float(a)) for w, a in zip(curve.wages, amounts, strict=True))

    back = "L".join(spot(float(w), float(a)) for w, a in zip(curve.wages[::-1], curve.income_low[::-1], strict=True))
    return Drawn(
        WIDTH, HEIGHT, LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, TOP,
        line(curve.income_high) + "L" + back + "Z", line(curve.income_low), line(curve.low),
        tuple(Tick(spot(w, 0.0).split()[0], f"{w:.0f}") for w in _steps(span, 500.0)),
        tuple(Tick(spot(0.0, a).split()[1], f"{a:.0f}") for a in _steps(top, step)),
        tuple(_table(curve, every)), bool((curve.high - curve.low).max() > 0.01),
    )  # fmt: skip


def _steps(most: float, step: float) -> list[float]:
    return [step * number for number in range(int(most / step) + 1)]


def _table(curve: WageCurve, every: float) -> list[Line]:
    found = []
    for wage, low, high in zip(curve.wages, curve.low, curve.high, strict=True):
        if float(wage) % every == 0:
            w, a, b = float(wage), float(low), float(high)
            found.append(Line(euros(w), _between(a, b), _between(w + a, w + b)))
    return found


def _between(low: float, high: float) -> str:
    shown = euros(round(low, 2))
    if high - low < 0.01:
        return shown
    return f"{shown} – {euros(round(high, 2))}" if high < 1e6 else _("au moins %(low)s") % {"low": shown}
