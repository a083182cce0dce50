"""The engine's table of targets: `bin/bench engine [LINE...] [--quick] [--sizes N,N] [--out FILE.json]`.

Runs are paired with OpenFisca-France as it is: same data, same fifteen outputs. --folder keeps the programs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from bench.engine_commands import NotYet
from bench.engine_lines import LINES, Line, Setting, load
from bench.engine_tables import table
from bench.machine import description

SIZES = (10_000, 50_000, 200_000, 640_000)
_QUICK_LINES = ("varied", "household", "roofline", "cold", "service")


def setting_of(folder: Path, *, quick: bool, sizes: tuple[int, ...]) -> Setting:
    """How much is measured. `quick`: about two minutes on two free cores, figures less sure."""
    if quick:
        pairs = {"varied": 2_000, "uniform": 2_000, "rich": 300}
        return Setting(folder, pairs, {"varied": 300}, 3, (5_000,), sizes or SIZES[:1], (sizes or SIZES)[0], 250)
    pairs = {"varied": 10_000, "uniform": 10_000, "rich": 5_000}
    exact = {"varied": 3_000, "uniform": 1_000, "rich": 300}
    return Setting(folder, pairs, exact, 3, (5_000, 10_000, 20_000), sizes or SIZES, max(sizes or SIZES), 500)


def measured(names: list[str], setting: Setting) -> dict[str, Line]:
    """Each line asked; one that fails, or that the product cannot do yet, says why and the others go on."""
    found: dict[str, Line] = {}
    for name in names:
        title, measure = LINES[name]
        start = time.perf_counter()
        try:
            found[name] = measure(setting)
        except (NotYet, RuntimeError, OSError) as error:
            found[name] = {"error": str(error)}
        said = found[name].get("error", "fait")
        took = f"{time.perf_counter() - start:.0f} s, charge {load():.1f}"
        print(f"{title} : {said} ({took})", file=sys.stderr, flush=True)
    return found


def main(arguments: list[str]) -> int:
    """Measure the lines named, all of them without a name; print the tables."""
    parser = argparse.ArgumentParser(prog="bin/bench engine", description="Mesure le moteur face à OpenFisca-France.")
    parser.add_argument("lines", nargs="*", metavar="LIGNE", help=f"parmi : {', '.join(LINES)} (toutes par défaut)")
    parser.add_argument("--quick", action="store_true", help="version courte, figures moins sûres")
    parser.add_argument("--sizes", default="", help="ménages des mesures de mémoire, séparés par des virgules")
    parser.add_argument("--out", type=Path, help="fichier JSON où garder toutes les mesures")
    parser.add_argument("--folder", type=Path, help="dossier où garder les programmes compilés d'une fois à l'autre")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.lines) - set(LINES):
        parser.error(f"ligne inconnue : {', '.join(sorted(unknown))}")
    names = asked.lines or list(_QUICK_LINES if asked.quick else LINES)
    sizes = tuple(int(size) for size in asked.sizes.split(",") if size)
    about: dict[str, Any] = description() | {"Charge au départ": f"{load():.2f}"}
    print("\n".join(f"- {label} : {value}" for label, value in about.items()), flush=True)
    made = nullcontext(str(asked.folder)) if asked.folder else tempfile.TemporaryDirectory(prefix="allervers-bench-")
    with made as folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        lines = measured(names, setting_of(Path(folder), quick=asked.quick, sizes=sizes))
    print("\n" + "\n".join(table(lines)), flush=True)
    if asked.out:
        content = {"machine": about, "load_at_end": load(), "lines": lines}
        asked.out.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
