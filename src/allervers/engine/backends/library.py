"""The compiled library of the native machine: built once by the C compiler of the machine, kept, loaded."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.foundation.errors import Unavailable
from allervers.foundation.files import cache_folder

FLAGS = ("-O3", "-std=c11", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fPIC", "-shared", "-w")
"""Never -ffast-math, never contraction: results are numpy's, bit for bit."""
_SOURCES = ("machine.h", "arithmetic.c", "choice.c", "scales.c", "groups.c", "items.c", "run.c")
_P = ctypes.c_void_p


class Structure(ctypes.Structure):
    """See machine.h."""

    _fields_ = (("group", _P * 3), ("nth", _P * 3), ("places", ctypes.c_int32 * 3), ("holder", _P), ("held", _P))


class Run(ctypes.Structure):
    """See run.c."""

    _fields_ = (
        ("blocks", ctypes.c_int32), ("registers", ctypes.c_int32), ("steps", ctypes.c_int32),
        ("fixed_count", ctypes.c_int32), ("capacity", ctypes.c_int32 * 4),
        ("step", _P), ("reg_rows", _P), ("reg_width", _P), ("input", _P), ("output", _P), ("order", _P * 4),
        ("block", _P), ("structure", Structure), ("table", _P), ("fixed", _P),
    )  # fmt: skip


class Library:
    """The library, its kernels by name, the shapes of what it reads."""

    Run = Run
    block_dtype = np.dtype(
        [("rows", "<i4", 4), ("first", "<i4", 4), ("aligned", "<i4"), ("places", "<i4"), ("start", "<u8")]
    )
    column_dtype = np.dtype(
        [("width", "<i4"), ("rows", "<i4"), ("limit", "<f8"), ("data", "<u8"), ("wide", "<i4"), ("unused", "<i4")]
    )
    fixed_dtype = np.dtype([("reg", "<i4"), ("width", "<i4"), ("data", "<u8")])
    table_dtype = np.dtype([("data", "<u8"), ("length", "<i8")])

    def __init__(self, path: Path) -> None:
        try:
            self._loaded = ctypes.CDLL(str(path))
        except OSError as error:
            raise Unavailable("Le moteur natif ne se charge pas sur cette machine.") from error
        name = self._loaded.machine_kernel
        name.restype, name.argtypes = ctypes.c_char_p, [ctypes.c_int]
        self.kernels: dict[str, int] = {}
        while (found := name(len(self.kernels))) is not None:
            self.kernels[found.decode()] = len(self.kernels)
        self._run = self._loaded.machine_run
        self._run.restype, self._run.argtypes = ctypes.c_int, [ctypes.POINTER(Run), ctypes.c_int32, ctypes.c_int32]

        self._items = self._loaded.machine_items
        self._items.restype = ctypes.c_int
        self._items.argtypes = [_P, ctypes.c_int64, ctypes.c_int32, _P, ctypes.c_int32, _P]

    def items(self, texts: NDArray[np.str_], items: NDArray[np.str_]) -> NDArray[np.int16] | None:
        """Position of each text among the items (both of the same width). None when a text is none of them."""
        positions = np.empty(len(texts), dtype=np.int16)
        width = texts.dtype.itemsize // 4
        failed = self._items(texts.ctypes.data, len(texts), width, items.ctypes.data, len(items), positions.ctypes.data)
        return None if failed else positions

    def run(self, description: Any, first: int, stride: int) -> int:
        """Run the blocks first, first + stride... Other threads of Python go on meanwhile. 0, 1 without
        memory, 2 when a wide column is out of its limits."""
        return int(self._run(ctypes.byref(description), first, stride))


@cache
def library() -> Library:
    """The library, built if it is not there. Raises Unavailable where it cannot be built."""
    return Library(_built())


def available() -> str | None:
    """None when the native machine can run here, else the reason, in French."""
    try:
        library()
    except Unavailable as error:
        return error.message
    return None


def _built() -> Path:
    sources = {name: (files("allervers.engine.backends.machine") / name).read_bytes() for name in _SOURCES}
    digest = hashlib.sha256(b"".join(sources.values()) + repr((FLAGS, _processor())).encode()).hexdigest()[:24]
    target = cache_folder() / "machine" / f"machine-{digest}.so"
    try:
        # A damaged library would end the process when it is loaded: it is read whole before.
        if _checksum(target) == (target.with_suffix(".sha256")).read_text("ascii"):
            return target
    except (OSError, UnicodeDecodeError):
        pass
    try:
        return _build(sources, target)
    except OSError as error:
        raise Unavailable(
            f"Le moteur natif ne peut pas être gardé dans « {target.parent} » ({error.strerror}) : "
            "donnez un dossier accessible par ALLERVERS_CACHE."
        ) from error


def _build(sources: Mapping[str, bytes], target: Path) -> Path:
    compiler = shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise Unavailable("Il n'y a pas de compilateur C sur cette machine pour le moteur natif.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        for name, content in sources.items():
            (Path(folder) / name).write_bytes(content)
        built = Path(folder) / "machine.so"
        units = [name for name in _SOURCES if name.endswith(".c")]
        native = ["-march=native"] if platform.machine() in ("x86_64", "AMD64") else []
        done = subprocess.run(  # noqa: S603 - our own sources, the compiler of the machine
            [compiler, *FLAGS, *native, "-o", built.name, *units, "-lm"], cwd=folder, capture_output=True, check=False
        )
        if done.returncode:
            raise Unavailable("Le compilateur C de cette machine refuse le moteur natif.")
        checksum = Path(folder) / "machine.sha256"
        checksum.write_text(_checksum(built), "ascii")
        os.replace(built, target)
        os.replace(checksum, target.with_suffix(".sha256"))
    return target


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _processor() -> str:
    """What the library is built for: another processor gets another build."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    return next((line for line in text.splitlines() if line.startswith(("flags", "Features"))), platform.machine())
