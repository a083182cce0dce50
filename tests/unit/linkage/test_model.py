"""The published model holds together, and a broken one is refused."""

import copy
import tomllib
from importlib.resources import files

import pytest

from allervers.extracts.linkage.model import Thresholds, parse_model, published_model
from allervers.foundation.errors import InvalidInput


@pytest.fixture
def data():
    text = files("allervers.extracts.linkage").joinpath("model.toml").read_text(encoding="utf-8")
    return copy.deepcopy(tomllib.loads(text))


def test_every_comparison_and_rule_says_why(data):
    assert all(table["reason"] for table in data["comparison"].values())
    assert all(rule["reason"] for rule in data["blocking"])


def test_the_strongest_level_proves_and_the_last_disproves():
    for levels in published_model().weights.values():
        (m_first, u_first), *_, (m_last, u_last) = levels.values()
        assert m_first > u_first
        assert m_last < u_last


def test_shares_must_sum_to_one(data):
    data["comparison"]["nom"]["level"]["exact"]["m"] = 0.9
    with pytest.raises(InvalidInput):
        parse_model(data)


def test_levels_must_be_those_of_the_comparators(data):
    del data["comparison"]["sexe"]["level"]["different"]
    with pytest.raises(InvalidInput):
        parse_model(data)


def test_thresholds_are_ordered():
    with pytest.raises(InvalidInput):
        Thresholds(sure=1, review=1)
