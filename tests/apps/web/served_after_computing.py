"""What `allervers demo` does at its end: compute with every thread, then serve (--port N)."""

from __future__ import annotations

import os
import sys

import polars as pl

os.environ["ALLERVERS_DEMO"] = "1"
numbers = pl.DataFrame({"n": range(100_000)})
numbers.lazy().group_by((pl.col("n") % 7).alias("rest")).agg(pl.col("n").sum()).collect()

from allervers.cli.demo import _serve  # noqa: E402
from allervers.cli.web import prepared  # noqa: E402

prepared()
_serve(int(sys.argv[sys.argv.index("--port") + 1]))
