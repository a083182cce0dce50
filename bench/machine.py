"""What a figure depends on: the machine and the versions it was measured with."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("allervers", "openfisca-france", "openfisca-core", "numpy", "polars", "pyarrow", "duckdb", "splink")


def _first_value(path: str, key: str) -> str:
    """Value of the first line `key : value` of a file of /proc; "inconnu" where there is none."""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except OSError:
        return "inconnu"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "inconnu")


def cores() -> int:
    """Cores that this process may use (a container may have fewer than the machine)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def description() -> dict[str, str]:
    """Label -> value, in French, ready to print above a table."""
    memory = _first_value("/proc/meminfo", "MemTotal").removesuffix(" kB")
    return {
        "Processeur": _first_value("/proc/cpuinfo", "model name"),
        "Cœurs utilisables": str(cores()),
        "Mémoire": f"{int(memory) / 2**20:.0f} Gio" if memory.isdigit() else memory,
        "Système": platform.platform(terse=True),
        "Python": platform.python_version(),
        "Versions": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    }
