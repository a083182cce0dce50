"""`allervers evaluate`: variables of the law over a population folder, one Parquet file an entity."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from allervers.cli.law_choice import HELP, Engine, EngineChoice, LawChoice, engine_name
from allervers.engine.compiled_law import CompiledLaw
from allervers.engine.law import Law
from allervers.engine.laws import law_of
from allervers.foundation.errors import InvalidInput, NotFound, Refused
from allervers.foundation.periods import Month
from allervers.population.checks import read_population, read_skeleton
from allervers.population.evaluation import Request, evaluate, is_results_folder, write_results
from allervers.population.results import Counts, result_name
from allervers.population.streaming import evaluate_to_folder


def evaluate_command(
    folder: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Population : quatre fichiers Parquet (contrat).")],
    outputs: Annotated[
        str, typer.Option("--outputs", help="Variables d'OpenFisca, séparées par des virgules : rsa,ppa,ars.")
    ],
    period: Annotated[
        str, typer.Option("--period", help="Mois (2026-01) ou année (2026) ; une variable annuelle prend l'année.")
    ],
    out: Annotated[Path, typer.Option("-o", "--output", help="Dossier des résultats.")],
    law: Annotated[LawChoice, typer.Option("--law", help=HELP)] = LawChoice.OPENFISCA,
    engine: Engine = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Fils ou processus de calcul.")] = 1,
    households_per_block: Annotated[
        int | None, typer.Option(min=1, help="Ménages calculés ensemble (mémoire).")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="Adresse d'un groupe de machines Dask (tcp://hôte:8786) : calcule par parts."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Remplacer un dossier fait par autre chose.")] = False,
) -> None:
    """Calculer des variables de la loi sur une population ; une entrée nulle donne un résultat nul (inconnu)."""
    if not folder.is_dir():
        raise NotFound(f"Le dossier « {folder} » n'existe pas.", folder=folder.name)
    check_destination(out, folder, overwrite)
    chosen = law_of(law.changes, engine_name(engine))
    requests = requests_of(outputs, period, chosen)
    about = {"law": law.value, "version": chosen.version, "period": period, "outputs": [r.output for r in requests]}
    if cluster is not None:
        counts = _on_cluster(cluster, folder, requests, out, chosen, households_per_block, about)
    elif engine is EngineChoice.OPENFISCA:
        counts = _in_memory(folder, requests, out, law, workers, households_per_block, about)
    else:
        counts = _streamed(folder, requests, out, chosen, workers, households_per_block, about)
    for name, entity in counts.entity.items():
        typer.echo(f"{name} ({entity}) : {counts.rows[name]} lignes, {counts.unknown[name]} inconnues", err=True)


def _streamed(
    folder: Path,
    requests: list[Request],
    out: Path,
    law: Law,
    workers: int,
    households: int | None,
    about: Mapping[str, Any],
) -> Counts:
    """Compute from file to file, block by block."""
    skeleton = read_skeleton(folder, law.variable)
    _say_size(skeleton.persons, skeleton.count["menage"], law)
    return evaluate_to_folder(
        skeleton,
        requests,
        out,
        law,
        workers=workers,
        block_households=households,
        about=about,
        progress=Progress(),
    )


def _in_memory(
    folder: Path,
    requests: list[Request],
    out: Path,
    law: LawChoice,
    workers: int,
    households: int | None,
    about: Mapping[str, Any],
) -> Counts:
    """Compute by OpenFisca itself, in processes; results are kept in memory, then written."""
    asked = law_of(law.changes, EngineChoice.OPENFISCA.value)
    population = read_population(folder, asked.variable)
    _say_size(population.persons, len(population.ids["menage"]), asked)
    results = evaluate(
        population,
        requests,
        changes=law.changes,
        engine=EngineChoice.OPENFISCA.value,
        workers=workers,
        block_households=households,
        progress=Progress(),
    )
    write_results(out, population, results, about)
    counts = Counts()
    for request, result in results.items():
        counts.add(result_name(request), result.entity, len(result.unknown), int(result.unknown.sum()))
    return counts


def _say_size(persons: int, menages: int, law: Law) -> None:
    """Say how many rows were read. Raises InvalidInput when there is none."""
    if not persons:
        raise InvalidInput("La population est vide : individu.parquet n'a aucune ligne.", file="individu.parquet")
    typer.echo(f"{persons} personnes, {menages} ménages, loi {law.name}.", err=True)


def _on_cluster(
    address: str,
    folder: Path,
    requests: list[Request],
    out: Path,
    law: Law,
    households: int | None,
    about: Mapping[str, Any],
) -> Counts:
    """Compute on the workers of a cluster; needs the extra `cluster`, and a law by programs."""
    from allervers.population.cluster import evaluate_on_cluster

    if not isinstance(law, CompiledLaw):
        raise InvalidInput("Un groupe de machines calcule par programmes : choisissez un autre moteur qu'openfisca.")
    return evaluate_on_cluster(
        address, folder, requests, out, law, partition_households=households, about=about, progress=Progress()
    )


def requests_of(outputs: str, period: str, law: Law) -> list[Request]:
    """The requests of a comma-separated list; a yearly variable takes the period's year. Raises InvalidInput."""
    if not (len(period) == 4 and period.isascii() and period.isdigit()):
        Month.parse(period)
    names = dict.fromkeys(name.strip() for name in outputs.split(",") if name.strip())
    if not names:
        raise InvalidInput("Aucune variable demandée : donnez par exemple --outputs rsa,ppa,ars.")
    asked = []
    for name in names:
        variable = law.variable(name)
        asked_for = variable.period_for(period)
        if variable.end is not None and asked_for != "ETERNITY" and asked_for > str(variable.end)[: len(asked_for)]:
            raise InvalidInput(f"« {name} » n'existe plus depuis le {variable.end:%d/%m/%Y}.", variable=name)
        asked.append(Request(name, period if variable.rhythm == "eternity" else asked_for))
    return asked


def check_destination(out: Path, folder: Path, overwrite: bool) -> None:
    """Raises Refused when writing to `out` would destroy something that this command did not make."""
    target, source = out.resolve(), folder.resolve()
    if target == source or target in source.parents or target in (Path.cwd(), *Path.cwd().parents):
        raise Refused(f"« {out} » contient la population ou le dossier courant : choisissez un autre dossier.")
    if out.is_dir():
        ours = is_results_folder(out) or not any(out.iterdir())
        if not ours and not overwrite:
            raise Refused(
                f"« {out} » existe et n'a pas été fait par cette commande : "
                "choisissez un autre dossier, ou ajoutez --overwrite pour le remplacer tout entier."
            )
    elif out.exists():
        raise Refused(f"« {out} » est un fichier : donnez un dossier.")


class Progress:
    """Prints how far the run is on stderr, at most once a second and at the end."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Say that `done` computations out of `total` are finished."""
        if done == total or time.monotonic() - self._last >= 1:
            self._last = time.monotonic()
            end = "\n" if done == total else "\r"
            print(f"Calcul : {done}/{total}", end=end, file=sys.stderr, flush=True)
