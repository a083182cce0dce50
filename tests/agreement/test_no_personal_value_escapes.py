"""Marked names, addresses, phones, e-mails and NIR go through import, linkage, assembly and detection: none is found.

Looked for in every file of the store (the vault too: it is encrypted), in the lists, in the printed lines and the logs.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from allervers.detection.casefile import read_case_file
from allervers.detection.live import explain_household
from allervers.detection.making import Asked, make_lists
from allervers.detection.storage import assembled_folder
from allervers.extracts.importing import import_file
from allervers.extracts.linkage.link import link
from allervers.extracts.mapping import read_mapping
from allervers.extracts.store import opened_store
from allervers.extracts.synthetic.write import write_extracts
from allervers.foundation.periods import Month
from allervers.population.synthetic.make import make_population
from allervers.rights.catalogue import catalogue

pytestmark = pytest.mark.law

MONTH = Month(2026, 11)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
MARK = "zqxwkvj"
"""Put before each name and address of the synthetic people, in upper or lower case."""


@dataclass(frozen=True)
class Passage:
    """The store after everything, the lists written apart, what was printed and logged, the values to look for."""

    store: Path
    lists: Path
    said: str
    values: frozenset[str]


def mark_identities(population: Path) -> frozenset[str]:
    """Mark every name and address; returns the values that must never be seen: the mark, NIR, dwellings."""
    path = population / "identity.parquet"
    people = pl.read_parquet(path)
    marked = ("nom_naissance", "nom_usage", "prenoms", "adresse")
    people = people.with_columns(pl.concat_str(pl.lit(MARK.capitalize()), pl.col(name)).alias(name) for name in marked)
    people.write_parquet(path)
    nirs = people["nir"].drop_nulls()
    return frozenset({MARK, *nirs.str.slice(0, 13), *people["identifiant_logement"].drop_nulls()})


def phones_and_emails(extracts: Path) -> frozenset[str]:
    """What partners sent of them: nine digits, which both the French and the international writing hold."""
    sent = "".join(path.read_bytes().decode("latin-1") for path in sorted(extracts.glob("*.csv")))
    phones, emails = re.findall(r"\b0(63998[0-9]{4})\b", sent), re.findall(r"[a-z0-9]+@example\.org", sent)
    assert len(phones) > 50 < len(emails)
    return frozenset({*phones, *emails})


def write_receipts(population: Path, path: Path) -> None:
    """Some familles receive the RSA and some the free cover: enough to be in every partner's file."""
    people = pl.read_parquet(population / "individu.parquet", columns=["famille_id", "famille_role", "menage_id"])
    heads = people.filter(pl.col("famille_role") == "demandeur").with_row_index("rank")
    parts = [
        heads.filter(pl.col("rank") % every == 0).select(
            "menage_id", unit_id="famille_id", right=pl.lit(right), entitled_eur=pl.lit(amount),
            received_eur=pl.lit(amount), status=pl.lit("received"),
        )
        for right, every, amount in (("rsa", 3, 500.0), ("af", 2, 150.0), ("css_sans_participation", 4, 60.0))
    ]  # fmt: skip
    months = pl.DataFrame({"month": [str(MONTH - back) for back in range(15)]})
    pl.concat(parts).join(months, how="cross").write_parquet(path)


@pytest.fixture(scope="module")
def passage(tmp_path_factory: pytest.TempPathFactory) -> Passage:
    folder = tmp_path_factory.mktemp("passage")
    population, store, lists = folder / "truth", folder / "store", folder / "lists"
    make_population(households=80, seed=4, month=MONTH, departement="93", folder=population)
    values = mark_identities(population)
    write_receipts(population, folder / "receipts.parquet")
    files = write_extracts(
        population=population, receipts=folder / "receipts.parquet", folder=folder / "extracts", month=MONTH, seed=4
    )
    values |= phones_and_emails(folder / "extracts")
    logged: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        with opened_store(store) as opened:
            for file in files:
                report = import_file(
                    path=file.path, format_name=file.format, partner=file.partner, convention="CONV-93-TEST",
                    purpose="information", reference_on=file.reference_on, store=opened, now=NOW,
                    mapping=read_mapping(file.mapping) if file.mapping else None, max_error_share=0.5,
                )  # fmt: skip
                logged.append(str(report))
        logged.append(str(link(store, now=NOW)))
        make_lists(store, Asked(MONTH, date(2026, 11, 23), "93", place=lists), report=logged.append)
    finally:
        logging.getLogger().removeHandler(handler)
    return Passage(store, lists, "\n".join(logged), values)


def texts_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and content of each file, compressed ones opened: rows of tables, sheets, raw bytes of the rest."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        yield name, path.read_bytes().decode("latin-1").lower()
        if path.suffix == ".parquet":
            yield name, str(pl.read_parquet(path).to_dicts()).lower()
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                yield name, "".join(book.read(part).decode("latin-1") for part in book.namelist()).lower()
        elif path.suffix == ".sqlite":
            with sqlite3.connect(path) as connection:
                yield name, "\n".join(connection.iterdump()).lower()


def seen(text: str, values: frozenset[str]) -> list[str]:
    return sorted(value for value in values if value.lower() in text)


def test_values_do_stand_in_what_partners_sent(passage):
    sent = "".join(text for _, text in texts_of(passage.store.parent / "extracts"))
    assert len(seen(sent, passage.values)) > 50


def test_nothing_personal_in_the_store(passage):
    names = {name for name, _ in texts_of(passage.store)}
    assert "vault.sqlite" in names
    assert f"assembled/{MONTH}/individu.parquet" in names
    assert {name: found for name, text in texts_of(passage.store) if (found := seen(text, passage.values))} == {}


def test_nothing_personal_in_the_lists(passage):
    names = {name for name, _ in texts_of(passage.lists)}
    assert {
        "a_completer.csv",
        "a_completer.xlsx",
        "indetermines.parquet",
        "liste.csv",
        "liste.xlsx",
        "file_de_contact.parquet",
        "alertes.csv",
        "explications.parquet",
    } <= names
    assert {name: found for name, text in texts_of(passage.lists) if (found := seen(text, passage.values))} == {}


def test_nothing_personal_is_printed_or_logged(passage):
    assert "assemblage" in passage.said
    assert seen(passage.said.lower(), passage.values) == []


def test_nothing_personal_in_an_explanation(passage, corrected):
    case = read_case_file(assembled_folder(passage.store, MONTH), corrected)
    found = explain_household(
        case, passage.lists / "statuts.parquet", str(case.population.ids["menage"][0]), catalogue()["rsa"],
        law=corrected, month=MONTH,
    )  # fmt: skip
    assert found
    assert seen("\n".join(one.as_text() for one in found).lower(), passage.values) == []
