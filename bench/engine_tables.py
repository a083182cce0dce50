"""The measures of the engine as Markdown, ready for docs/engine.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Line = dict[str, Any]
_TARGETS = {
    "varied": {"numpy": "40x", "native": "100x (250x)"},
    "uniform": {"numpy": "-", "native": "400x (1 000x)"},
    "rich": {"numpy": "15x", "native": "50x (100x)"},
}
_FACES = {"varied": "variées", "uniform": "uniformes", "rich": "riches"}


def table(lines: dict[str, Line]) -> Iterator[str]:
    """Every table that the measures allow, a line of text at a time."""
    if any(kind in lines for kind in _TARGETS):
        yield from _pairs(lines)
    yield from _others(lines)
    for name, write in (("exact", _exact), ("chunks", _chunks), ("memory", _memory), ("roofline", _roofline)):
        if name in lines and "error" not in lines[name]:
            yield ""
            yield from write(lines[name])
    for name, line in lines.items():
        if "error" in line:
            yield f"\n`{name}` : {line['error']}"


def _pairs(lines: dict[str, Line]) -> Iterator[str]:
    yield "| données (15 sorties, un cœur) | ménages | OpenFisca | moteur | rapport, min / médian | à l'horloge | "\
          "exigé (visé) | compilation | charge |"  # fmt: skip
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for kind, targets in _TARGETS.items():
        line = lines.get(kind, {})
        for engine in ("native", "numpy") if "stock" in line else ():
            if f"{engine}_cpu_ratio" not in line:
                yield f"| {_FACES[kind]}, {engine} | | | | pas mesuré : {line[engine][0].get('error')} | | | | |"
                continue
            count, ratio, wall = line["households"], line[f"{engine}_cpu_ratio"], line[f"{engine}_wall_ratio"]
            made = line["program"]
            yield (
                f"| {_FACES[kind]}, {made['columns_distinct']} colonnes, {engine} | {count} "
                f"| {_least(line['stock'], count)} | {_least(line[engine], count)} "
                f"| **{ratio['min']:.0f}x / {ratio['median']:.0f}x** | {wall['min']:.0f}x / {wall['median']:.0f}x "
                f"| {targets[engine]} | {made['compile_cpu_seconds']:.0f} s "
                f"| {min(line['load']):.1f} à {max(line['load']):.1f} |"
            )
    for kind in _TARGETS:
        for engine, parts in lines.get(kind, {}).get("parts", {}).items():
            count = lines[kind]["households"]
            if "error" not in parts:
                shares = ", ".join(f"{name} {1e6 * value / count:.1f}" for name, value in parts.items())
                yield f"\n{_FACES[kind]}, {engine}, µs par ménage : {shares}."


def _least(runs: list[Line], households: int) -> str:
    taken = sorted(1e6 * one["cpu"] / households for one in runs)
    return f"{taken[0]:.1f} / {taken[len(taken) // 2]:.1f} µs"


def _others(lines: dict[str, Line]) -> Iterator[str]:
    rows = []
    if "first" in (found := lines.get("parquet", {})):
        one = found["second"]
        people = f"{found['households']} ménages ({found['persons']} personnes)"
        rows.append((f"{people}, 14 sorties, deux cœurs, de Parquet à Parquet",
                     f"{one['seconds']:.1f} s, {one['peak_mib'] / 1024:.2f} Gio "
                     f"(première fois : {found['first']['seconds']:.0f} s)", "20 s, 2 Go (6 s, 1 Go)"))  # fmt: skip
    if "law" in (found := lines.get("household", {})):
        labels = {"law": "comme le produit le demande", "native": "le programme seul", "numpy": "numpy"}
        for name, label in labels.items():
            rows.append((f"un ménage, {found['rights']} droits, {label}",
                         f"{found[name]['median']:.1f} ms (p95 {found[name]['p95']:.1f})", "20 ms (5 ms)"))  # fmt: skip
    if "median" in (found := lines.get("cold", {})):
        rows.append(("ligne de commande à froid, programme gardé",
                     f"{found['median']:.2f} s (min {found['least']:.2f})", "0,5 s (0,2 s)"))  # fmt: skip
    if "p95" in (found := lines.get("service", {})):
        rows.append((f"service, 2 processus, 50 clients, {found['per_second']:.0f} requêtes/s : p95",
                     f"{found['p95']:.0f} ms (p50 {found['p50']:.0f})", "100 ms (30 ms)"))  # fmt: skip
    if rows:
        yield "\n| mesure | valeur | exigé (visé) |"
        yield "|---|---:|---:|"
        yield from ("| " + " | ".join(row) + " |" for row in rows)


def _exact(found: Line) -> Iterator[str]:
    yield "| données | moteur | ménages | valeurs comparées | identiques | sorties différentes |"
    yield "|---|---|---:|---:|---:|---|"
    for kind, line in found.items():
        for engine in ("native", "numpy"):
            one = line[engine]
            differing = ", ".join(f"{name} ({count})" for name, count in one["differing"].items()) or "-"
            yield (f"| {_FACES[kind]} | {engine} | {line['households']} | {one['compared']} | {one['identical']} "
                   f"| {differing} |")  # fmt: skip


def _chunks(found: Line) -> Iterator[str]:
    yield "| lots d'OpenFisca (ménages) | µs par ménage | mémoire max (Mio) |"
    yield "|---:|---:|---:|"
    yield from (f"| {size} | {one['us']:.0f} | {one['peak_mib']:.0f} |" for size, one in found.items())


def _memory(found: Line) -> Iterator[str]:
    yield "| ménages | avant (Mio) | mémoire max (Mio) | µs par ménage, un fil | deux fils | ménages/s, deux fils |"
    yield "|---:|---:|---:|---:|---:|---:|"
    for size, line in found.items():
        if size == "load":
            continue
        one, two, count = line["one"], line["two"], int(size)
        yield (
            f"| {count} | {one['before_mib']:.0f} | {two['peak_mib']:.0f} | {1e6 * one['seconds'] / count:.1f} "
            f"| {1e6 * two['seconds'] / count:.1f} ({one['seconds'] / two['seconds']:.2f}x) "
            f"| {count / two['seconds']:.0f} |"
        )


def _roofline(found: Line) -> Iterator[str]:
    seconds, core, households = found["seconds"], found["peaks"], found["households"]
    hot = sum(one["seconds"] for one in found["families"].values())
    yield "| opérations | pas | valeurs | µs par ménage | part | valeurs/s (milliards) |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, one in sorted(found["families"].items(), key=lambda item: -item[1]["seconds"]):
        rate = f"{one['values'] / one['seconds'] / 1e9:.2f}" if one["seconds"] else "-"
        yield (
            f"| {name} | {one['steps']:.0f} | {one['values']:.0f} | {1e6 * one['seconds'] / households:.2f} "
            f"| {100 * one['seconds'] / seconds:.0f} % | {rate} |"
        )
    yield f"| mémoire, passage d'un pas à l'autre (le reste) | {found['steps']} | | "\
          f"{1e6 * (seconds - hot) / households:.2f} | {100 * (seconds - hot) / seconds:.0f} % | |"  # fmt: skip
    yield (
        f"\nLe programme entier : {found['values'] / seconds / 1e9:.2f} milliards de valeurs/s, "
        f"{found['bytes'] / seconds / 1e9:.1f} Go/s, registres d'un bloc {found['registers_bytes'] / 1024:.0f} Kio. "
        f"Un cœur, additions : f4 {core['f4 L1'] / 1e9:.1f} (L1), {core['f4 L2'] / 1e9:.1f} (L2) ; "
        f"f8 {core['f8 L1'] / 1e9:.1f} (L1), {core['f8 L2'] / 1e9:.1f} (L2) milliards/s ; un pas "
        f"{core['step_ns']:.0f} ns, soit {100 * found['dispatch_seconds'] / seconds:.0f} % du temps. "
        f"Hors des pas (textes, nœuds laissés à numpy : {', '.join(found['hosted']) or 'aucun'}) : "
        f"{1e6 * found['outside'] / households:.2f} µs par ménage."
    )
    dearest = list(found["kernels"].items())[:12]
    yield "\nNoyaux les plus chers, µs par ménage : " + ", ".join(
        f"`{name}` {1e6 * one['seconds'] / households:.2f}" for name, one in dearest
    ) + "."  # fmt: skip
