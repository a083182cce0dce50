"""Prints the machine, then a Markdown table for each benchmark: `bin/bench [NAME...] [--sizes N,N]`.

`bin/bench engine` has its own lines and options: see engine.py.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.machine import description
from bench.measure import measured

BENCHES: dict[str, tuple[str, tuple[int, ...]]] = {
    "api": ("API web, loi de 3 ms, 50 clients, en requêtes pendant dix secondes", (1_000, 2_000, 3_000)),
    "imports": ("Import de paiements Caf (CSV), en lignes", (100_000, 1_000_000)),
    "imports_identities": ("Import d'allocataires Caf avec leur NIR (CSV), en personnes", (10_000, 100_000)),
    "detection": ("Droits calculés pour un mois, en ménages", (1_000, 10_000, 50_000)),
    "questions": ("Questions posées avant que les 18 droits soient établis, en ménages", (100, 1_000)),
    "interview": ("Questions du simulateur contre un formulaire fixe, en ménages", (100, 1_000)),
    "web": ("Pages de l'application, temps du serveur, en ménages de la démonstration", (2_000, 50_000)),
    "agents": ("Cinquante agents à la fois sur les listes (wrk), en ménages de la démonstration", (50_000,)),
    "simulator": ("Simulateur, personnes en même temps, dix secondes entre deux réponses", (50, 200)),
    "population": ("Population synthétique, en ménages", (20_000, 200_000, 640_000)),
}
"""Name of a module of this folder -> its title, what a size counts, and the sizes measured by default."""


def number(value: object) -> str:
    """A figure with a space between thousands, three significant digits under 100; text as it is."""
    if isinstance(value, float):
        return f"{value:,.0f}".replace(",", " ") if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}".replace(",", " ") if isinstance(value, int) else str(value)


def lines(name: str, sizes: list[int], keep: Path | None) -> Iterator[str]:
    """Title and table of a benchmark, a line at a time, each as soon as it is measured. `keep`: see the options."""
    title, default_sizes = BENCHES[name]
    yield f"\n## {title}\n"
    for index, size in enumerate(sizes or default_sizes):
        with tempfile.TemporaryDirectory(prefix="allervers-bench-") as folder:
            measure = measured(name, size, keep / f"{name}-{size}" if keep else Path(folder) / "work")
        per_second = size / measure.seconds
        row = {
            "taille": size,
            "secondes": measure.seconds,
            "par seconde": per_second,
            "mémoire max (Mio)": measure.peak_mib,
        }
        row |= measure.columns
        if index == 0:
            yield "| " + " | ".join(row) + " |"
            yield "|" + "---:|" * len(row)
        yield "| " + " | ".join(number(value) for value in row.values()) + " |"


def main() -> int:
    """Run the benchmarks named on the command line, all of them without a name."""
    if sys.argv[1:2] == ["engine"]:
        from bench.engine import main as engine

        return engine(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="bin/bench", description="Mesure AllerVers sur cette machine.")
    known = f"parmi : {', '.join(BENCHES)} (tous par défaut) ; ou engine, seul"
    parser.add_argument("names", nargs="*", metavar="NOM", help=known)
    parser.add_argument("--sizes", default="", help="tailles, séparées par des virgules")
    parser.add_argument("--out", type=Path, help="fichier Markdown où garder ce qui est affiché")
    parser.add_argument("--keep", type=Path, help="dossier de travail gardé : une mesure arrêtée y reprend")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(BENCHES):
        parser.error(f"mesure inconnue : {', '.join(sorted(unknown))}")
    written = ["# Mesures\n", *(f"- {label} : {value}" for label, value in description().items())]
    print("\n".join(written), flush=True)
    sizes = [int(size) for size in arguments.sizes.split(",") if size]
    for name in arguments.names or BENCHES:
        for line in lines(name, sizes, arguments.keep):
            print(line, flush=True)
            written.append(line)
    if arguments.out:
        arguments.out.write_text("\n".join(written) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
