"""`allervers conformance`: OpenFisca's test cases, or every variable of the law, through an engine of ours."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from allervers.cli.conformance_tables import print_cases, print_variables
from allervers.cli.options import say
from allervers.engine.conformance import report, variables
from allervers.engine.conformance.calculators import ENGINES, calculator_for, tracer_for
from allervers.engine.conformance.cases import cases_of
from allervers.engine.conformance.documents import yaml_files
from allervers.engine.conformance.known import read_known, read_treatments, with_known
from allervers.engine.conformance.pool import spread
from allervers.engine.conformance.running import Bench, Result, Status, run_case
from allervers.engine.law import Law
from allervers.foundation.errors import InvalidInput
from allervers.foundation.files import written_whole

Done = TypeVar("Done")

SECONDS_BETWEEN_LINES = 5.0


def conformance_command(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FICHIERS...", help="Fichiers YAML de tests, ou leurs dossiers.")
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help=f"Qui calcule : {', '.join(ENGINES)}.")] = "openfisca",
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Nombre de processus.")] = 1,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Ne prendre que les N premiers cas.")] = None,
    shard: Annotated[str, typer.Option("--shard", metavar="K/N", help="Ne prendre que la K-ième part de N.")] = "1/1",
    strict: Annotated[bool, typer.Option("--strict", help="Compter comme échec tout ce qui n'est pas passé.")] = False,
    report_file: Annotated[Path | None, typer.Option("--report", metavar="FICHIER", help="Rapport JSON.")] = None,
    kept_in: Annotated[
        Path | None, typer.Option("--cache", metavar="DOSSIER", help="Garder là les réponses d'OpenFisca.")
    ] = None,
    known_file: Annotated[
        Path | None,
        typer.Option(
            "--known",
            metavar="FICHIER",
            help="Cas qu'OpenFisca échoue, ou variables sans graphe, avec leur raison (TOML).",
        ),
    ] = None,
    all_variables: Annotated[
        bool, typer.Option("--variables", help="Mettre en graphe, seule, chaque variable qui a une formule.")
    ] = False,
    year: Annotated[int, typer.Option("--year", min=1945, max=2100, help="Avec --variables : l'année.")] = 2026,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FICHIER", help="Avec --variables : un rapport d'avant.")
    ] = None,
) -> None:
    """Vérifier que le moteur calcule ce qu'OpenFisca calcule, et ce que ses cas de tests attendent."""
    part = shard_of(shard)
    if all_variables:
        if files:
            raise InvalidInput("--variables ne prend pas de fichiers : donnez l'un ou l'autre.")
        passed, failed = _variables(year, against, known_file, jobs, limit, part, report_file)
    else:
        if against is not None:
            raise InvalidInput("--against va avec --variables.")
        passed, failed = _cases(files or [], Bench(engine, kept_in), known_file, jobs, limit, part, strict, report_file)
    typer.echo(f"{passed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


def shard_of(text: str) -> tuple[int, int]:
    """(K, N) of `K/N`, K from 1 to N. Raises InvalidInput."""
    match = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise InvalidInput("--shard s'écrit K/N, avec K de 1 à N : par exemple 1/4.")
    return int(match[1]), int(match[2])


def _cases(
    files: Sequence[Path],
    bench: Bench,
    known_file: Path | None,
    jobs: int,
    limit: int | None,
    part: tuple[int, int],
    strict: bool,
    report_file: Path | None,
) -> tuple[int, int]:
    if not files:
        raise InvalidInput("Donnez des fichiers de tests ou leur dossier (bin/conformance prend ceux d'OpenFisca).")
    cases = _chosen([case for path, name in yaml_files(files) for case in cases_of(path, name)], limit, part)
    if not cases:
        raise InvalidInput("Aucun cas dans ces fichiers, ou aucun dans cette part.")
    known = {} if known_file is None else read_known(known_file)
    version = _check_engine(bench.engine)
    start = time.monotonic()
    results = with_known(_all(spread(cases, partial(_same, bench), run_case, jobs), len(cases), "cas", _is_bad), known)
    seconds = time.monotonic() - start
    summary = report.summary_of(bench.engine, results)
    print_cases(summary, results, seconds)
    _write(report_file, report.as_json(summary, results, version, seconds))
    return summary.passed_and_failed(strict)


def _variables(
    year: int,
    against: Path | None,
    known_file: Path | None,
    jobs: int,
    limit: int | None,
    part: tuple[int, int],
    report_file: Path | None,
) -> tuple[int, int]:
    before = None if against is None else variables.read_list(against)
    treatments = None if known_file is None else read_treatments(known_file)
    from allervers.engine.conformance.stock import formulas_in_force
    from allervers.engine.openfisca import OpenFiscaLaw

    law = OpenFiscaLaw()
    tracer_for(law)
    asked = _chosen(formulas_in_force(law, year), limit, part)
    if before is not None and len(asked) < len(formulas_in_force(law, year)):
        before = {variable: before[variable] for variable, _period in asked if variable in before}
    traced = _all(spread(asked, _tracer, variables.trace_one, jobs), len(asked), "variables", _is_untraced)
    traced = variables.with_treatments(traced, treatments or {})
    changed = None if before is None else variables.drift(before, traced)
    print_variables(traced, year, changed)
    _write(report_file, variables.as_json(traced, year, law.version, changed))
    failed = {one.variable for one in traced if one.broke} | set(changed.newly_untraceable if changed else ())
    if treatments is not None:
        failed |= {one.variable for one in traced if one.report is None and not one.treatment}
    return sum(one.report is not None for one in traced), len(failed)


def _tracer() -> variables.Tracer:
    from allervers.engine.openfisca import OpenFiscaLaw

    tracer: variables.Tracer = tracer_for(OpenFiscaLaw())
    return tracer


def _same(bench: Bench) -> Bench:
    """The bench as it travels to each process, before it has made anything."""
    return bench


def _check_engine(engine: str) -> str:
    """The version of the law. An engine that is not here is told at once, before any process starts."""
    if engine not in ENGINES:
        raise InvalidInput(f"« {engine} » n'est pas un moteur : choisissez parmi {', '.join(ENGINES)}.")
    # OpenFisca takes seconds to load: only once the files read.
    from allervers.engine.openfisca import OpenFiscaLaw

    law: Law = OpenFiscaLaw()
    calculator_for(engine, law)
    return law.version


def _chosen(items: list[Done], limit: int | None, part: tuple[int, int]) -> list[Done]:
    """The part K of N: contiguous, so that the cases of a year, often of a folder, share their parameters."""
    number, parts = part
    start, end = len(items) * (number - 1) // parts, len(items) * number // parts
    return items[start:end][:limit]


def _all(ready: Iterator[tuple[int, Done]], count: int, what: str, is_bad: Any) -> list[Done]:
    """All the results, in the order of the items, with a line of progress now and then."""
    found: dict[int, Done] = {}
    start = told = time.monotonic()
    bad = 0
    for position, result in ready:
        found[position] = result
        bad += is_bad(result)
        if time.monotonic() - told > SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            say(f"  {len(found)}/{count} {what}, dont {bad} à regarder, {told - start:.0f} s")
    return [found[position] for position in sorted(found)]


def _is_bad(result: Result) -> bool:
    return result.status is not Status.PASSED


def _is_untraced(one: variables.Traced) -> bool:
    return one.report is None


def _write(path: Path | None, content: dict[str, Any]) -> None:
    if path is not None:
        with written_whole(path) as temporary:
            temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
