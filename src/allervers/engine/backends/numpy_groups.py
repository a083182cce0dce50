"""Steps of the numpy back-end from persons to their groups and back.

Each takes (operand, operand again, frame, result) and writes the result. In an aligned block the persons of a place are
side by side, in the order of households, so that these are copies and sums of whole runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from allervers.engine.backends.numpy_frame import Array, Frame

GroupStep = Callable[[Array, Array, Frame, Array], None]


def project(group: str) -> GroupStep:
    """The value of the group of each person."""

    def step(a: Array, _b: Array, frame: Frame, out: Array) -> None:
        if frame.aligned:
            for persons, groups in frame.runs:
                out[persons] = a[groups]
            if frame.rest is not None:
                persons, index = frame.rest
                a.take(index, None, out[persons], "clip")
        else:
            a.take(frame.group(group), None, out, "clip")

    return step


def summed(group: str, role: str | None) -> GroupStep:
    """Sum over the members, from 0.0 in the order of persons; with a role, over those who hold it.

    A person who does not hold it counts for 0.0, which changes no bit: the sum is never -0.0.
    """

    def step(a: Array, scratch: Array, frame: Frame, out: Array) -> None:
        if role is not None:
            np.bitwise_and(a.view(np.int64), frame.held((group, role)), scratch.view(np.int64))
            a = scratch
        if frame.aligned:
            np.add(a[frame.runs[0][0]], 0.0, out)
            for persons, groups in frame.runs[1:]:
                part = out[groups]
                np.add(part, a[persons], part)
            if frame.rest is not None:
                persons, index = frame.rest
                np.add.at(out, index, a[persons])
        else:
            out.fill(0.0)
            np.add.at(out, frame.group(group), a)

    return step


def of_role(group: str, role: str, default: Any) -> GroupStep:
    """The value of the person who holds the role, `default` for a group where nobody does."""
    return _picked((group, role), default)


def nth(group: str, place: int, default: Any) -> GroupStep:
    """The value of the person at this place, `default` for a group that is smaller."""
    general = _picked((group, place), default)

    def step(a: Array, b: Array, frame: Frame, out: Array) -> None:
        if place < len(frame.runs):
            persons, groups = frame.runs[place]
            out[groups] = a[persons]
            out[groups.stop :] = default
        else:
            general(a, b, frame, out)

    return step


def _picked(who: tuple[str, str | int], default: Any) -> GroupStep:
    def step(a: Array, _b: Array, frame: Frame, out: Array) -> None:
        persons, nobody = frame.pick(who)
        if persons is None:
            out[...] = a[: len(out)]
        else:
            a.take(persons, None, out, "clip")
        if nobody is not None:
            out[nobody] = default

    return step


def reduced(group: str, function: np.ufunc, neutral: Any) -> GroupStep:
    """Maximum, minimum or conjunction over the members, from `neutral` in the order of persons."""

    def step(a: Array, _b: Array, frame: Frame, out: Array) -> None:
        out.fill(neutral)
        if frame.aligned:
            for persons, groups in frame.runs:
                part = out[groups]
                function(part, a[persons], part)
            if frame.rest is not None:
                persons, index = frame.rest
                function.at(out, index, a[persons])
        else:
            function.at(out, frame.group(group), a)

    return step


def rank(group: str) -> GroupStep:
    """Rank of each person in its group, from the smallest value; equal values in the order of persons."""

    def step(a: Array, _b: Array, frame: Frame, out: Array) -> None:
        index = frame.group(group)
        order = np.lexsort((a, index))
        size = np.bincount(index, minlength=frame.rows[group])
        out[order] = np.arange(len(index)) - (np.cumsum(size) - size)[index[order]]

    return step
