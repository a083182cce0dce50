"""The published model of linkage read from model.toml, checked, and handed to splink. Nothing is trained."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from allervers.extracts.linkage.comparators import COMPARATORS, Comparator
from allervers.foundation.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Weights (log2 of odds) from which a pair is sure, or to be reviewed; below `review` it is refused."""

    sure: float
    review: float

    def __post_init__(self) -> None:
        if not self.sure > self.review:
            raise InvalidInput("Le seuil « sûr » doit dépasser le seuil « à vérifier ».")


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that decides of linkage, as data."""

    version: str
    thresholds: Thresholds
    smallest_prior: int
    smoothing: int
    frequency_floor: float
    largest_nir_group: int
    guards: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, Mapping[str, tuple[float, float]]]  # comparison -> level -> (m, u)
    blocking: tuple[str, ...]

    def levels(self, comparison: str) -> dict[int, str]:
        """Number that splink gives to each level of a comparison -> its name; -1 is `unknown`."""
        names = list(self.weights[comparison])
        return {-1: "unknown"} | {len(names) - 1 - index: name for index, name in enumerate(names)}


@cache
def published_model() -> Model:
    """The model delivered with this version; raises InvalidInput when its file does not hold together."""
    text = files("allervers.extracts.linkage").joinpath("model.toml").read_text(encoding="utf-8")
    return parse_model(tomllib.loads(text))


def parse_model(data: Mapping[str, Any]) -> Model:
    """Read a model; its levels must be those of comparators.py, and each of m and u must sum to 1."""
    weights = {}
    for comparator in COMPARATORS:
        table = data["comparison"].get(comparator.name, {}).get("level", {})
        if list(table) != list(comparator.levels):
            raise InvalidInput("Le modèle de rapprochement n'a pas les niveaux attendus.", comparison=comparator.name)
        levels = {name: (float(level["m"]), float(level["u"])) for name, level in table.items()}
        for which in (0, 1):
            if abs(sum(level[which] for level in levels.values()) - 1) > 1e-6:
                raise InvalidInput("Les parts d'une comparaison doivent totaliser 1.", comparison=comparator.name)
        weights[comparator.name] = levels
    return Model(
        version=data["version"],
        thresholds=Thresholds(**data["thresholds"]),
        smallest_prior=data["prior"]["smallest"],
        smoothing=data["frequency"]["smoothing"],
        frequency_floor=data["frequency"]["floor"],
        largest_nir_group=data["exact"]["largest_nir_group"],
        guards={name: tuple(levels) for name, levels in data["guards"].items()},
        weights=weights,
        blocking=tuple(rule["rule"] for rule in data["blocking"]),
    )


def splink_settings(model: Model, records: int) -> dict[str, Any]:
    """Settings of splink for a number of records: fixed m and u, stated blocking rules."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "source_key",
        "probability_two_random_records_match": 1 / max(records, model.smallest_prior),
        "comparisons": [_comparison(comparator, model.weights[comparator.name]) for comparator in COMPARATORS],
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in model.blocking],
        "retain_matching_columns": True,  # else splink drops the levels reached; values stay behind in memory
        "retain_intermediate_calculation_columns": False,
        "additional_columns_to_retain": ["partner", "nir_keyed", "nir_status", "number_hash"],
    }


def _comparison(comparator: Comparator, weights: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    unknown = {"sql_condition": comparator.unknown, "label_for_charts": "unknown", "is_null_level": True}
    levels: list[dict[str, Any]] = [unknown]
    for index, (name, condition) in enumerate(comparator.levels.items()):
        m, u = weights[name]
        level = {"sql_condition": condition, "label_for_charts": name, "m_probability": m, "u_probability": u}
        if index == 0 and comparator.frequency_column is not None:
            level["tf_adjustment_column"] = comparator.frequency_column
        levels.append(level)
    return {"output_column_name": comparator.name, "comparison_levels": levels}
