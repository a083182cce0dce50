"""What OpenFisca answered to a case, kept on disk: the suite takes it long, and its answers do not change."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.block import Column
from allervers.engine.conformance.calculators import Calculator
from allervers.engine.situation import Situation
from allervers.foundation.files import written_whole


@dataclass(frozen=True, slots=True)
class KeptCalculator:
    """A calculator whose answers are read from a folder when they are there, and written to it when not. Errors are not
    kept. `version` names all that the answers depend on beside the case: the law, its reforms."""

    calculator: Calculator
    folder: Path
    version: str

    def calculate(
        self, situation: Situation, asked: Sequence[Column], max_spiral_loops: int | None = None
    ) -> Mapping[Column, NDArray[Any]]:
        """See Calculator."""
        case = [self.version, np.__version__, situation, list(map(list, asked)), max_spiral_loops]
        key = hashlib.sha256(json.dumps(case, ensure_ascii=True).encode()).hexdigest()
        path = self.folder / key[:2] / f"{key}.json"
        kept = _read(path, asked)
        if kept is not None:
            return kept
        start = time.perf_counter()
        found = self.calculator.calculate(situation, asked, max_spiral_loops)
        stored = {"seconds": round(time.perf_counter() - start, 4), "arrays": [_stored(found[one]) for one in asked]}
        with written_whole(path) as temporary:
            temporary.write_text(json.dumps(stored), "utf-8")
        return found


def _read(path: Path, asked: Sequence[Column]) -> dict[Column, NDArray[Any]] | None:
    try:
        arrays = json.loads(path.read_text("utf-8"))["arrays"]
        return {one: np.array(values, dtype=np.dtype(kind)) for one, (kind, values) in zip(asked, arrays, strict=True)}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        # Left by a disk that filled up, say: computed again.
        return None


def _stored(array: NDArray[Any]) -> tuple[str, list[Any]]:
    """Type and values. Every 32-bit float is a 64-bit one, which JSON writes in full."""
    array = np.asarray(array)
    return array.dtype.str, (array.astype(str) if array.dtype.kind == "M" else array).tolist()
