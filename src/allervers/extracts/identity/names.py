"""French names written one same way: accents, hyphens, apostrophes, particles, compound first names. Pure text."""

from __future__ import annotations

import re
import unicodedata

PARTICLES = frozenset(
    [
        "D",
        "DE",
        "DU",
        "DES",
        "DA",
        "DI",
        "DO",
        "DOS",
        "DEL",
        "DELLA",
        "L",
        "LE",
        "LA",
        "LES",
        "EL",
        "AL",
        "AIT",
        "BEN",
        "BENT",
        "BINT",
        "IBN",
        "OULD",
        "VAN",
        "VON",
        "DER",
        "DEN",
        "TEN",
        "ZU",
    ]
)
"""Words that registers add, drop or glue: they weigh nothing alone."""

_GLUED = frozenset(["M", "N", "O", "T"])
_LIGATURES = str.maketrans(
    {"Œ": "OE", "Æ": "AE", "ß": "SS", "ẞ": "SS", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "ı": "I"}
)
_ELISION = re.compile(r"\b([MNOT])['’ʼ`´]\s*(?=[A-Z])")
_NOT_LETTERS = re.compile(r"[^A-Z]+")
_SAINTS = {"ST": "SAINT", "STE": "SAINTE"}


def words(text: str | None) -> list[str]:
    """Upper-case ASCII words of a name, without accents, hyphens or apostrophes; `N'Diaye` is one word (NDIAYE)."""
    if text is None:
        return []
    plain = unicodedata.normalize("NFKD", text.upper().translate(_LIGATURES)).translate(_LIGATURES)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).upper()
    plain = _NOT_LETTERS.sub(" ", _ELISION.sub(r"\1", plain))
    return [_SAINTS.get(word, word) for word in plain.split()]


def surname_words(text: str | None) -> list[str]:
    """As `words`, for a surname, where a lone M, N, O or T belongs to what follows (`N DIAYE` gives NDIAYE)."""
    found: list[str] = []
    glue = ""
    for word in words(text):
        if word in _GLUED and not glue:
            glue = word
        else:
            found.append(glue + word)
            glue = ""
    return [*found, glue] if glue else found


def compact(text: str | None) -> str | None:
    """The words of a name in one piece (`El Amrani` and `EL-AMRANI` give ELAMRANI); None for an empty name."""
    return "".join(words(text)) or None


def core_words(text: str | None) -> list[str]:
    """The words of a surname without particles; all of them when there is nothing else (`Le`, `Ben`)."""
    every = surname_words(text)
    return [word for word in every if word not in PARTICLES] or every


def core(text: str | None) -> str | None:
    """A surname without its particles, in one piece (`de la Tour` gives TOUR); None for an empty name."""
    return "".join(core_words(text)) or None


def identity_text(nom: str | None, prenoms: str | None, date_naissance: str | None, sexe: str | None) -> str | None:
    """One line that says who a person is, for a keyed hash; None when a name or the date of birth is missing."""
    surname, given = core(nom), words(prenoms)
    if surname is None or not given or date_naissance is None:
        return None
    return "|".join((surname, given[0], date_naissance, sexe or ""))
