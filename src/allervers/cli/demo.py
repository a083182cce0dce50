"""`allervers demo`: a synthetic département from end to end, as an operator would run it, with measured quality."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.table import Table

from allervers.cli.detect import Found, run_detection
from allervers.cli.link import linkage_text
from allervers.cli.options import DEFAULT_WORKERS, Departement, Workers, day, instant, say
from allervers.cli.synthesize import SyntheticDepartement, synthesize
from allervers.detection.alerts import rules
from allervers.detection.casefile import read_case_file
from allervers.detection.exports import write_json
from allervers.detection.quality import Quality, Rate, measure
from allervers.detection.run import contact_queue
from allervers.detection.storage import assembled_folder
from allervers.detection.summary import as_json
from allervers.detection.truth import truth_of_units
from allervers.engine.openfisca import OpenFiscaLaw
from allervers.extracts.identity.vault import Vault
from allervers.extracts.importing import import_file
from allervers.extracts.linkage.link import link
from allervers.extracts.linkage.report import persons
from allervers.extracts.mapping import read_mapping
from allervers.extracts.store import opened_store
from allervers.foundation.money import euros
from allervers.foundation.periods import Month
from allervers.population.evaluation import law_workers
from allervers.rights.catalogue import catalogue, computed_rights
from allervers.rights.corrections import corrected_law
from allervers.territory.communes import commune, vintage_in_force

MONTH = Month(2026, 11)
TODAY = "2026-11-23"
CONVENTION = "CONV-93-DEMO"
PURPOSE = "information"
SYNTHETIC = "DONNÉES SYNTHÉTIQUES : aucune de ces personnes n'existe."

out = Console(highlight=False, soft_wrap=False, width=None)


def demo_command(
    households: Annotated[int, typer.Option("--households", min=50, help="Nombre de ménages.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Graine : même graine, mêmes ménages.")] = 1,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Ne pas ouvrir de serveur à la fin.")] = False,
    summary: Annotated[Path | None, typer.Option("--summary", help="Écrire la synthèse JSON ici.")] = None,
    folder: Annotated[Path, typer.Option("--out", help="Dossier de la démonstration.")] = Path("demo"),
    departement: Departement = "93",
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Faire un département synthétique, importer ses extractions, trouver les droits non reçus, mesurer la qualité."""
    del no_serve  # No web application yet: nothing is served either way.
    started = time.monotonic()
    out.print(f"[bold]{SYNTHETIC}[/bold]")
    changes = corrected_law()
    with law_workers(changes, workers) as pool:
        law = OpenFiscaLaw("corrected", changes)
        made = synthesize(
            folder, households=households, seed=seed, month=MONTH, departement=departement, law=law, changes=changes,
            pool=pool, report=say,
        )  # fmt: skip
        store = folder / "store"
        _import_all(made, store)
        say("Rapprochement des personnes entre partenaires")
        say("  " + linkage_text(link(store, now=instant(day(TODAY)))))
        header = {"synthetic": True, "households": households, "seed": seed, "departement": departement}
        found = run_detection(
            store, month=MONTH, today=TODAY, departement=departement, workers=workers, pool=pool, header=header
        )
        quality = measured_against_truth(made, found, folder, store, law)
    result = as_json(
        _placed(found), found.detection.alerts, quality, header | {"month": str(MONTH), "law": law.version}
    )
    write_json(result, found.folder / "resume.json")
    write_json({"quality": [q.as_dict() for q in quality]}, found.folder / "qualite.json")
    if summary is not None:
        write_json(result, summary)
    print_results(found, result, quality, departement)
    out.print(f"\nListes, synthèses et explications : {found.folder}")
    out.print(f"Une ligne expliquée : allervers explain {_example(found)} rsa --store {store}")
    out.print(f"Fait en {time.monotonic() - started:.0f} secondes. {SYNTHETIC}")


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


def measured_against_truth(
    made: SyntheticDepartement, found: Found, folder: Path, store: Path, law: OpenFiscaLaw
) -> list[Quality]:
    """Quality of the lists against the synthetic truth, which detection never saw."""
    keys = pl.read_parquet(folder / "truth-keys.parquet")
    with Vault(store) as vault:
        named = [
            part.with_columns(source_key=vault.source_keys(str(partner), part["person_number"]))
            for (partner,), part in keys.group_by("partner")
        ]
    same = pl.concat(named).join(persons(store).select("source_key", "person_id"), on="source_key")
    # A person of the truth whom linkage has split is looked for under the identity that most partners give.
    same = same.group_by("id", "person_id").len().sort("len", descending=True).unique("id", keep="first")
    case = read_case_file(assembled_folder(store, MONTH), law)
    truth = truth_of_units(made.truth, made.population, same.select("id", "person_id"), case, month=MONTH)
    return measure(found.detection.findings, truth, rights=[r.id for r in computed_rights()])


