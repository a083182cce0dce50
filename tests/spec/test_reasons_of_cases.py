"""Why each right is open or not, over the written cases: plain French, the decisive reason, values of the engine."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from case_blocks import stacked
from case_pages import MONTH

from allervers.engine.explain.explaining import explained
from allervers.engine.explain.reading import Reading, Spot
from allervers.engine.explain.words import Words
from allervers.engine.law import Wanted
from allervers.foundation.money import euros
from allervers.rights.catalogue import computed_rights
from allervers.rights.interview.live_law import LiveLaw
from allervers.rights.reasons.law_values import LawValues, index_of
from allervers.rights.reasons.table import reasons
from allervers.rights.reasons.telling import MOST, Said, told

pytestmark = pytest.mark.law

CODE_WORDS = re.compile(
    r"_|sans nom|[{}\[\]|@]|[a-zé][A-Z]|\b(?:True|False|true|false|nan|None|null|eligible|amount|CMU-C|ACS|Rmi)\b"
)
LONGEST = 330
WITHOUT_A_REASON: frozenset[tuple[str, str]] = frozenset()
"""(right, case) of which no reason can be said. Only ever fewer."""


def texts(said: tuple[Said, ...]) -> list[str]:
    return [one.text for one in said]


@pytest.fixture(scope="module")
def every(live_law: LiveLaw) -> list[tuple[str, int, float, LawValues, tuple[Said, ...]]]:
    """Right, row, amount, values and sentences, over all the written cases of the month."""
    assert str(live_law.month) == MONTH
    return list(_every(live_law))


def _every(live: LiveLaw) -> Iterator[tuple[str, int, float, LawValues, tuple[Said, ...]]]:
    block, _cases = stacked(MONTH)
    words = Words(live.law.variable, live.law.stock.system)
    for asked, right in live.rights.items():
        named = live.law.named_program(live.program.facts, Wanted(asked.variable, MONTH))
        reading = Reading.of(named, block, words, MONTH, lambda entity, _row: "Camille" if entity == "individu" else "")
        index, entity = index_of(named), words.variable_of(asked.variable).entity
        root = next(iter(named.program.roots.values()))
        for row in range(reading.structure.count(entity)):
            because = cache(lambda row=row: explained(reading, asked.variable, MONTH, row))  # noqa: B023 - used at once
            values = LawValues(
                reading, index, entity, row, lambda path: live.law.parameter(path, f"{MONTH}-01"), because
            )
            amount = float(reading.value(Spot(root, row)))
            said = told(right.id, "yes" if amount > 0 else "no", values, spoken=True)
            yield right.id, row, amount, values, said


def test_each_computed_right_has_its_reasons():
    for right in computed_rights():
        assert reasons(right.id, "yes"), right.id
        assert reasons(right.id, "no"), right.id
        assert all(re.search(r"\d", one.article) for one in reasons(right.id, "no")), right.id


def test_each_result_is_told_in_one_to_four_short_sentences(every):
    for right, row, _amount, _values, said in every:
        assert said or (right, str(row)) in WITHOUT_A_REASON, (right, row)
        assert len(said) <= MOST
        assert all(len(text) <= LONGEST and text.endswith(".") for text in texts(said)), said


def test_no_sentence_holds_a_word_of_the_code(every):
    for right, row, _amount, _values, said in every:
        for text in texts(said):
            assert not CODE_WORDS.search(text), (right, row, text)


def test_an_agent_reads_no_vous(every):
    for right, row, amount, values, _said in every:
        for text in texts(told(right, "yes" if amount > 0 else "no", values, spoken=False)):
            assert not re.search(r"\b(vous|vos|votre)\b", text, re.IGNORECASE), (right, row, text)


def test_each_amount_said_is_a_value_of_the_computation(every):
    shown = {}
    for right, row, _amount, values, said in every:
        if id(values.reading) not in shown:
            shown[id(values.reading)] = {
                euros(round(float(value), 2))
                for array in values.reading.values.values()
                if array.dtype.kind in "iuf"
                for value in array.tolist()
                if abs(float(value)) < 1e9
            }
        constants = {
            euros(round(float(node.value), 2))
            for node in values.reading.named.program.nodes()
            if node.is_const and node.dtype.kind in "iuf" and abs(float(node.value)) < 1e9
        }
        for text in texts(said):
            for amount in re.findall(r"\d[\d\u202f]*(?:,\d\d)?\u202f€", text):
                assert amount in shown[id(values.reading)] | constants, (right, row, text, amount)


@pytest.mark.parametrize(
    ("right", "case", "expected"),
    [
        (
            "rsa",
            "rsa_titre_quatre_ans",
            "Camille a 4 ans de titre de séjour : hors Union européenne, le RSA en demande",
        ),
        (
            "rsa",
            "rsa_majore_au_dessus",
            "et le forfait logement (156,41\u202f€) dépassent le montant garanti à un parent seul",
        ),
        ("css_sans_participation", "rsa_titre_quatre_ans", "ne dépassent pas le plafond de la gratuité"),
        ("aspa", "aspa_63_ans", "l'allocation de solidarité aux personnes âgées demande 65 ans"),
    ],
)
def test_the_decisive_reason_comes_first(every, right: str, case: str, expected: str):
    block, cases = stacked(MONTH)
    rank = cases.index(case)
    person = int((block.membership["menage"].group == rank).nonzero()[0][0])
    famille = int(block.membership["famille"].group[person])
    (said,) = [s for r, row, _a, _v, s in every if r == right and row == famille]
    assert expected in said[0].text
