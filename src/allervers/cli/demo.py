"""`allervers demo`: a synthetic département from end to end, as an operator would run it, with measured quality."""

from __future__ import annotations

import os
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, NoReturn

import polars as pl
import typer

from allervers.apps.accounts.domain import LABELS
from allervers.cli.demo_tables import print_results
from allervers.cli.law_choice import Engine, engine_name
from allervers.cli.link import linkage_text
from allervers.cli.options import DEFAULT_WORKERS, Departement, Workers, day, instant, out, say
from allervers.cli.synthesize import SyntheticDepartement, synthesize
from allervers.cli.web import demo_application
from allervers.detection.exports import write_json
from allervers.detection.making import Asked, Found, make_lists
from allervers.detection.quality import Quality, measure
from allervers.detection.summary import as_json
from allervers.detection.truth import truth_of_units
from allervers.engine.laws import law_of
from allervers.extracts.identity.vault import Vault
from allervers.extracts.importing import import_file
from allervers.extracts.linkage.link import link
from allervers.extracts.linkage.report import persons
from allervers.extracts.mapping import read_mapping
from allervers.extracts.register import DONE
from allervers.extracts.store import opened_store
from allervers.foundation.errors import Refused
from allervers.foundation.periods import Month
from allervers.rights.catalogue import computed_rights
from allervers.rights.corrections import corrected_law

MONTH = Month(2026, 11)
TODAY = "2026-11-23"
CONVENTION = "CONV-93-DEMO"
PURPOSE = "information"
SYNTHETIC = "DONNÉES SYNTHÉTIQUES : aucune de ces personnes n'existe."


def demo_command(
    households: Annotated[int, typer.Option("--households", min=50, help="Nombre de ménages.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Graine : même graine, mêmes ménages.")] = 1,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Ne pas ouvrir de serveur à la fin.")] = False,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port de l'application web.")] = 8000,
    reset: Annotated[bool, typer.Option("--reset", help="Effacer aussi les comptes et le travail fait.")] = False,
    summary: Annotated[Path | None, typer.Option("--summary", help="Écrire la synthèse JSON ici.")] = None,
    folder: Annotated[Path, typer.Option("--out", help="Dossier de la démonstration.")] = Path("demo"),
    departement: Departement = "93",
    workers: Workers = DEFAULT_WORKERS,
    engine: Engine = None,
) -> None:
    """Faire un département synthétique, importer ses extractions, trouver les droits non reçus, mesurer la qualité."""
    started = time.monotonic()
    out.print(f"[bold]{SYNTHETIC}[/bold]")
    store = _empty_store(folder)
    if reset:
        shutil.rmtree(folder / "web", ignore_errors=True)
    name = engine_name(engine)
    asked = {"households": households, "seed": seed, "month": MONTH, "departement": departement, "workers": workers}
    made = _received_and_linked(folder, store, asked, name)
    header = {"synthetic": True, "households": households, "seed": seed, "departement": departement}
    found = make_lists(
        store, Asked(MONTH, day(TODAY), departement, workers=workers, engine=name, header=header), report=say
    )
    quality = measured_against_truth(made, found, folder, store)
    header |= {"month": str(MONTH), "law": law_of(corrected_law(), name).version}
    result = as_json(found.detection.findings, found.detection.alerts, quality, header)
    write_json(result, found.folder / "resume.json")
    write_json({"quality": [q.as_dict() for q in quality]}, found.folder / "qualite.json")
    if summary is not None:
        write_json(result, summary)
    print_results(found, result, quality, departement)
    out.print(f"\nListes, synthèses et explications : {found.folder}")
    out.print(f"Une ligne expliquée : allervers explain {_example(found)} rsa --store {store}")
    _publish(folder, store, result)
    out.print(f"Fait en {time.monotonic() - started:.0f} secondes. {SYNTHETIC}")
    _tell_accounts()
    if not no_serve:
        _serve(port)  # takes the place of this process


def _received_and_linked(folder: Path, store: Path, asked: dict[str, Any], engine: str) -> SyntheticDepartement:
    """Extracts made, imported, linked; meanwhile, on another core, the web application that will show the lists."""
    changes = corrected_law()
    with ProcessPoolExecutor(1, get_context("spawn")) as beside:
        tables = beside.submit(demo_application, folder)
        law = law_of(changes, engine)
        made = synthesize(folder, **asked, law=law, changes=changes, engine=engine, report=say)
        _import_all(made, store)
        tables.result()
        accounts = beside.submit(_accounts, _partners(store))
        say("Rapprochement des personnes entre partenaires")
        say("  " + linkage_text(link(store, now=instant(day(TODAY)))))
        accounts.result()
    return made


