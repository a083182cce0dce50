"""`allervers synthesize`: a synthetic département, its truth, and the partners' extracts written as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from allervers.cli.law_choice import Engine, engine_name
from allervers.cli.options import DEFAULT_WORKERS, Departement, Workers, say
from allervers.detection.entitlement import Entitlement, MonthOfRights, entitlements
from allervers.detection.exports import write_table
from allervers.engine.law import Changes, Law
from allervers.engine.laws import law_of
from allervers.extracts.identity.vault import VAULT_FILE
from allervers.extracts.synthetic.export import ExtractFile
from allervers.extracts.synthetic.write import write_extracts
from allervers.foundation.errors import Refused
from allervers.foundation.periods import Month
from allervers.population.checks import read_population
from allervers.population.folder import Population
from allervers.population.inputs import HISTORY_MONTHS
from allervers.population.synthetic import fit_table, recipients_table
from allervers.population.synthetic.make import make_population
from allervers.population.synthetic.take_up import draw_take_up
from allervers.rights.catalogue import Right, computed_rights
from allervers.rights.corrections import corrected_law

TENURES = {
    "locataire_hlm": "hlm",
    "locataire_vide": "prive",
    "locataire_meuble": "prive",
    "proprietaire": "proprietaire",
    "primo_accedant": "proprietaire",
}

PAID_IN = {"ars": 8, "cheque_energie": 4, "paje_naissance": 10}
"""Right paid once -> month of the year in which the synthetic département pays it."""

Report = Callable[[str], None]


def synthesize_command(
    folder: Annotated[Path, typer.Argument(help="Dossier à créer.")],
    households: Annotated[int, typer.Option("--households", min=50, help="Nombre de ménages.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Graine : même graine, mêmes fichiers.")] = 1,
    month: Annotated[str, typer.Option("--month", help="Mois de référence (AAAA-MM).")] = "2026-11",
    departement: Departement = "93",
    workers: Workers = DEFAULT_WORKERS,
    engine: Engine = None,
    population_only: Annotated[
        bool,
        typer.Option("--population-only", help="La population seule, en mémoire bornée."),
    ] = False,
) -> None:
    """Faire un département synthétique : la population, la vérité du recours, les extractions des partenaires."""
    at = Month.parse(month)
    if (folder / VAULT_FILE).exists():
        raise Refused("Ce dossier est un dossier de données réelles : donnez-en un autre.", folder=folder.name)
    if population_only:
        made = make_population(households=households, seed=seed, month=at, departement=departement, folder=folder)
        typer.echo(f"{made.households} ménages et {made.persons} personnes synthétiques dans {folder}")
        return
    changes, name = corrected_law(), engine_name(engine)
    result = synthesize(
        folder, households=households, seed=seed, month=at, departement=departement, law=law_of(changes, name),
        changes=changes, engine=name, workers=workers, report=say,
    )  # fmt: skip
    typer.echo(f"{len(result.extracts)} extractions synthétiques dans {folder / 'extracts'}")


READS_RECEIPTS = ("rsa", "ppa", "css_sans_participation", "css_avec_participation")
"""Rights whose resources hold other benefits really received: drawn after the others have been."""

QUARTERS_BACK = (0, 3, 6)
"""The RSA and the prime d'activité are fixed by the quarter: their truth is computed at each of these months."""


@dataclass(frozen=True, slots=True)
class SyntheticDepartement:
    """What was made: the true population, the true take-up (kept apart, for measuring), the partners' files."""

    population: Population
    truth: pl.DataFrame
    extracts: Sequence[ExtractFile]


def synthesize(
    folder: Path,
    *,
    households: int,
    seed: int,
    month: Month,
    departement: str,
    law: Law,
    changes: Changes,
    engine: str,
    workers: int,
    report: Report,
) -> SyntheticDepartement:
    """Make FOLDER/truth (population, take-up, closeness to the public figures) and FOLDER/extracts (partners' files).

    Same seed, same files.
    """
    truth_folder = folder / "truth"
    report(f"Population synthétique : {households} ménages, graine {seed}")
    make_population(
        households=households, seed=seed, month=month, departement=departement, folder=truth_folder / "population"
    )
    population = read_population(truth_folder / "population", law.variable)
    report("Vérité : droits selon la loi, puis recours tiré aux taux publiés")
    truth = true_take_up(population, month=month, seed=seed, changes=changes, engine=engine, workers=workers)
    truth.write_parquet(truth_folder / "take_up.parquet")
    fit = [fit_table(truth_folder / "population", departement)]
    fit.append(recipients_table(truth, truth_folder / "population", departement).select(fit[0].columns))
    write_table(pl.concat(fit, how="vertical_relaxed"), truth_folder, "ajustement")
    report("Extractions des partenaires")
    extracts = write_extracts(
        population=truth_folder / "population",
        receipts=truth_folder / "take_up.parquet",
        folder=folder / "extracts",
        month=month,
        seed=seed,
    )
    return SyntheticDepartement(population, truth, extracts)


