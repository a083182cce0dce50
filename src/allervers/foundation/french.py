"""Names after « de », as French writes them: d'Anne-Sophie, d'Épinay-sur-Seine, du Raincy, des Lilas, de Bondy."""

from __future__ import annotations

import unicodedata

_CONTRACTED = {"Le ": "du ", "Les ": "des "}


def of(name: str, *, is_place: bool = False) -> str:
    """`name` after « de », elided before a vowel or an h. is_place: its article is contracted (du Raincy)."""
    for article, contracted in _CONTRACTED.items() if is_place else ():
        if name.startswith(article):
            return contracted + name.removeprefix(article)
    plain = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = [letter for letter in plain if not unicodedata.combining(letter)]
    first, then = (*letters, "", "")[:2]
    # « d'Yves », but « de Yasmine »: before a vowel, y is a consonant.
    is_vowel = first in set("aeiouh") or (first == "y" and then.isalpha() and then not in set("aeiou"))
    return f"d'{name}" if is_vowel else f"de {name}"


def with_name(text: str, name: str) -> str:
    """A text with its `{name}` written in, « de » elided where it stands before it."""
    return text.replace("de {name}", of(name)).replace("{name}", name)
