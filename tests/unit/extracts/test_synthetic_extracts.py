"""The partners' synthetic files: real layouts, known shares of errors, nothing that depends on the clock."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook
from synthetic_truth import MONTH, make_truth

from allervers.extracts.formats.cnaf_rsa_vrsb0801 import read_rows
from allervers.extracts.identity.nir import NirStatus, check_nir
from allervers.extracts.mapping import PartnerMapping, read_mapping
from allervers.extracts.rows import CollectedRows
from allervers.extracts.synthetic.export import ExtractFile
from allervers.extracts.synthetic.housing import ccas_exports
from allervers.extracts.synthetic.truth import Truth, read_truth
from allervers.extracts.synthetic.write import KEYS_FILE, write_extracts
from allervers.foundation.errors import InvalidInput


@dataclass(frozen=True)
class Written:
    files: dict[str, ExtractFile]
    folder: Path
    people: pl.DataFrame
    receipts: pl.DataFrame

    def rows(self, name: str) -> pl.DataFrame:
        """Text of a CSV file under our own column names, as its mapping tells."""
        file = self.files[name]
        mapping = self.mapping(name)
        frame = pl.read_csv(
            file.path.read_bytes().decode(mapping.encodage).encode(),
            separator=mapping.separateur,
            infer_schema=False,
        )
        return frame.rename({theirs: ours for ours, theirs in mapping.colonnes.items()})

    def mapping(self, name: str) -> PartnerMapping:
        path = self.files[name].mapping
        assert path is not None
        return read_mapping(path)


def write(folder: Path, population: Path, receipts: Path, seed: int = 1) -> Written:
    files = write_extracts(population=population, receipts=receipts, folder=folder / "extracts", month=MONTH, seed=seed)
    identity = pl.read_parquet(population / "identity.parquet")
    return Written({f.path.name: f for f in files}, folder / "extracts", identity, pl.read_parquet(receipts))


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_truth(tmp_path_factory.mktemp("truth"))


@pytest.fixture(scope="module")
def written(truth: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write(tmp_path_factory.mktemp("written"), *truth)


def test_every_partner_writes_its_formats(written: Written) -> None:
    formats = {file.format for file in written.files.values()}
    assert formats == {
        "caf_allocataires", "caf_paiements", "ressources_mensuelles", "cpam_assures", "prestations_servies",
        "domiciliation", "bailleurs", "cnaf_rsa_vrsb0801",
    }  # fmt: skip
    assert {Path(name).suffix for name in written.files} == {".csv", ".xlsx", ".parquet", ".xml"}
    assert all(file.path.is_file() for file in written.files.values())


def test_the_folder_says_that_it_is_synthetic(written: Written) -> None:
    assert "Données synthétiques" in (written.folder / "LISEZMOI.txt").read_text("utf-8")


def test_every_mapping_can_be_read(written: Written) -> None:
    for file in written.files.values():
        if file.mapping is not None:
            mapping = read_mapping(file.mapping)
            assert (mapping.format, mapping.partenaire) == (file.format, file.partner)


def test_the_same_seed_gives_the_same_files(written: Written, truth: tuple[Path, Path], tmp_path: Path) -> None:
    def digests(one: Written) -> dict[str, str]:
        texts = {n: f.path for n, f in one.files.items() if not n.endswith(".xlsx")}  # a workbook holds its date
        return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in texts.items()}

    assert digests(write(tmp_path / "same", *truth)) == digests(written)
    assert digests(write(tmp_path / "other", *truth, seed=2)) != digests(written)


def test_payments_are_those_of_the_truth_and_stop_before_the_month(written: Written) -> None:
    rows = written.rows("caf93_paiements.csv")
    assert rows["mois"].max() == str(MONTH - 1)
    paid = written.receipts.filter(pl.col("right") == "rsa", pl.col("received_eur") > 0, pl.col("month") < str(MONTH))
    # One payment of a famille is one month, but for lines marred on purpose.
    assert abs(rows.filter(pl.col("prestation") == "RSA").height - len(paid)) <= 0.005 * len(paid)


def test_familles_without_any_benefit_are_mostly_unknown_of_the_caf(written: Written) -> None:
    keys = pl.read_parquet(written.folder.parent / KEYS_FILE)
    in_caf = keys.filter(pl.col("format") == "caf_allocataires")["id"].n_unique()
    in_cpam = keys.filter(pl.col("format") == "cpam_assures")["id"].n_unique()
    assert 0.95 < in_cpam / len(written.people) < 1
    assert in_caf < 0.9 * in_cpam


def test_identities_are_wrong_in_small_shares(written: Written) -> None:
    rows = written.rows("cpam93_assures.csv").unique("numero_assure")
    keys = pl.read_parquet(written.folder.parent / KEYS_FILE).filter(pl.col("format") == "cpam_assures")
    both = rows.join(keys, left_on="numero_assure", right_on="person_number").join(
        written.people, on="id", suffix="_true"
    )
    assert len(both) == len(rows)
    nir = (both["nir"].is_null() | (both["nir"] != both["nir_true"])).mean()
    assert 0.01 < float(nir or 0) < 0.06
    wrong = [
        n for n in both.filter(pl.col("nir") != pl.col("nir_true"))["nir"] if check_nir(n).status is NirStatus.INVALID
    ]
    assert wrong
    names = (both["nom_naissance"] != both["nom_naissance_true"].str.to_uppercase()).mean()
    assert 0.005 < float(names or 0) < 0.08


def test_old_codes_of_merged_communes_remain_in_some_rows(written: Written) -> None:
    codes = written.rows("cpam93_assures.csv")["code_insee"]
    assert 0 < (codes == "93059").sum() < (codes == "93066").sum()


def test_invalid_rows_stay_well_under_five_in_a_hundred(written: Written) -> None:
    rows = written.rows("caf93_allocataires.csv")
    bad = rows.filter(
        pl.col("date_naissance").eq("31/02/1980") | pl.col("role").eq("??") | pl.col("nom_naissance").is_null()
    )
    assert len(bad) / len(rows) < 0.02


def test_some_persons_miss_months_of_resources(written: Written) -> None:
    rows = written.rows("caf93_ressources.csv")
    months = rows.group_by("matricule", "rang").agg(pl.col("mois").n_unique())["mois"]
    assert months.max() == 14
    assert 0 < (months < 14).sum() < 0.12 * len(months)


def test_the_rsa_flow_is_read_by_its_reader(written: Written) -> None:
    read = CollectedRows()
    for _, rows in read_rows(written.files["caf93_rsa_vrsb0801.xml"].path):
        read.absorb(rows)
    assert read.dossiers > 20
    assert read.refused == 0
    assert "declaration_manquante" in {row["signal"] for row in read.tables["signaux"]}


def test_workbooks_hold_other_names(written: Written) -> None:
    headers = []
    for name in sorted(n for n in written.files if n.startswith("ccas")):
        sheet = CalamineWorkbook.from_path(str(written.files[name].path)).get_sheet_by_index(0)
        headers.append(tuple(sheet.to_python()[0]))
    assert len(set(headers)) == len(headers) >= 1


def test_a_register_does_not_name_those_who_come_after_its_day(truth: tuple[Path, Path]) -> None:
    known = read_truth(*truth, MONTH, 1)
    before = sum(export.rows.height for export in ccas_exports(known))
    late = pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit(MONTH.last_day)).otherwise("domiciliation_debut")
    later = replace(known, persons=known.persons.with_columns(late.alias("domiciliation_debut")))
    exports = ccas_exports(later)
    assert 0 < sum(export.rows.height for export in exports) < before
    assert all((export.rows["date_debut"] <= export.reference_on).all() for export in exports)


def test_an_incomplete_truth_is_refused_and_nothing_is_written(truth: tuple[Path, Path], tmp_path: Path) -> None:
    population, _ = truth
    with pytest.raises(InvalidInput):
        write_extracts(population=population, receipts=tmp_path / "none", folder=tmp_path / "x", month=MONTH, seed=1)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("name", "number", "phone", "email"),
    [("caf93_allocataires.csv", "matricule", 0.85, 0.7), ("cpam93_assures.csv", "numero_assure", 0.6, 0.45)],
)
def test_phones_and_emails_are_those_kept_for_fiction(
    written: Written, name: str, number: str, phone: float, email: float
) -> None:
    rows = written.rows(name).drop_nulls(number)
    assert rows["telephone"].drop_nulls().str.contains(r"^063998[0-9]{4}$").all()
    assert rows["courriel"].drop_nulls().str.ends_with("@example.org").all()
    adults = rows.filter(pl.col("date_naissance").str.extract("(19[0-9]{2})").is_not_null())
    assert abs(adults["telephone"].is_not_null().mean() - phone) < 0.06
    assert abs(adults["courriel"].is_not_null().mean() - email) < 0.06


def test_phones_change_nothing_else(
    written: Written, truth: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Truth, "contacts", lambda *_, **__: [])
    bare = write(tmp_path / "bare", *truth)
    for name, file in written.files.items():
        if file.path.suffix == ".csv":
            before = bare.rows(name)
            assert before.equals(written.rows(name).select(before.columns))