def print_results(found: Found, result: dict[str, Any], quality: list[Quality], departement: str) -> None:
    """The tables of the demonstration."""
    out.print(_rights_table(result))
    out.print(_quality_table(quality))
    out.print(_alerts_table(result))
    out.print(_queue_table(found))
    out.print(_communes_table(result, departement))


def _rights_table(result: dict[str, Any]) -> Table:
    table = Table(title="Droits non reçus", title_justify="left")
    for heading in ("Droit", "Ménages avec droit", "Reçoivent", "Sans recours", "Indéterminés", "Par mois", "Perdu"):
        table.add_column(heading, justify="left" if heading == "Droit" else "right")
    for name, row in result["rights"].items():
        table.add_row(
            catalogue()[name].label.split(" (")[0],
            *(str(row[f"households_{k}"]) for k in ("entitled", "receiving", "not_taken_up", "unknown")),
            _euros(row["eur_month_not_taken_up"]),
            _euros(row["eur_lost"]),
        )
    return table


def _quality_table(quality: list[Quality]) -> Table:
    table = Table(title="Qualité mesurée (vérité synthétique ; intervalle à 95 %)", title_justify="left")
    for heading in (
        "Droit",
        "Précision",
        "Rappel",
        "Rappel où connu",
        "Erreur bêta",
        "Écart de montant",
        "Recours corrigé",
    ):
        table.add_column(heading, justify="left" if heading == "Droit" else "right")
    for one in quality:
        table.add_row(
            one.right, _rate(one.precision), _rate(one.recall), _rate(one.recall_where_known), _rate(one.beta),
            "—" if one.amount_error is None else f"{100 * one.amount_error:.0f} %",
            "—" if one.take_up_corrected is None else f"{100 * one.take_up_corrected:.0f} %",
        )  # fmt: skip
    return table


def _alerts_table(result: dict[str, Any]) -> Table:
    table = Table(
        "Alerte", "Parcours", "Nombre", title="Droits qui vont rompre, événements de vie", title_justify="left"
    )
    for name, count in result["alerts"].items():
        table.add_row(rules()[name].label, rules()[name].parcours, str(count))
    return table


def _queue_table(found: Found) -> Table:
    headings = ("Ménage", "Droit", "Statut", "Par mois", "Perdu par jour", "Depuis", "Échéance")
    table = Table(*headings, title="Premiers de la file (perdu par jour d'attente)", title_justify="left")
    listed = found.detection.findings.sort("eur_lost_per_day", descending=True, nulls_last=True)
    for row in contact_queue(listed).head(10).iter_rows(named=True):
        table.add_row(
            row["menage_id"][:12], row["right"], row["status"], _euros(row["amount_eur_month"]),
            _euros(row["eur_lost_per_day"]), row["since_month"], str(row["deadline_on"] or "—"),
        )  # fmt: skip
    return table


def _communes_table(result: dict[str, Any], departement: str) -> Table:
    table = Table("Commune", "Ménages sans recours (tous droits)", "Euros par mois", title="Où", title_justify="left")
    vintage = vintage_in_force(departement, MONTH)
    totals = []
    for code, rights in result["communes"].items():
        count = sum(r["households_not_taken_up"] for r in rights.values())
        money = sum(r["eur_month_not_taken_up"] or 0 for r in rights.values())
        name = commune(code, vintage).nom if code != "inconnue" else "inconnue"
        totals.append((money, name, count))
    for money, name, count in sorted(totals, reverse=True)[:12]:
        table.add_row(name, str(count), euros(round(money)))
    return table


def _placed(found: Found) -> pl.DataFrame:
    return found.detection.findings


def _example(found: Found) -> str:
    rsa = found.detection.findings.filter(pl.col("right") == "rsa", pl.col("status") == "not_claimed")
    return str(rsa["menage_id"].first()) if rsa.height else "MENAGE"


def _euros(amount: float | None) -> str:
    return "—" if amount is None else euros(round(amount, 2))


def _rate(rate: Rate | None) -> str:
    if rate is None or rate.value is None or rate.low is None or rate.high is None:
        return "—"
    return f"{100 * rate.value:.0f} % [{100 * rate.low:.0f}-{100 * rate.high:.0f}]"
