"""How a French word sounds, roughly: who writes as they speak is found (« travaille », « loyé », « otiste »)."""

from __future__ import annotations

import re

_STEPS = tuple(
    (re.compile(written), heard)
    for written, heard in (
        (r"ph", "f"), (r"qu|q", "k"), (r"sch|ch|sh", "C"), (r"gn", "N"), (r"h", ""),
        (r"z", "s"), (r"tion", "sion"), (r"c(?=[eiy])", "s"), (r"c", "k"),
        (r"g(?=[eiy])", "j"), (r"gu(?=[eiy])", "g"),
        (r"(?<=[aeou])il+(?=[aeiou]|$)", "y"), (r"eau|au", "o"), (r"oi", "wa"), (r"ou", "U"), (r"oeu|eu", "e"),
        (r"(?:ai|ei)(?=[nm](?:[^aeiouynm]|$))", "i"), (r"ai|ei|ay|ey", "e"),
        (r"[ae][nm](?![aeiouynm])", "A"), (r"[iyu][nm](?![aeiouynm])", "I"), (r"o[nm](?![aeiouynm])", "O"),
        (r"y(?=[^aeiou]|$)", "i"), (r"(?<![stdpx])[stdpx]$", ""), (r"(.)\1+", r"\1"), (r"(?:er|es|e)$", ""),
    )
)  # fmt: skip
"""In order: what is written (without case nor accent) -> what is heard. Capitals are sounds that no letter writes."""


def sound(word: str) -> str:
    """The sound of a word without case nor accent; two spellings of one word mostly have the same."""
    for written, heard in _STEPS:
        word = written.sub(heard, word)
    return word
