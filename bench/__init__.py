"""Benchmarks: how fast and in how much memory, each size in a fresh process. Run by `bin/bench`."""
