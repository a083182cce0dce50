"""Are the engine's outputs OpenFisca's, bit for bit, each asked in a fresh simulation?

`python -m bench.engine_exact KIND HOUSEHOLDS FOLDER` answers with a line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.openfisca import OpenFiscaLaw
from allervers.engine.program import Asked
from bench.engine_data import OUTPUTS, made
from bench.engine_programs import program_of, rich_columns

SEED = 7
"""Other people than those whose columns made the program."""


ENGINES = ("native", "numpy")


def compared(kind: str, households: int, folder: Path) -> dict[str, Any]:
    """Values compared and identical by engine, with the outputs that differ."""
    program = program_of(folder, kind)
    block = made(kind, households, SEED, rich=rich_columns(folder))
    law = OpenFiscaLaw()
    found = {engine: program.run(block, engine) for engine in ENGINES}
    result: dict[str, Any] = {engine: {"compared": 0, "identical": 0, "differing": {}} for engine in ENGINES}
    for output, period in OUTPUTS:
        truth = law.evaluate(block, output, period).values
        for engine in ENGINES:
            same = int(np.count_nonzero(_is_same(truth, found[engine][Asked(output, period)])))
            result[engine]["compared"] += len(truth)
            result[engine]["identical"] += same
            if same != len(truth):
                result[engine]["differing"][output] = len(truth) - same
    return result | {"households": households}


def _is_same(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    if one.dtype != other.dtype:
        return np.zeros(len(one), dtype=bool)
    same = one == other
    return np.asarray(same | (np.isnan(one) & np.isnan(other)) if one.dtype.kind == "f" else same)


if __name__ == "__main__":
    print(json.dumps(compared(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
