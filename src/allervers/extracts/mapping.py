"""How one partner writes a layout of ours: its names, codes, separators, dates. A TOML file, so that no partner changes
its export. Keys and examples: the page of each format in docs/formats.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from allervers.extracts.identity.nir import refuse_declared_hash
from allervers.extracts.layout import Kind, Layout
from allervers.extracts.nearest import hint
from allervers.foundation.errors import InvalidInput
from allervers.foundation.toml_faults import toml_fault

DATE_FORMATS = {
    "aaaa-mm-jj": "%Y-%m-%d",
    "jj/mm/aaaa": "%d/%m/%Y",
    "jj-mm-aaaa": "%d-%m-%Y",
    "jj.mm.aaaa": "%d.%m.%Y",
    "aaaa/mm/jj": "%Y/%m/%d",
    "aaaammjj": "%Y%m%d",
    "jjmmaaaa": "%d%m%Y",
    "aaaa-mm-jj hh:mm:ss": "%Y-%m-%d %H:%M:%S",
    "jj/mm/aaaa hh:mm:ss": "%d/%m/%Y %H:%M:%S",
    "excel": "",
}
"""Way of writing a date in a mapping -> pattern. `excel`: number of days since 1899-12-30."""

MONTH_FORMATS = {
    "aaaa-mm": r"^(?P<y>\d{4})-(?P<m>\d{2})$",
    "aaaamm": r"^(?P<y>\d{4})(?P<m>\d{2})$",
    "mm/aaaa": r"^(?P<m>\d{2})/(?P<y>\d{4})$",
    "mmaaaa": r"^(?P<m>\d{2})(?P<y>\d{4})$",
    "aaaa-mm-jj": r"^(?P<y>\d{4})-(?P<m>\d{2})-\d{2}$",
    "jj/mm/aaaa": r"^\d{2}/(?P<m>\d{2})/(?P<y>\d{4})$",
}
"""Way of writing a month in a mapping -> pattern with the groups y and m."""

ENCODINGS = ("utf-8", "cp1252", "iso-8859-1", "iso-8859-15", "utf-16")
NIR_FORMS = ("clair", "hmac-sha256")
_SEPARATORS = (";", ",", "\t", "|")


@dataclass(frozen=True, slots=True)
class PartnerMapping:
    """How a partner writes a layout. The defaults are our documented layout: UTF-8, `;`, ISO dates, decimal point.

    `colonnes`: our name -> theirs. `codes`: our column -> their code -> ours. `constantes`: our column -> value for
    every row. `completer`: our column -> width to reach with zeros on the left (spreadsheets drop them).
    """

    format: str | None = None
    partenaire: str | None = None
    separateur: str = ";"
    encodage: str = "utf-8"
    decimale: str = "."
    milliers: tuple[str, ...] = ()
    dates: tuple[str, ...] = ("aaaa-mm-jj",)
    mois: tuple[str, ...] = ("aaaa-mm",)
    feuille: str | None = None
    ligne_entete: int = 1
    nir: str = "clair"
    nir_sans_cle: bool = False
    colonnes: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constantes: Mapping[str, str] = field(default_factory=dict)
    completer: Mapping[str, int] = field(default_factory=dict)

    @property
    def encoding(self) -> str:
        """Python's name of the encoding. A byte order mark of UTF-8 is read over."""
        found = _encoding_name(self.encodage)
        return "utf-8-sig" if found == "utf-8" else found

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the mapping says: two equal mappings read a file alike."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


DEFAULT_MAPPING = PartnerMapping()
"""Our documented layout, as it is."""


def read_mapping(path: Path) -> PartnerMapping:
    """Read a mapping file. Raises InvalidInput for a wrong key or value, Refused for a plain hash of NIR."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidInput("Fichier de correspondance illisible.", file=path.name) from error
    except UnicodeDecodeError as error:
        raise InvalidInput("Le fichier de correspondance n'est pas en UTF-8.", file=path.name) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            f"Le fichier de correspondance n'est pas du TOML correct ({toml_fault(error)}).", file=path.name
        ) from error
    return mapping_of(content)


def mapping_of(content: Mapping[str, Any]) -> PartnerMapping:
    """A mapping from the content of its file. Raises InvalidInput, Refused."""
    known = PartnerMapping.__dataclass_fields__
    for key in content:
        if key not in known:
            raise InvalidInput(f"Correspondance : clé inconnue « {key} ».{hint(key, known)}", key=key)
    values = {key: _typed(key, value) for key, value in content.items()}
    mapping = PartnerMapping(**values)
    _check_choices(mapping)
    return mapping


def check_partner(mapping: PartnerMapping, partner: str) -> None:
    """Check that a mapping is this partner's, when it says whose it is. Raises InvalidInput."""
    if mapping.partenaire not in (None, partner):
        raise InvalidInput(
            f"Cette correspondance est celle d'un autre partenaire (« {mapping.partenaire} »).",
            partner=mapping.partenaire,
        )


