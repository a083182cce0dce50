"""What is wrong in a TOML file, in French and with its line: the reader's own messages are in English."""

from __future__ import annotations

import re
import tomllib

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_SAID = (
    (r"Expected '=' after a key", "il manque « = » après le nom"),
    (r"Expected '\]+' at the end of a table", "il manque « ] » à la fin d'un titre"),
    (r"Invalid value", "la valeur ne peut pas être lue : un texte s'écrit entre guillemets"),
    (r"Cannot overwrite a value|Duplicate inline table key", "ce nom est déjà donné"),
    (r"Cannot declare .* twice|Cannot mutate immutable", "ce titre, ou ce nom, est déjà donné"),
    (r"Illegal character '\\n'|Unterminated|Unclosed", "un guillemet ou un crochet n'est pas refermé"),
    (r"Unescaped '\\\\'", "dans un texte entre guillemets, « \\ » s'écrit « \\\\ »"),
    (r"Expected newline", "il y a quelque chose de trop après la valeur"),
    (r"Invalid statement", "il faut un nom, puis « = » et une valeur ; un nom accentué se met entre guillemets"),
)


def toml_fault(error: tomllib.TOMLDecodeError) -> str:
    """`ligne 3, caractère 5 : il manque « = » après le nom`. What is not known is said to be unreadable."""
    text = str(error)
    found = _PLACE.search(text)
    place = "fin du fichier"
    if found is not None and found["line"]:
        place = f"ligne {found['line']}, caractère {found['column']}"
    said = next((french for english, french in _SAID if re.search(english, text)), "ce passage ne peut pas être lu")
    return f"{place} : {said}"