def true_take_up(
    population: Population, *, month: Month, seed: int, changes: Changes, engine: str = "", workers: int = 1
) -> pl.DataFrame:
    """What each unit is entitled to and receives, right by right and month by month (columns of take_up.draw_take_up).

    Two rounds: benefits that depend on no other first; then those whose resources hold what was really received.
    """
    rights = computed_rights()
    first = [r for r in rights if r.id not in READS_RECEIPTS]
    second = [r for r in rights if r.id in READS_RECEIPTS]
    compute = partial(entitlements, population, changes=changes, engine=engine, workers=workers)
    alone = compute([MonthOfRights(month, first)])
    nobody = covariates(population, month, helped=pl.Series("unit_id", [], pl.String))
    drawn = draw_take_up(held(alone, month), nobody, seed=seed)
    paid = as_receipts(drawn)
    quarters = [MonthOfRights(month - b, [r for r in second if b == 0 or _holds(r)]) for b in QUARTERS_BACK]
    later = compute(quarters, receipts=paid)
    helped = drawn.filter(pl.col("right") == "aides_logement", pl.col("received_eur") > 0)["unit_id"].unique()
    groups = covariates(population, month, helped=helped)
    return draw_take_up(pl.concat([held(alone, month), held(later, month)]), groups, seed=seed)


def covariates(population: Population, month: Month, *, helped: pl.Series) -> pl.DataFrame:
    """Groups for which take-up is published: unit_id (famille), logement_aide, famille, tenure.

    helped: familles that receive a housing aid (RSA non-take-up: 18 % among them, 57 % among the others).
    """
    members = population.membership["famille"]
    identity = pl.read_parquet(population.folder / "identity.parquet").select("id", "sexe")
    persons = pl.DataFrame(
        {
            "id": population.ids["individu"],
            "unit_id": population.ids["famille"].gather(pl.Series(members.group)),
            "role": members.role,
            "menage_id": population.ids["menage"].gather(pl.Series(population.membership["menage"].group)),
        }
    ).join(identity, on="id", how="left")
    families = persons.group_by("unit_id", maintain_order=True).agg(
        pl.col("menage_id").first(),
        couple=(pl.col("role") == "conjoint").any(),
        children=(pl.col("role") == "enfant").any(),
        woman=(pl.col("sexe").filter(pl.col("role") == "demandeur").first().cast(pl.String) == "2"),
    )
    name = f"statut_occupation_logement@{month}"
    tenure = pl.read_parquet(population.folder / "menage.parquet", columns=["id", name])
    tenure = tenure.select(menage_id="id", tenure=pl.col(name).cast(pl.String).replace_strict(TENURES, default="autre"))
    alone_with_children = ~pl.col("couple") & pl.col("children") & pl.col("woman").fill_null(value=False)
    kind = (
        pl.when(alone_with_children)
        .then(pl.lit("mere_isolee"))
        .when(pl.col("couple") & ~pl.col("children"))
        .then(pl.lit("couple_sans_enfant"))
        .otherwise(pl.lit("autre"))
    )
    aid = pl.when(pl.col("unit_id").is_in(helped.implode())).then(pl.lit("oui")).otherwise(pl.lit("non"))
    return families.join(tenure, on="menage_id", how="left").select(
        "unit_id", "tenure", logement_aide=aid, famille=kind
    )


def held(entitled: Sequence[Entitlement], month: Month) -> pl.DataFrame:
    """Entitlements over the whole history: unit_id, menage_id, right, month, entitled_eur.

    A month takes the amount of the computed month that follows it most closely (the quarter, then the oldest one).
    """
    parts = []
    history = [month - k for k in range(HISTORY_MONTHS)]
    for right in sorted({e.right for e in entitled}):
        computed = sorted((e for e in entitled if e.right == right), key=lambda e: e.month)
        once = PAID_IN.get(right)
        for at in [Month(month.year, once)] if once else history:
            source = next((e for e in reversed(computed) if e.month <= at), computed[0])
            parts.append(
                source.frame.filter(pl.col("amount") > 0).select(
                    "unit_id",
                    "menage_id",
                    right=pl.lit(right),
                    month=pl.lit(str(at)),
                    entitled_eur=pl.col("amount"),
                )
            )
    return pl.concat(parts).sort("right", "unit_id", "month")


def as_receipts(drawn: pl.DataFrame) -> pl.DataFrame:
    """Drawn take-up as the receipts that `entitlements` reads: entity, unit_id, prestation, month, montant."""
    personal = ["asi", "aah", "bourse_crous"]
    entity = pl.when(pl.col("right").is_in(personal)).then(pl.lit("individu")).otherwise(pl.lit("famille"))
    return drawn.filter(pl.col("received_eur") > 0, pl.col("right") != "cheque_energie").select(
        "unit_id", entity=entity, prestation=pl.col("right"), month=pl.col("month"), montant=pl.col("received_eur")
    )


def _holds(right: Right) -> bool:
    return right.computation is not None and right.computation.hold_months > 1
