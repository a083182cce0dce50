"""The synthetic truth as the partners' clerks would know it: persons, dwellings, incomes, what was paid, to whom."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from allervers.extracts.assembly.facts import unit_kind
from allervers.extracts.assembly.incomes import history, tax_years
from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month
from allervers.population.inputs import INCOMES, Income

FILES = ("individu.parquet", "menage.parquet", "identity.parquet", "situation.parquet")
RECEIPTS = ("unit_id", "menage_id", "right", "month", "entitled_eur", "received_eur", "status")

ADULT_AGE = 18

_OF_PERSON = {
    "scolarite": "scolarite",
    "statuts_etablissement_scolaire": "etablissement",
    "taux_incapacite": "taux_incapacite",
    "aah_restriction_substantielle_durable_acces_emploi": "restriction_emploi",
    "inapte_travail": "inapte_travail",
    "garde_alternee": "garde_alternee",
}
_OF_MENAGE = {
    "depcom": "depcom",
    "statut_occupation_logement": "statut_logement",
    "loyer": "loyer",
    "charges_locatives": "charges",
    "coloc": "colocation",
    "logement_chambre": "chambre",
}


@dataclass(frozen=True, slots=True)
class Truth:
    """persons: id, groups, identity, situation, dwelling and `age`, one row per person who is born, recently dead
    included (`vivant`). incomes: id, period, nature, brut, net, imposable, no zero. receipts: RECEIPTS with
    `famille_id` and `id`, the person who is paid.
    """

    month: Month
    seed: int
    persons: pl.DataFrame
    incomes: pl.DataFrame
    receipts: pl.DataFrame

    def stream(self, name: str) -> np.random.Generator:
        """Random stream of its own for a part of the extracts, from the name of that part."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    def drawn(self, name: str, ids: pl.Series) -> pl.Series:
        """A number in [0, 1) for each id, the same wherever the id stands and whoever asks."""
        key = hashlib.blake2b(f"{self.seed}:{name}".encode(), digest_size=16).digest()
        digests = b"".join([hashlib.blake2b(text.encode(), digest_size=8, key=key).digest() for text in ids])
        return pl.Series(name, np.frombuffer(digests, dtype=">u8") / 2**64, dtype=pl.Float64)

    def contacts(self, people: pl.DataFrame, *, phone: float, email: float) -> list[pl.Series]:
        """`telephone` and `courriel` of adults, the same wherever a person stands, given for these shares of them.

        Phones are in 06 39 98, which Arcep keeps for fiction; e-mails at example.org (RFC 2606). people: id, age.
        """
        ids, adult = people["id"], people["age"] >= ADULT_AGE
        digits = (self.drawn("phone", ids) * 10_000).cast(pl.Int64).cast(pl.String).str.zfill(4)
        names = (self.drawn("email", ids) * 1e9).cast(pl.Int64).cast(pl.String)
        told = people.select(
            pl.when(adult & (self.drawn("phone_given", ids) < phone)).then("063998" + digits).alias("telephone"),
            pl.when(adult & (self.drawn("email_given", ids) < email)).then("habitant" + names + "@example.org")
            .alias("courriel"),
        )  # fmt: skip
        return told.get_columns()

    def numbers(self, name: str, count: int, first: int) -> pl.Series:
        """That many partner's numbers as text, all different, from `first` to ten times `first`."""
        drawn = self.stream(f"numbers_{name}").choice(9 * first, count, replace=False) + first
        return pl.Series(drawn, dtype=pl.Int64).cast(pl.String)

    @property
    def alive(self) -> pl.DataFrame:
        """Persons who live in a household."""
        return self.persons.filter("vivant")

    def paid(self, *rights: str, last: int = 1) -> pl.DataFrame:
        """Receipts of these rights that were paid, in the `last` months before the reference month."""
        months = [str(self.month - back) for back in range(1, last + 1)]
        of_rights = pl.col("right").is_in(rights) & pl.col("month").is_in(months)
        return self.receipts.filter(of_rights, pl.col("received_eur") > 0)


