"""A law of three variables, and its server: `python fake_law.py PORT WORKERS MILLISECONDS`. Nothing of OpenFisca."""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import date
from functools import cache, partial
from types import SimpleNamespace as Thing
from typing import Any

from allervers.api.application import Application
from allervers.api.limits import Limits
from allervers.api.server import serve
from allervers.engine.description import LawDescription
from allervers.engine.situation import Situation, SituationError, asked_in, copied

ANSWERS = {"rsa": 607.75, "naissance": "1970-01-01", "infinite": float("inf")}
SMALL = Limits(body_bytes=100_000, header_seconds=2, body_seconds=1.0, answer_seconds=1.5, stop_seconds=10)


class FakeLaw:
    """Fills nulls with ANSWERS, in so many milliseconds. Some identifiers of persons make it misbehave."""

    def __init__(self, milliseconds: float = 0.0) -> None:
        self.milliseconds = milliseconds

    def calculate_situation(self, situation: Situation) -> Situation:
        end = time.perf_counter() + self.milliseconds / 1000
        persons = situation.get("individus") or {}
        if "forever" in persons:
            end += 60
        if "killed" in persons:
            os.kill(os.getpid(), signal.SIGKILL)
        if "broken" in persons:
            raise RuntimeError("secret value of a person")
        if "unforeseen" in persons:
            try:
                raise ValueError("not a whole month")
            except ValueError as error:
                raise SituationError({"individus": "elsewhere"}) from error
        if "refused" in persons:
            raise SituationError({"individus": "No."}, 404)
        while time.perf_counter() < end:
            pass
        filled: Situation = copied(situation)
        for plural, identifier, variable, period in asked_in(situation):
            filled[plural][identifier][variable][period] = ANSWERS.get(variable, 0)
        return filled


def trace(situation: Situation) -> dict[str, Any]:
    return {"trace": {}, "entitiesDescription": {}, "requestedCalculations": [a.variable for a in asked_in(situation)]}


def system() -> Any:
    """What LawDescription reads of a tax-benefit system."""
    person = Thing(
        key="individu", plural="individus", label="Individu", doc=" Une personne. ", is_person=True, roles=[]
    )
    parent = Thing(key="parent", plural="parents", doc="Parent", max=2, subroles=None)
    child = Thing(key="enfant", plural="enfants", doc=None, max=None, subroles=None)
    family = Thing(key="famille", plural="familles", label="Famille", doc="", is_person=False, roles=[parent, child])
    return Thing(
        entities=[family, person],
        variables={
            "rsa": variable("rsa", family, float, 0, formulas={"2009-06-01": formula}),
            "naissance": variable("naissance", person, date, date(1970, 1, 1)),
            "infinite": variable("infinite", person, float, 0),
        },
        parameters=Thing(get_descendants=parameters),
        open_api_config={},
        get_package_metadata=lambda: {
            "name": "openfisca-fake", "version": "1.2.3", "location": "/x", "repository_url": "https://example.org/r"
        },
    )  # fmt: skip


def formula(famille: Any, period: Any) -> Any:
    return famille("revenus", period)


def variable(name: str, entity: Any, kind: Any, default: Any, formulas: Any = None) -> Any:
    return Thing(
        name=name, label=f"Le {name}", entity=entity, value_type=kind, default_value=default, json_type="number",
        definition_period="month", documentation=" Dit. ", reference=["https://example.org/l"], formulas=formulas or {},
        end=date(2026, 12, 31), get_introspection_data=lambda: (f"/openfisca_fake/{name}.py", "class x:\n    y\n", 7),
    )  # fmt: skip


def dated(*values: tuple[str, Any]) -> Any:
    return Thing(values_list=[Thing(instant_str=start, value=value) for start, value in values])


def parameters() -> list[Any]:
    about = {"metadata": {"seen": date(2026, 1, 2)}, "documentation": " Dit. ", "file_path": "/x/openfisca_fake/p.yaml"}
    amount = Thing(name="a.b", description="Montant", **dated(("2026-01-01", 2.5)).__dict__, **about)
    bracket = Thing(threshold=dated(("2026-01-01", 0.0)), rate=dated(("2026-01-01", 0.1)), children={"rate": 1})
    stopped = Thing(
        threshold=dated(("2027-01-01", None), ("2026-01-01", 0.0)), amount=bracket.rate, children={"amount"}
    )
    rates = Thing(name="a.c", description="Barème", brackets=[bracket], metadata={}, file_path=None)
    ended = Thing(name="a.d", description="Fini", brackets=[stopped], metadata={}, file_path="/elsewhere/p.yaml")
    return [Thing(name="a", description="Nœud", children={"b": amount, "c": rates}, **about), amount, rates, ended]


@cache
def application(milliseconds: float = 0.0, limits: Limits = SMALL) -> Application:
    return Application(FakeLaw(milliseconds), trace, LawDescription(system()), limits)


if __name__ == "__main__":
    port, workers, spent = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    bounds = SMALL if spent == 0 else Limits()
    serve(partial(application, spent, bounds), "127.0.0.1", port, workers, bounds)
