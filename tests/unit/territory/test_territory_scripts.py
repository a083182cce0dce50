"""The committed tables are what the committed scripts make from their sources."""

import hashlib
import io
import json
import tarfile

import packages
import polars as pl
import pytest
import territory_communes
import territory_contours
import territory_figures

from allervers.territory.tables import DATA, departements


def same_files(made, departement, names):
    return all((made / departement / name).read_bytes() == (DATA / departement / name).read_bytes() for name in names)


def test_figures_are_made_again_to_the_byte(public_data, tmp_path):
    territory_figures.make("93", public_data, tmp_path)
    assert same_files(tmp_path, "93", ["caf.csv", "filosofi.csv", "ages.csv"])


def test_communes_and_contours_are_made_again_to_the_byte(registry_packages, tmp_path):
    listed = list(departements())
    vintages = territory_communes.read_vintages(registry_packages)
    territory_contours.make(listed, registry_packages, tmp_path)
    for departement in listed:
        territory_communes.make(departement, vintages, tmp_path)
        names = [path.name for path in (tmp_path / departement).iterdir()]
        assert {"communes.csv", "mouvements.csv", "contours_2021.geojson"} <= set(names)
        assert same_files(tmp_path, departement, names)


def test_an_input_that_changed_is_refused(tmp_path):
    (tmp_path / "caf.csv").write_text("changed")
    with pytest.raises(SystemExit, match="expected 0000"):
        packages.checked_input({"input": "caf.csv", "sha256": "0" * 64}, tmp_path)
    with pytest.raises(SystemExit, match="absent"):
        packages.checked_input({"input": "none.csv", "sha256": "0" * 64}, tmp_path)


def test_a_file_from_elsewhere_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="not one of the registries"):
        packages.received({"origin": "https://example.org/x.tgz", "sha256": "0" * 64}, tmp_path)


def test_a_cached_package_is_checked_and_read(tmp_path):
    content = json.dumps([]).encode()
    with tarfile.open(tmp_path / "p.tgz", "w:gz") as tarball:
        entry = tarfile.TarInfo("package/data/communes.json")
        entry.size = len(content)
        tarball.addfile(entry, io.BytesIO(content))
    digest = hashlib.sha256((tmp_path / "p.tgz").read_bytes()).hexdigest()
    source = {"origin": "https://registry.npmjs.org/p.tgz", "sha256": digest}
    path = packages.received(source, tmp_path)
    assert packages.member(path, "package/data/communes.json") == content
    assert packages.member(path, "package/data/ept.json") is None
    with pytest.raises(SystemExit, match="expected"):
        packages.received(source | {"sha256": "0" * 64}, tmp_path)


def lists(*communes):
    rows = [{"type": "commune-actuelle", "departement": "01", "nom": code, **rest} for code, rest in communes]
    named = [row | {"code": code} for row, (code, _) in zip(rows, communes, strict=True)]
    return {"communes": named, "epci": [], "ept": []}


def test_moves_name_the_only_heir():
    before = lists(("01001", {}), ("01002", {}))
    after = lists(("01001", {"anciensCodes": ["01002"]}))
    assert territory_communes.move_rows({2024: before, 2025: after}, "01") == [
        {"vintage": 2025, "ancien_code": "01002", "nouveau_code": "01001"}
    ]
    with pytest.raises(SystemExit, match="expected one commune"):
        territory_communes.move_rows({2024: before, 2025: lists(("01001", {}))}, "01")
    with pytest.raises(SystemExit, match="a split"):
        territory_communes.move_rows({2024: after, 2025: before}, "01")


def test_a_secret_cell_is_counted_and_not_added(tmp_path):
    columns = ["iris_code", "note", *territory_figures.CAF_INPUT]
    known = dict.fromkeys(territory_figures.CAF_INPUT, "8") | {"a": "32", "arsas": ""}
    secret = dict.fromkeys(territory_figures.CAF_INPUT, "")
    rows = [{"iris_code": "010010101", "note": "0"} | known, {"iris_code": "010010102", "note": "3"} | secret]
    path = tmp_path / "caf.csv"
    path.write_text("\n".join([",".join(columns), *(",".join(row[name] for name in columns) for row in rows)]) + "\n")
    table = territory_figures.caf(path, {})
    found = {row["measure"]: (row["value"], row["iris"], row["masked_iris"]) for row in table.iter_rows(named=True)}
    assert found["allocataires"] == (32, 2, 1)
    assert found["rsa"] == (None, 2, 2)
    filled = territory_figures.with_absent_communes(table, pl.Series(["01001", "01002"]))
    assert filled.filter(code="01002")["value"].null_count() == len(territory_figures.CAF_INPUT)
    with pytest.raises(SystemExit, match="not those of the vintage"):
        territory_figures.with_absent_communes(table, pl.Series(["01002"]))


def test_situations_that_do_not_add_up_are_refused(tmp_path):
    columns = ["iris_code", "note", *territory_figures.CAF_INPUT]
    path = tmp_path / "caf.csv"
    path.write_text(",".join(columns) + "\n010010101,0," + ",".join(["8"] * len(territory_figures.CAF_INPUT)) + "\n")
    with pytest.raises(SystemExit, match="do not add up"):
        territory_figures.caf(path, {})