def read_truth(population: Path, receipts: Path, month: Month, seed: int) -> Truth:
    """Read the truth. raises: InvalidInput when a file or a column of the receipts is missing."""
    missing = [name for name in FILES if not (population / name).is_file()]
    if missing or not receipts.is_file():
        raise InvalidInput("La population synthétique est incomplète : fichiers absents.", missing=missing)
    known = set(pl.read_parquet_schema(receipts))
    if not known.issuperset(RECEIPTS):
        raise InvalidInput("Les versements synthétiques sont incomplets.", missing=sorted(set(RECEIPTS) - known))
    persons = _persons(population, month)
    paid = pl.read_parquet(receipts, columns=list(RECEIPTS))
    return Truth(month, seed, persons, _incomes(population, month), _with_payees(paid, persons))


def _persons(population: Path, month: Month) -> pl.DataFrame:
    groups = [f"{g}_{part}" for g in ("famille", "foyer_fiscal", "menage") for part in ("id", "role")]
    facts = [pl.col(f"{variable}@{month}").alias(name) for variable, name in _OF_PERSON.items()]
    members = pl.scan_parquet(population / "individu.parquet").select("id", *groups, *facts).collect()
    home = [pl.col(f"{variable}@{month}").alias(name) for variable, name in _OF_MENAGE.items()]
    homes = pl.scan_parquet(population / "menage.parquet").select(pl.col("id").alias("menage_id"), *home).collect()
    situation = pl.read_parquet(population / "situation.parquet")
    identity = pl.read_parquet(population / "identity.parquet")
    age = (pl.lit(month.last_day) - pl.col("date_naissance")).dt.total_days() / 365.2425
    return (
        identity.join(situation, on="id", maintain_order="left")
        .join(members.drop("famille_id", "menage_id"), on="id", how="left", maintain_order="left")
        .join(homes, on="menage_id", how="left", maintain_order="left")
        .filter(~pl.col("enfant_a_naitre"))
        .with_columns(pl.col("famille_role").fill_null("conjoint"), age=age.cast(pl.Int32))
    )


def _incomes(population: Path, month: Month) -> pl.DataFrame:
    scan = pl.scan_parquet(population / "individu.parquet")
    nothing = [_amount(None).alias(form) for form in ("brut", "net")]
    parts = []
    for income in INCOMES:
        for at in history(month):
            gross, net = (_amount(f"{v}@{at}" if v else None) for v in (income.gross, income.net))
            values = [gross.alias("brut"), net.alias("net"), _taxed(income, at).alias("imposable")]
            parts.append(_rows(scan, str(at), income.nature, values))
        if income.yearly:
            for year in tax_years(month):
                taxed = _amount(f"{income.yearly}@{year}").alias("imposable")
                parts.append(_rows(scan, str(year), income.nature, [*nothing, taxed]))
    return pl.concat(pl.collect_all(parts))


def _taxed(income: Income, at: Month) -> pl.Expr:
    """The taxable form of a nature alone: wages and daily allowances share a variable, which holds their sum."""
    if income.taxable is None:
        return _amount(None)
    sharing = [i for i in INCOMES if i.taxable == income.taxable and i.gross is None]
    if income in sharing:
        return _amount(f"{income.net}@{at}")
    total = _amount(f"{income.taxable}@{at}")
    for other in sharing:
        total = total - _amount(f"{other.net}@{at}").fill_null(0.0)
    return total.round(2)


def _amount(column: str | None) -> pl.Expr:
    return pl.col(column).cast(pl.Float64).round(2) if column else pl.lit(None, pl.Float64)


def _rows(scan: pl.LazyFrame, period: str, nature: str, values: list[pl.Expr]) -> pl.LazyFrame:
    named = [pl.lit(period).alias("period"), pl.lit(nature).alias("nature")]
    return scan.select("id", *named, *values).filter(pl.any_horizontal(pl.col("brut", "net", "imposable") > 0))


def _with_payees(receipts: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Add famille_id and the person who is paid: the unit itself, the demandeur, or the person of reference."""
    alive = persons.filter("vivant")
    heads = alive.filter(pl.col("famille_role") == "demandeur").select(
        unit_id="famille_id", id="id", famille_id="famille_id"
    )
    homes = alive.filter(pl.col("menage_role") == "personne_de_reference")
    units = pl.concat(
        [
            heads.with_columns(kind=pl.lit("famille")),
            alive.select(unit_id="id", id="id", famille_id="famille_id", kind=pl.lit("individu")),
            homes.select(unit_id="menage_id", id="id", famille_id="famille_id", kind=pl.lit("menage")),
        ]
    )
    known = receipts.with_columns(pl.col("unit_id").cast(pl.String), kind=unit_kind("right"))
    return known.join(units, on=["unit_id", "kind"], maintain_order="left").drop("kind")
