"""French comparators: the level that each usual pair of writings reaches, as the published model names it."""

import polars as pl
import pytest

from allervers.extracts.identity.vault import Vault
from allervers.extracts.linkage.candidates import candidates
from allervers.extracts.linkage.model import published_model
from allervers.extracts.linkage.probabilistic import weighed_pairs

BASE = {"nom_naissance": "Durand", "prenoms": "Anne Lise", "date_naissance": "1980-03-04", "sexe": "2"}


@pytest.fixture
def level(tmp_path, desk, now):
    def reached(comparison, left, right):
        # The same NIR brings the pair to comparison whatever the rest.
        for number, (partner, values) in enumerate({"caf93": left, "cpam93": right}.items()):
            desk.put(partner, str(number), nir="2800399126111", **(BASE | values))
        with Vault(tmp_path) as vault:
            people = candidates(vault, largest_nir_group=30, now=now)
        pairs = weighed_pairs(people, published_model(), 0)
        return pairs.item(0, comparison)

    return reached


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("Lefèbvre-Morel", "LEFEBVRE MOREL", "exact"),
        ("N'Diaye", "NDIAYE", "exact"),
        ("de la Tour", "Tour", "particule"),
        ("El Amrani", "AMRANI", "particule"),
        ("Ben Salah", "Salah", "particule"),
        ("Coulibaly", "Coulibally", "proche"),
        ("Martin Duval", "Martin", "partage"),
        ("Duval Martin", "Martin", "partage"),
        ("Coulibaly", "Nguyen", "different"),
        ("Durand", None, "unknown"),
    ],
)
def test_surnames(level, left, right, expected):
    assert level("nom", {"nom_naissance": left}, {"nom_naissance": right}) == expected


def test_usage_name_against_birth_name(level):
    left = {"nom_naissance": "Nguyen", "nom_usage": "Lambert"}
    assert level("nom", left, {"nom_naissance": "Lambert"}) == "usage"


def test_inverted_names(level):
    left, right = {"nom_naissance": "Diallo", "prenoms": "Awa"}, {"nom_naissance": "AWA", "prenoms": "DIALLO"}
    assert level("nom", left, right) == "inverse"
    assert level("prenoms", left, right) == "inverse"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("Jean-Pierre", "jean pierre", "exact"),
        ("Marie Anne", "Anne", "compose"),
        ("Anne Lise", "Anne Claire", "premier"),
        ("Mohamed", "Mohammed", "proche"),
        ("Fatoumata", "F.", "initiale"),
        ("Lina", "Sarah", "different"),
        ("Lina", None, "unknown"),
    ],
)
def test_first_names(level, left, right, expected):
    assert level("prenoms", {"prenoms": left}, {"prenoms": right}) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("1980-03-04", "1980-03-04", "exact"),
        ("1980-01-01", "1980-01-01", "premier_janvier"),
        ("1980-03-04", "1980-04-03", "inversion"),
        ("1980-03-04", "1980-03-14", "un_chiffre"),
        ("1980-03-04", "1990-03-04", "un_chiffre"),
        ("1980-03-24", "1980-01-01", "annee"),
        ("1980-03-04", "1956-11-30", "different"),
        ("1980-03-04", None, "unknown"),
    ],
)
def test_birth_dates(level, left, right, expected):
    assert level("date_naissance", {"date_naissance": left}, {"date_naissance": right}) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("93066", "93066", "exact"), ("93066", "93001", "departement"), ("93066", "75112", "different")],
)
def test_communes(level, left, right, expected):
    assert level("commune", {"code_insee": left}, {"code_insee": right}) == expected
    assert level("commune", {"code_insee": left}, {}) == "unknown"


def test_a_rare_surname_weighs_more(tmp_path, desk, now):
    for partner in ("caf93", "cpam93"):
        for number in range(8):
            name = "Zabulon" if number == 0 else "Martin"
            desk.put(partner, str(number), **(BASE | {"nom_naissance": name, "date_naissance": f"198{number}-03-04"}))
    with Vault(tmp_path) as vault:
        people = candidates(vault, largest_nir_group=30, now=now)
        pairs = weighed_pairs(people, published_model(), 0).filter(pl.col("date_naissance") == "exact")
    assert pairs.height == 8
    assert pairs["weight"].max() - pairs["weight"].min() > 2


def test_pairs_hold_no_clear_value(tmp_path, desk, now):
    for partner in ("caf93", "cpam93"):
        desk.put(partner, "1", **BASE)
    with Vault(tmp_path) as vault:
        pairs = weighed_pairs(candidates(vault, largest_nir_group=30, now=now), published_model(), 0)
    assert pairs.height == 1
    assert not [mark for mark in ("DURAND", "ANNE", "1980") if mark in str(pairs.to_dicts())]