def _partners(store: Path) -> list[tuple[str, str]]:
    with opened_store(store) as opened:
        return sorted({(row.partner, row.format) for row in opened.register.rows(status=DONE)})


def _accounts(partners: list[tuple[str, str]]) -> None:
    """Accounts, organisations and the convention of the demonstration; where `demo_application` was called before."""
    from allervers.web.demo import fill

    fill(reference=CONVENTION, partners=partners, today=day(TODAY))


def _publish(folder: Path, store: Path, result: dict[str, Any]) -> None:
    """Fill the web application of the demonstration: lists, plans."""
    demo_application(folder, migrate=False)
    from allervers.web.demo import publish_detection
    from allervers.web.demo_plans import make_plans

    lines = publish_detection(store=store, month=MONTH, summary=result, reference=CONVENTION, now=instant())
    say(f"Listes publiées : {lines} lignes")
    say(f"Plans d'accompagnement : {make_plans(now=instant())}")


def _tell_accounts() -> None:
    from allervers.web.demo import ACCOUNTS, PHRASE

    out.print(f"\nMot de passe de tous les comptes : {PHRASE}")
    for account in ACCOUNTS:
        out.print(f"  {account.email}  ({LABELS[account.role]})")


def _serve(port: int) -> NoReturn:
    out.print(f"\nOuvrez http://127.0.0.1:{port}/")
    out.file.flush()
    # A process of its own: those that answer are forked, and threads that computed the lists do not survive a fork.
    command = [sys.executable, "-m", "allervers.cli.main", "serve", "--port", str(port)]
    os.execv(sys.executable, command)  # noqa: S606 (our own command)


def _empty_store(folder: Path) -> Path:
    """The store of the demonstration, emptied of an earlier one. A store that no demonstration made is left alone."""
    store = folder / "store"
    if store.exists() and not (folder / "truth").is_dir():
        raise Refused(
            "Ce dossier contient un dossier de données qui ne vient pas d'une démonstration : donnez un autre --out.",
            folder=folder.name,
        )
    shutil.rmtree(store, ignore_errors=True)
    return store


def _import_all(made: SyntheticDepartement, store: Path) -> None:
    say(f"Import de {len(made.extracts)} extractions")
    with opened_store(store) as opened:
        for extract in made.extracts:
            report = import_file(
                path=extract.path,
                format_name=extract.format,
                partner=extract.partner,
                convention=CONVENTION,
                purpose=PURPOSE,
                reference_on=extract.reference_on,
                store=opened,
                mapping=read_mapping(extract.mapping) if extract.mapping else None,
                now=instant(day(TODAY)),
            )
            say(f"  {extract.path.name} : {report.kept} lignes gardées, {report.rejected} rejetées")


def measured_against_truth(made: SyntheticDepartement, found: Found, folder: Path, store: Path) -> list[Quality]:
    """Quality of the lists against the synthetic truth, which detection never saw."""
    keys = pl.read_parquet(folder / "truth-keys.parquet")
    with Vault(store) as vault:
        named = [
            part.with_columns(source_key=vault.source_keys(str(partner), part["person_number"]))
            for (partner,), part in keys.group_by("partner")
        ]
    same = pl.concat(named).join(persons(store).select("source_key", "person_id"), on="source_key")
    # A person of the truth whom linkage has split is looked for under the identity that most partners give, then the
    # first partner: chance has no part in it.
    same = same.group_by("id", "person_id").agg(pl.len(), pl.col("partner").min(), pl.col("person_number").min())
    same = same.sort("len", "partner", "person_number", descending=[True, False, False])
    same = same.unique("id", keep="first", maintain_order=True).select("id", "person_id")
    truth = truth_of_units(made.truth, made.population, same, found.detection.case, month=MONTH)
    return measure(found.detection.findings, truth, rights=[r.id for r in computed_rights()])


def _example(found: Found) -> str:
    rsa = found.detection.findings.filter(pl.col("right") == "rsa", pl.col("status") == "not_claimed")
    return str(rsa["menage_id"].first()) if rsa.height else "MENAGE"
