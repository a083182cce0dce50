"""Each collected input reaches the rights that the law says: the matrix inputs x rights, and its empty cells explained.

After a change of inputs or of the law: `python tests/agreement/test_inputs_matrix.py` writes the matrix as it now is.
"""

from __future__ import annotations

import csv
import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
from matrix import HOUSEHOLDS, MONTH, computed_matrix, labels

from allervers.engine.law import Law
from allervers.engine.laws import law_of
from allervers.population.inputs import INCOMES, INPUTS
from allervers.rights.catalogue import computed_rights
from allervers.rights.corrections import corrected_law
from household_situations import block_of

MATRIX = Path(__file__).with_name("inputs_matrix.csv")
EXPLAINED = Path(__file__).with_name("inputs_matrix_explained.toml")
NOT_MEANS_TESTED = {"asf", "af"}
"""Rights whose existence depends on no income of the parents (the amount of the AF does, by the N-2 alone)."""

pytestmark = pytest.mark.law


@pytest.fixture(scope="module")
def matrix(corrected: Law) -> dict[str, dict[str, bool]]:
    return computed_matrix(corrected)


def _expected() -> dict[str, dict[str, bool]]:
    with MATRIX.open(encoding="utf-8", newline="") as stream:
        return {row.pop("entree"): {r: cell == "x" for r, cell in row.items()} for row in csv.DictReader(stream)}


def _explained() -> set[tuple[str, str]]:
    cases = tomllib.loads(EXPLAINED.read_text("utf-8"))["case"]
    return {(i, r) for case in cases for i in case["entrees"] for r in case["droits"] if case["raison"]}


def test_matrix_is_the_committed_one(matrix: dict[str, dict[str, bool]]) -> None:
    expected = _expected()
    differences = [
        f"{name} -> {right}: {'moves' if moves else 'does not move'}"
        for name, cells in matrix.items()
        for right, moves in cells.items()
        if expected.get(name, {}).get(right) is not moves
    ]
    assert not differences
    assert set(expected) == set(matrix)


def test_every_empty_cell_of_an_income_and_every_idle_input_is_explained(matrix: dict[str, dict[str, bool]]) -> None:
    incomes = {v for i in INCOMES for v in (i.gross, i.net, i.taxable, i.yearly) if v}
    empty = {
        (name, right)
        for name, cells in matrix.items()
        for right, moves in cells.items()
        if not moves and (name.split("@")[0] in incomes or not any(cells.values()))
    }
    assert not empty - _explained()


def test_no_explanation_of_a_cell_that_moves(matrix: dict[str, dict[str, bool]]) -> None:
    assert not {(name, right) for name, right in _explained() if matrix[name][right]}


@pytest.mark.parametrize("nature", [income.nature for income in INCOMES])
def test_each_income_reaches_every_means_tested_right(nature: str, matrix: dict[str, dict[str, bool]]) -> None:
    income = next(kind for kind in INCOMES if kind.nature == nature)
    forms = [v for v in (income.gross, income.net, income.taxable) if v]
    forms += [f"{income.yearly or income.taxable}@N-{back}" for back in (2, 1)]
    missed = [right for right in matrix[forms[0]] if not any(matrix[form][right] for form in forms)]
    assert set(missed) <= NOT_MEANS_TESTED


def test_households_open_every_right(corrected: Law) -> None:
    block = block_of(list(HOUSEHOLDS.values()), MONTH)
    for right in computed_rights():
        assert right.computation is not None
        assert corrected.evaluate(block, right.computation.output, str(MONTH)).values.any(), right.id


def write_matrix(law: Law) -> None:
    """Write the matrix as it now is."""
    matrix = computed_matrix(law)
    rights = [right.id for right in computed_rights()]
    with MATRIX.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["entree", *rights])
        for name in (name for item in INPUTS for name in labels(item).values()):
            writer.writerow([name, *("x" if matrix[name][right] else "-" for right in rights)])


if __name__ == "__main__":
    write_matrix(law_of(corrected_law()))
