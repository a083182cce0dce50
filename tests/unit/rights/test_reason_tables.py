"""Conditions of the tables of reasons: how they are read, and what holds when a value is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from allervers.engine.explain.record import Unit
from allervers.foundation.errors import InvalidInput
from allervers.rights.reasons import table
from allervers.rights.reasons.table import Condition
from allervers.rights.reasons.telling import told


class Family:
    """A family of which some values are known: by variable, one a person or one for the family."""

    def __init__(self, parents: Sequence[int], **values: Mapping[int | None, Sequence[Any]]) -> None:
        self.parents, self.given = parents, values

    def persons(self, whom: str) -> Sequence[int]:
        return self.parents if whom == "parents" else []

    def values(self, name: str, person: int | None) -> Sequence[Any]:
        return self.given.get(name, {}).get(person, ())

    def unit(self, name: str) -> Unit:
        return "number" if name == "age" else "euros"

    def limit(self, name: str) -> float | None:
        return None

    def name(self, person: int | None) -> str:
        return {1: "Vous", 2: "Camille"}.get(person or 0, "")

    def months(self, person: int | None) -> int | None:
        return {1: 240, 2: 299}.get(person or 0)


def say(
    monkeypatch: pytest.MonkeyPatch, when: list[str], sentence: str, facts: Family, *, spoken: bool = True
) -> list[str]:
    reason = table.Reason(tuple(Condition.parse(text) for text in when), sentence, "CSS L. 1")
    monkeypatch.setattr("allervers.rights.reasons.telling.reasons", lambda _right, _outcome: (reason,))
    return [one.text for one in told("rsa", "no", facts, spoken=spoken)]


@pytest.mark.parametrize("text", ["", "age <", "all cousins age < 3", "age ~ 3"])
def test_a_condition_that_does_not_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Condition.parse(text)


def test_the_person_nearest_to_the_threshold_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Family([1, 2], age={1: [20], 2: [24]})
    assert say(monkeypatch, ["all parents age < 25"], "{Avoir} {age}.", facts) == ["Camille a 24 ans et 11 mois."]
    assert say(monkeypatch, ["all parents age < 24"], "{Avoir} {age}.", facts) == []


def test_what_is_not_known_never_makes_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    assert say(monkeypatch, ["resources > 100"], "Oui.", Family([1])) == []
    assert say(monkeypatch, ["resources > 100"], "Oui.", Family([1], resources={None: [50, 500]})) == []
    assert say(monkeypatch, ["no parents old"], "Oui.", Family([1], old={1: [False, True]})) == []
    assert say(monkeypatch, ["no parents old"], "Oui.", Family([1], old={1: [False]})) == ["Oui."]


def test_a_value_that_is_not_known_is_said_by_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Family([1], resources={None: [500, 900]}, flat={None: [100, 200]})
    assert say(monkeypatch, ["resources > flat"], "{resources} contre {most flat}.", facts) == [
        "au moins 500\u202f€ contre au plus 200\u202f€."
    ]


def test_two_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Family([1], resources={None: [500]})
    assert say(monkeypatch, [], "[Vos|Les] ressources.", facts) == ["Vos ressources."]
    assert say(monkeypatch, [], "[Vos|Les] ressources.", facts, spoken=False) == ["Les ressources."]
