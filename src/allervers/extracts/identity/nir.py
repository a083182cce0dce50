"""The NIR (social security number): its form, what it says, its keyed hash, and the refusal of plain hashes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from stdnum.fr import nir as stdnum_nir

from allervers.extracts.identity.keyed import KeyedHash
from allervers.foundation.errors import InvalidInput, Refused

_SHAPE = re.compile(r"([1-478]\d{4}(?:\d\d|2[AB])\d{6})(\d\d)?")
_SEPARATORS = re.compile(r"[\s.\-\u00a0\u202f]+")
_HEX = re.compile(r"[0-9a-fA-F]+")
_PLAIN = {32: "MD5", 40: "SHA-1", 64: "SHA-256", 128: "SHA-512"}
_ACCEPTED_HASH = "hmac-sha-256"


class NirStatus(StrEnum):
    """What a delivered NIR is worth for linkage."""

    CERTAIN = "certain"
    PROVISIONAL = "provisoire"  # waiting numbers: first digit 3, 4, 7 or 8; replaced later by the real one
    DISCORDANT = "discordant"  # sex, year or month of birth are not the person's: often the number of the opening right
    INVALID = "invalide"
    ABSENT = "absent"


class Nir(NamedTuple):
    """A checked NIR: its 13 characters (None when absent or invalid) and what it is worth."""

    number: str | None
    status: NirStatus


def check_nir(text: str | None) -> Nir:
    """Read a NIR of 13 characters, or 15 with its key (which is then verified); Corsica is 2A or 2B; spaces allowed.

    Never raises: an unreadable number has the status INVALID, and the caller reports the row.
    Source: arrêté of 1983-01-24; key = 97 - (number modulo 97), with 2A read 19 and 2B read 18.
    """
    compact = _SEPARATORS.sub("", text).upper() if text else ""
    if not compact:
        return Nir(None, NirStatus.ABSENT)
    match = _SHAPE.fullmatch(compact)
    if match is None or not compact.isascii():
        return Nir(None, NirStatus.INVALID)
    number, key = match[1], match[2]
    if key is not None and stdnum_nir.calc_check_digits(number) != key:
        return Nir(None, NirStatus.INVALID)
    return Nir(number, NirStatus.PROVISIONAL if number[0] in "3478" else NirStatus.CERTAIN)


def concerns(number: str, date_naissance: str | None, sexe: str | None) -> bool:
    """False when the sex, the year or the month written in a NIR contradict the person's own (ISO date, sex 1 or 2).

    A month outside 01-12 in the NIR means "unknown" to Insee, and contradicts nothing.
    """
    if sexe is not None and (int(number[0]) % 2 == 1) != (sexe == "1"):
        return False
    if date_naissance is None:
        return True
    if number[1:3] != date_naissance[2:4]:
        return False
    return not "01" <= number[3:5] <= "12" or number[3:5] == date_naissance[5:7]


def keyed_hash(key: bytes | KeyedHash, number: str) -> str:
    """HMAC-SHA-256 of the 13 characters of a NIR, in lower-case hexadecimal: the convention of every exchange."""
    keyed = KeyedHash(key) if isinstance(key, bytes) else key
    return keyed.digest(number.encode("ascii")).hex()


def refuse_declared_hash(algorithm: str) -> None:
    """Refuse a mapping that says its NIR are hashed otherwise than by HMAC-SHA-256 under the exchange's key."""
    if algorithm.strip().lower().replace("_", "-") not in (_ACCEPTED_HASH, "hmac-sha256"):
        raise Refused(
            "Une empreinte simple de NIR se retrouve par énumération : seul HMAC-SHA-256 avec la clé de l'échange "
            "est accepté.",
            algorithm=algorithm[:32],
        )


def refuse_digest_as_nir(values: Iterable[str | None]) -> None:
    """Refuse a `nir` column that holds digests (the length of MD5, SHA-1, SHA-256 or SHA-512) in place of numbers."""
    for value in values:
        if value is not None and len(value) in _PLAIN and _HEX.fullmatch(value):
            raise Refused(
                f"La colonne des NIR contient des empreintes de la longueur de {_PLAIN[len(value)]} : demandez au "
                "partenaire des HMAC-SHA-256 faits avec la clé de l'échange.",
                column="nir",
            )


def checked_exchange_hashes(values: Iterable[str | None]) -> list[str | None]:
    """Lower-case HMAC-SHA-256 digests; raises Refused for another digest's length, InvalidInput for anything else."""
    checked: list[str | None] = []
    for value in values:
        if value is None or value == "":
            checked.append(None)
        elif len(value) == 64 and _HEX.fullmatch(value):
            checked.append(value.lower())
        elif len(value) in _PLAIN and _HEX.fullmatch(value):
            raise Refused(
                f"Empreintes de la longueur de {_PLAIN[len(value)]} : seul HMAC-SHA-256 avec la clé de l'échange est "
                "accepté.",
                column="nir_hmac",
            )
        else:
            raise InvalidInput("Empreinte de NIR illisible : 64 caractères hexadécimaux attendus.", column="nir_hmac")
    return checked


def refuse_plain_hashes(delivered: set[str], known: Iterable[str]) -> None:
    """Refuse a delivery in which a digest is the plain SHA-256 of a NIR that the vault knows (13 characters).

    Every usual way of writing the number is tried: with or without key, with spaces, lower-case Corsica.
    """
    for number in known:
        for written in _writings(number):
            if hashlib.sha256(written.encode("ascii")).hexdigest() in delivered:
                raise Refused(
                    "Ce fichier contient des SHA-256 simples de NIR, que l'on retrouve par énumération : demandez au "
                    "partenaire des HMAC-SHA-256 faits avec la clé de l'échange.",
                    column="nir_hmac",
                )


def _writings(number: str) -> Iterator[str]:
    full = number + stdnum_nir.calc_check_digits(number)
    spaced = stdnum_nir.format(full)
    yield from (number, full, spaced, spaced[:-3])
    if not number.isdigit():
        yield from (number.lower(), full.lower(), spaced.lower())