def check_mapping(mapping: PartnerMapping, layout: Layout) -> None:
    """Check the names and codes of a mapping against a layout. Raises InvalidInput naming the nearest known name."""
    if mapping.format not in (None, layout.name):
        raise InvalidInput(
            f"Cette correspondance est celle du format « {mapping.format} », et non « {layout.name} ».",
            format=layout.name,
        )
    for section in ("colonnes", "codes", "constantes", "completer"):
        for name in getattr(mapping, section):
            if name not in layout.names:
                raise InvalidInput(
                    f"Correspondance, section {section} : « {name} » n'est pas une colonne du format {layout.name}."
                    f"{hint(name, layout.names)}",
                    section=section,
                    column=name,
                )
    for name in set(mapping.colonnes) & set(mapping.constantes):
        raise InvalidInput(f"Correspondance : « {name} » est à la fois colonne et constante.", column=name)
    for name, codes in mapping.codes.items():
        _check_codes(layout, name, codes)


def _check_codes(layout: Layout, name: str, codes: Mapping[str, str]) -> None:
    column = layout.column(name)
    known = {Kind.CODE: tuple(column.codes), Kind.FLAG: ("O", "N")}.get(column.kind)
    if known is None:
        raise InvalidInput(f"Correspondance, codes : « {name} » n'est pas une colonne de codes.", column=name)
    for ours in codes.values():
        if ours and ours not in known:
            raise InvalidInput(
                f"Correspondance, codes de « {name} » : « {ours} » n'est pas un code du format. "
                f"Codes : {', '.join(known)}.{hint(ours, known)}",
                column=name,
                code=ours,
            )


def _typed(key: str, value: Any) -> Any:
    default = PartnerMapping.__dataclass_fields__[key].type
    if "tuple" in str(default):
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise InvalidInput(f"Correspondance, « {key} » : un texte ou une liste de textes est attendu.", key=key)
        return tuple(listed)
    expected: dict[str, type] = {"ligne_entete": int, "nir_sans_cle": bool}
    if "Mapping" in str(default):
        return _section(key, value)
    wanted = expected.get(key, str)
    if type(value) is not wanted:
        names = {int: "un nombre entier", bool: "true ou false", str: "un texte"}
        raise InvalidInput(f"Correspondance, « {key} » : {names[wanted]} est attendu.", key=key)
    return value


def _section(key: str, value: Any) -> Any:
    if not isinstance(value, dict):
        raise InvalidInput(f"Correspondance : « {key} » doit être une section [{key}].", key=key)
    if key == "codes":
        return {name: _texts(f"codes.{name}", codes) for name, codes in value.items()}
    if key == "completer":
        if not all(type(width) is int and 1 <= width <= 30 for width in value.values()):
            raise InvalidInput("Correspondance, section completer : une largeur de 1 à 30 est attendue.", key=key)
        return dict(value)
    return _texts(key, value)


def _texts(key: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(type(one) in (str, int, float) for one in value.values()):
        raise InvalidInput(f"Correspondance, section [{key}] : des textes sont attendus.", key=key)
    return {name: str(one) for name, one in value.items()}


def _check_choices(mapping: PartnerMapping) -> None:
    if mapping.nir not in NIR_FORMS:
        refuse_declared_hash(mapping.nir)
        raise InvalidInput(f"Correspondance, « nir » : {' ou '.join(NIR_FORMS)} attendu.", key="nir")
    _check_among("encodage", (_encoding_name(mapping.encodage),), ENCODINGS)
    _check_among("separateur", (mapping.separateur,), _SEPARATORS)
    _check_among("decimale", (mapping.decimale,), (".", ","))
    _check_among("dates", mapping.dates, tuple(DATE_FORMATS))
    _check_among("mois", mapping.mois, tuple(MONTH_FORMATS))
    if not mapping.dates or not mapping.mois:
        raise InvalidInput("Correspondance : « dates » et « mois » doivent nommer au moins une écriture.")
    if not 1 <= mapping.ligne_entete <= 100:
        raise InvalidInput("Correspondance, « ligne_entete » : un rang de 1 à 100 est attendu.", key="ligne_entete")
    if mapping.decimale in mapping.milliers or any(len(mark) != 1 or mark.isdigit() for mark in mapping.milliers):
        raise InvalidInput("Correspondance, « milliers » : un signe autre que la décimale.", key="milliers")


def _check_among(key: str, values: tuple[str, ...], known: tuple[str, ...]) -> None:
    for value in values:
        if value not in known:
            shown = ", ".join(repr(one) if one == "\t" else one for one in known)
            raise InvalidInput(
                f"Correspondance, « {key} » : « {value} » n'est pas admis.{hint(value, known)} Admis : {shown}.",
                key=key,
            )


def _encoding_name(encodage: str) -> str:
    try:
        found = codecs.lookup(encodage).name
    except LookupError:
        return encodage
    return {"iso8859-1": "iso-8859-1", "iso8859-15": "iso-8859-15", "utf-8-sig": "utf-8"}.get(found, found)
