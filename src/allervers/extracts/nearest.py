"""The known name nearest to one that is not known, for messages that help."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

_NOT_WORD = re.compile(r"[^a-z0-9]+")


def plain_name(text: str) -> str:
    """A column name as we compare them: lower case, no accent, `_` for anything else (`Né(e) le` gives ne_e_le)."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _NOT_WORD.sub("_", letters).strip("_")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`; None when none does."""
    names = list(known)
    for written in (str.casefold, plain_name):
        by_writing = {written(one): one for one in names}
        found = difflib.get_close_matches(written(name), by_writing, n=1, cutoff=0.6)
        if found:
            return by_writing[found[0]]
    return None


def hint(name: str, known: Iterable[str]) -> str:
    """A French sentence that names the nearest known name, after a space; empty when there is none."""
    found = nearest(name, known)
    return f" Vouliez-vous dire « {found} » ?" if found else ""
