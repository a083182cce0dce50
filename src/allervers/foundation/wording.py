"""Counts as French writes them, for what is said without Django's catalogues (command line, messages of the core)."""

from __future__ import annotations


def counted(number: int, one: str, several: str) -> str:
    """`1 ligne`, `3 lignes`; zero is singular in French."""
    return f"{number} {one if number < 2 else several}"
