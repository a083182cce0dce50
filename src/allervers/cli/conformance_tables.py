"""The tables that `allervers conformance` prints, in French, on stdout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.markup import escape
from rich.table import Table

from allervers.cli.options import out
from allervers.engine.conformance.report import Summary
from allervers.engine.conformance.running import Result, Status
from allervers.engine.conformance.variables import Drift, Traced

LABELS = {
    Status.PASSED: "Réussis",
    Status.FAILED: "Échecs du moteur",
    Status.OPENFISCA_FAILED: "Échecs d'OpenFisca lui-même",
    Status.KNOWN: "Échecs connus d'OpenFisca lui-même",
    Status.UNREADABLE: "Illisibles",
    Status.UNTRACEABLE: "Refusés par le moteur (formule qui ne se met pas en graphe)",
    Status.LEFT: "Laissés par le moteur à OpenFisca (écriture de la situation)",
    Status.SKIPPED: "Laissés de côté",
}
SHOWN = 25
"""Lines at most in a list; the report has them all."""


def print_cases(summary: Summary, results: Sequence[Result], seconds: float) -> None:
    """What became of the cases: those that need a look, the places that stop the engine, the counts."""
    for status in (Status.FAILED, Status.OPENFISCA_FAILED, Status.KNOWN, Status.UNREADABLE, Status.LEFT):
        told = [(result.title, _where(result)) for result in results if result.status is status]
        _list(LABELS[status], ("Cas", "Pourquoi"), told)
    places = [
        (f"{place.file}:{place.line}" if place.file else "—", place.reason, ", ".join(place.variables[:3]), place.cases)
        for place in summary.untraceable
    ]
    _list("Formules qui ne se mettent pas en graphe", ("Où", "Pourquoi", "Variables", "Cas"), places)
    _list("Laissés de côté", ("Pourquoi", "Cas"), list(summary.skipped.items()))
    table = Table(title=f"Conformité à OpenFisca, moteur « {summary.engine} »", title_justify="left", show_header=False)
    table.add_column("")
    table.add_column("", justify="right")
    table.add_row("Cas", str(summary.total))
    for status, label in LABELS.items():
        table.add_row(f"  {label}", str(summary.cases[status]))
    table.add_section()
    values = summary.values
    table.add_row("Valeurs attendues", str(values.expected))
    table.add_row("  atteintes par OpenFisca", str(values.met_by_openfisca))
    if summary.engine != "openfisca":
        table.add_row("  atteintes par le moteur", str(values.met_by_engine))
        table.add_row("  identiques à OpenFisca, bit pour bit", str(values.identical))
        table.add_row("  identiques à OpenFisca interrogé sur elles seules", str(values.identical_alone))
    table.add_section()
    table.add_row("Secondes, calcul d'OpenFisca", _seconds(summary.seconds_openfisca))
    if summary.engine != "openfisca":
        table.add_row("Secondes, calcul du moteur", _seconds(summary.seconds_engine))
    table.add_row("Secondes en tout", _seconds(seconds))
    out.print(table)


def print_variables(traced: Sequence[Traced], year: int, changed: Drift | None) -> None:
    """What became of the variables, grouped by reason, and what differs from a former list."""
    for title, refused in (
        ("Variables qu'OpenFisca lui-même ne calcule pas", [one for one in traced if one.openfisca]),
        ("Variables qui ne se mettent pas en graphe", [one for one in traced if not one.report and not one.openfisca]),
    ):
        rows = [(one.variable, one.openfisca or _place_and_reason(one), one.treatment or "—") for one in refused]
        _list(title, ("Variable", "Pourquoi", "Ce qui en est fait"), rows)
    if changed is not None:
        _list("Ne se mettent plus en graphe", ("Variable",), [(name,) for name in changed.newly_untraceable])
        _list("Nombre d'opérations changé", ("Variable", "Avant", "Après"), changed.ops_changed)
        _list("Résultats qui peuvent changer", ("Variable",), [(name,) for name in changed.results_differ])
    table = Table(title=f"Variables qui ont une formule en {year}", title_justify="left", show_header=False)
    table.add_column("")
    table.add_column("", justify="right")
    reports = [one.report for one in traced if one.report]
    table.add_row("Variables", str(len(traced)))
    table.add_row("  mises en graphe", str(len(reports)))
    computed = sum(not one.openfisca for one in traced)
    share = f"{100 * len(reports) / max(computed, 1):.1f}".replace(".", ",")
    table.add_row("  qu'OpenFisca lui-même ne calcule pas", str(len(traced) - computed))
    table.add_row("  refusées par le moteur", str(computed - len(reports)))
    table.add_row("  part mise en graphe de celles qu'OpenFisca calcule", f"{share} %")
    table.add_row("Opérations", str(sum(report.ops for report in reports)))
    table.add_row("Nœuds une fois simplifiés", str(sum(report.nodes for report in reports)))
    if changed is not None:
        table.add_section()
        for label, found in (
            ("Ne se mettent plus en graphe", changed.newly_untraceable),
            ("Se mettent maintenant en graphe", changed.newly_traceable),
            ("Apparues", changed.appeared),
            ("Disparues", changed.vanished),
            ("Nombre d'opérations changé", changed.ops_changed),
            ("Résultats qui peuvent changer", changed.results_differ),
        ):
            table.add_row(label, str(len(found)))
    out.print(table)


def _place_and_reason(one: Traced) -> str:
    return f"{one.file}:{one.line} : {one.reason}" if one.file else one.reason


def _where(result: Result) -> str:
    if not result.misses or result.status is Status.KNOWN:
        return result.reason
    miss = result.misses[0]
    more = f" (et {len(result.misses) - 1} autres valeurs)" if len(result.misses) > 1 else ""
    whose = f" de {miss.instance}" if miss.instance else ""
    values = f"attendu {miss.expected}, trouvé {miss.found}"
    return f"{miss.variable} {miss.period}{whose} : {values} ; {miss.reason}{more}"


def _list(title: str, headings: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """A table of these rows; nothing when there is none. Texts may come from files: no markup is read in them."""
    rows = list(rows)
    if not rows:
        return
    table = Table(title=f"{title} : {len(rows)}", title_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows[:SHOWN]:
        table.add_row(*(escape(str(cell)) for cell in row))
    if len(rows) > SHOWN:
        table.add_row(
            f"… et {len(rows) - SHOWN} autres, dans le rapport (--report FICHIER)", *[""] * (len(headings) - 1)
        )
    out.print(table)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f}".replace(".", ",")
