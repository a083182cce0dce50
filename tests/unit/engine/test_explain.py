"""Explanations of small graphs: what decides, what is missing, gaps, ages to the month, persons of a group."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from allervers.engine.block import Block, Membership
from allervers.engine.build import Builder
from allervers.engine.explain.explaining import explained
from allervers.engine.explain.french import duration, money, number, period, shown
from allervers.engine.explain.naming import NamedProgram
from allervers.engine.explain.quantities import whole_months
from allervers.engine.explain.reading import Reading
from allervers.engine.explain.record import Explanation
from allervers.engine.explain.sentences import as_text, lowered
from allervers.engine.explain.words import Words, article_of
from allervers.engine.facts import Facts, Source
from allervers.engine.node import Graph, Node
from allervers.engine.ops import InputKey
from allervers.engine.program import Asked, Program, Traced
from allervers.engine.trace import Origin, Parameter
from allervers.engine.variables import Variable
from allervers.foundation.errors import InvalidInput
from allervers.foundation.money import NARROW_SPACE

MONTH = "2026-01"
LABELS = {
    "aide": "Aide", "plafond": "Plafond de l'aide", "ressources": "Ressources", "eligible": "Éligibilité",
    "age": "Âge", "date_naissance": "Date de naissance",
}  # fmt: skip


def variable(name: str) -> Variable:
    kinds = {"eligible": "bool", "age": "int", "date_naissance": "date"}
    entity = "individu" if name in ("age", "date_naissance") else "famille"
    rhythm = "eternity" if name == "date_naissance" else "month"
    return Variable(name, LABELS[name], entity, kinds.get(name, "float"), rhythm, None, (), False, True, ("Article 1",))  # type: ignore[arg-type]


class Small:
    """A graph on two families: two adults and a child, then one adult."""

    def __init__(self) -> None:
        self.make = Builder(Graph())
        self.names: dict[int, list[tuple[str, str]]] = {}
        self.origins: dict[int, Origin] = {}
        self.inputs: dict[InputKey, tuple[str, Any]] = {}

    def given(self, name: str, values: Any, dtype: str, when: str = MONTH) -> Node:
        key = InputKey(name, when, dtype)
        entity = variable(name).entity
        self.inputs[key] = (entity, np.array(values, dtype=dtype))
        return self.make.make("input", (), key, entity)

    def called(self, name: str, node: Node) -> Node:
        self.names.setdefault(node.id, []).append((name, MONTH))
        return node

    def noted(self, node: Node, name: str, *parameters: Parameter) -> Node:
        self.origins[node.id] = Origin(name, MONTH, "openfisca_france/aide.py", 7, parameters)
        return node

    def reading(self, name: str, root: Node) -> Reading:
        sources = {(k.variable, k.period): Source(e, k) for k, (e, _values) in self.inputs.items()}
        asked = Asked(name, MONTH)
        variables = {key.variable: variable(key.variable) for key in self.inputs}
        traced = Traced({asked: root}, self.origins, {})
        program = Program.of("v", Facts(sources, frozenset()), traced, {asked: "famille"}, {}, variables)
        group = np.array([0, 0, 0, 1])
        roles = np.array(["demandeur", "conjoint", "enfant", "demandeur"])
        members = {g: Membership(2, group, roles) for g in ("famille", "foyer_fiscal", "menage")}
        columns = {(k.variable, k.period): v for k, (_e, v) in self.inputs.items()}
        block = Block(4, members, columns, {(k.variable, k.period): e for k, (e, _v) in self.inputs.items()})
        named = NamedProgram(program, self.names)
        whose = lambda entity, row: f"p{row}" if entity == "individu" else ""  # noqa: E731
        return Reading.of(named, block, Words(variable, system()), MONTH, whose)


def system() -> Any:
    articles = {"2020-01-01": {"title": "Article R1"}, "2027-01-01": {"title": "Article R9"}}
    metadata = {"unit": "year", "reference": articles}
    item = SimpleNamespace(name="aide.age", description="Âge minimal de l'aide.", metadata=metadata)
    tree = SimpleNamespace(get_descendants=lambda: [item])
    return SimpleNamespace(parameters=tree, variables={})


def difference(resources: Any, ceiling: Any) -> tuple[Small, Node]:
    small = Small()
    left = small.given("plafond", ceiling, "<f4")
    right = small.given("ressources", resources, "<f4")
    rest = small.make.make("sub", (left, right))
    return small, small.called("aide", small.make.make("max", (small.make.const(0.0, np.dtype("<f4")), rest)))


def told(small: Small, root: Node, row: int = 0, name: str = "aide") -> Explanation:
    return explained(small.reading(name, root), name, MONTH, row)


def test_resources_above_the_ceiling_by_so_many_euros() -> None:
    explanation = told(*difference([1043.0, 0.0], [646.5, 646.5]))
    (missing,) = explanation.missing
    assert (missing.relation, missing.gap, missing.unit) == ("above_zero", 396.5, "euros")
    assert [(sign, q.variable) for sign, q in missing.terms] == [("+", "plafond"), ("-", "ressources")]
    text = as_text(explanation)
    assert f"396,50{NARROW_SPACE}€ de trop : ressources, à comparer à : plafond de l'aide" in text
    assert "Texte : Article 1" in text


def test_an_amount_is_told_as_what_adds_up_to_it() -> None:
    small, root = difference([100.0, 0.0], [600.0, 600.0])
    step = told(small, root).step
    assert [(sign, q.value) for sign, q in step.terms] == [("+", 600.0), ("-", 100.0)]
    assert told(small, root, 1).step.terms == (("+", told(small, root, 1).step.terms[0][1]),)
    assert told(small, root).missing == ()


def aged(births: list[str], ages: list[int]) -> tuple[Small, Node]:
    small = Small()
    birth = small.given("date_naissance", births, "<M8[D]", "ETERNITY")
    small.given("age", ages, "<i4")
    age = small.make.make("input", (), InputKey("age", MONTH, "<i4"), "individu")
    parameter = Parameter("aide.age", 25, "2026-01-01")
    old = small.noted(small.make.make("ge", (age, small.make.const(25, np.dtype("<i4")))), "eligible", parameter)
    is_born = small.make.make("gt", (small.make.const(np.datetime64("2030-01-01")), birth))
    both = small.make.make("and", (old, is_born))
    count = small.make.make("sum", (small.make.make("cast", (both,), "<f8"),), ("famille", None), "famille")
    eligible = small.called("eligible", small.make.make("gt", (count, small.make.const(0.0))))
    amount = small.make.make("where", (eligible, small.make.const(200.0), small.make.const(0.0)))
    return small, small.called("aide", amount)


def test_an_age_is_told_to_the_month_for_the_nearest_person() -> None:
    small, root = aged(["2001-02-15", "2010-01-01", "2020-01-01", "1980-01-01"], [24, 16, 6, 46])
    explanation = told(small, root)
    (missing,) = explanation.missing
    assert missing.age is not None
    assert (missing.age.months, missing.age.place.name, missing.gap) == (24 * 12 + 10, "p0", 1.0)
    assert missing.right is not None
    assert missing.right.parameter is not None
    assert missing.right.parameter.article == "Article R1"
    assert "âge de p0 : 24 ans et 10 mois au 1er janvier 2026 ; il faut 25 ans" in as_text(explanation)
    assert told(small, root, 1).step.amount.value == 200.0


def test_an_age_that_the_date_of_birth_does_not_tell_is_not_refined() -> None:
    small, root = aged(["1990-02-15", "2010-01-01", "2020-01-01", "1980-01-01"], [24, 16, 6, 46])
    assert told(small, root).missing[0].age is None


def test_a_parameter_is_named_only_in_the_formula_that_read_it() -> None:
    small, root = aged(["2001-02-15", "2010-01-01", "2020-01-01", "1980-01-01"], [24, 16, 6, 46])
    small.origins = {node: origin._replace(variable="other") for node, origin in small.origins.items()}
    right = told(small, root).missing[0].right
    assert right is not None
    assert (right.kind, right.label, right.value) == ("constant", "", 25)


def test_the_smallest_set_of_conditions_is_missing() -> None:
    small = Small()
    resources = small.given("ressources", [900.0, 0.0], "<f4")
    ceiling = small.given("plafond", [600.0, 0.0], "<f4")
    eligible = small.given("eligible", [False, True], "|b1")
    under = small.make.make("le", (resources, ceiling))
    other = small.make.make("gt", (ceiling, small.make.const(10_000.0, np.dtype("<f4"))))
    way = small.make.make("or", (small.make.make("and", (under, eligible)), other))
    zero, hundred = (small.make.const(v, np.dtype("<f4")) for v in (0.0, 100.0))
    explanation = told(small, small.called("aide", small.make.make("where", (way, hundred, zero))))
    assert [(c.relation, c.gap) for c in explanation.missing] == [("gt", 9400.0)]
    assert [c.holds for c in explanation.step.conditions] == [False, False, False]


def test_what_no_data_decides_is_said_plainly() -> None:
    small = Small()
    small.given("ressources", [900.0, 0.0], "<f4")
    explanation = told(small, small.make.const(0.0, np.dtype("<f4")))
    assert explanation.missing == ()
    assert "ne dépend d'aucune des données fournies" in explanation.notes[0]


def test_levels_and_rows_that_are_not_there_are_refused() -> None:
    small, root = difference([100.0, 0.0], [600.0, 600.0])
    reading = small.reading("aide", root)
    for arguments in ({"row": 2}, {"row": -1}, {"row": 0, "detail": 9}):
        with pytest.raises(InvalidInput):
            explained(reading, "aide", MONTH, **arguments)
    with pytest.raises(InvalidInput):
        explained(reading, "plafond", "2025-01", 0)


def test_numbers_in_french() -> None:
    assert money(-1234.5) == f"−1{NARROW_SPACE}234,50{NARROW_SPACE}€"
    assert money(-0.001) == f"0{NARROW_SPACE}€"
    assert [duration(m) for m in (0, 12, 25, 299)] == ["0 mois", "1 an", "2 ans et 1 mois", "24 ans et 11 mois"]
    assert number(1234.5) == f"1{NARROW_SPACE}234,5"
    assert [shown(0.12, "rate"), shown(True, "truth"), shown(1, "years")] == [f"12{NARROW_SPACE}%", "oui", "1 an"]
    assert [period("2026-08"), period("2026"), period("ETERNITY")] == ["août 2026", "2026", ""]
    assert shown("2026-03-01", "date") == "1er mars 2026"


def test_months_lived_as_the_calendar_counts() -> None:
    assert [whole_months("2001-02-15", day) for day in ("2026-02-14", "2026-02-15")] == [299, 300]


def test_labels_inside_a_sentence() -> None:
    told_inside = {"RSA socle": "RSA socle", "Ressources": "ressources", "À charge": "À charge", "": ""}
    assert {label: lowered(label) for label in told_inside} == told_inside
    address = "https://www.legifrance.gouv.fr/x?idArticle=LEGIARTI000033979143"
    assert article_of(address) == "Légifrance LEGIARTI000033979143"
