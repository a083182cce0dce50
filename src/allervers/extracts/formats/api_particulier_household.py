"""A household put together from several API Particulier answers: the same person in two answers is one person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from allervers.extracts.formats.api_particulier_fields import Fields, PartialDate
from allervers.extracts.rows import IDENTITIES, CollectedRows, RowProblem

_SEXES = {"M": "1", "F": "2", "Masculin": "1", "Féminin": "2", "Feminin": "2"}
_POSTAL = re.compile(r"(\d{5})(?!\d)")
_COMMUNE = re.compile(r"\d{5}|2[AB]\d{3}")


@dataclass(slots=True)
class PersonOfAnswer:
    """A person of the household: `number` within the partner, identity for the vault, canonical columns."""

    number: str
    identity: dict[str, Any]
    columns: dict[str, Any] = field(default_factory=dict)
    precision: str | None = None
    marks: frozenset[str] = frozenset()


@dataclass(slots=True)
class Household:
    """Rows of one household. `malformed`: problems that refuse it whole; `rows.errors`: problems that do not."""

    number: str
    answered_on: date
    rows: CollectedRows = field(default_factory=CollectedRows)
    malformed: list[RowProblem] = field(default_factory=list)
    dossier: dict[str, Any] = field(default_factory=dict)
    persons: list[PersonOfAnswer] = field(default_factory=list)
    address: dict[str, Any] = field(default_factory=dict)
    identifiers: dict[str, PersonOfAnswer] = field(default_factory=dict)

    def asked_person(self, fields: Fields) -> PersonOfAnswer | None:
        """The person whose civil status was sent; None when the call named nobody (a number of dossier alone)."""
        named = any(name in fields.content for name in ("nomNaissance", "prenoms", "nomUsage"))
        return self.add_person(fields) if named else None

    def name_by(self, identifier: str | None, person: PersonOfAnswer) -> None:
        """Remember the identifier under which a provider speaks of a person."""
        if identifier is not None:
            self.identifiers[identifier] = person

    def named_by(self, identifier: str | None) -> PersonOfAnswer | None:
        """The person whom a provider names by this identifier."""
        return self.identifiers.get(identifier) if identifier is not None else None

    def add_person(
        self, fields: Fields, asked: PersonOfAnswer | None = None, others: Sequence[PersonOfAnswer] = ()
    ) -> PersonOfAnswer:
        """The person that an object describes: one already known when first name and birth agree, else a new one.

        `others`: persons that it cannot be, since the same answer describes them too (twins with close names).
        """
        identity, birth = _identity(fields)
        marks = _marks(identity)
        found = (one for one in self.persons if one not in others and _same(one, identity, marks))
        known = asked or next(found, None)
        if known is None:
            rank = sum(person.marks == marks for person in self.persons)
            number = f"{self.number}-{birth.day or birth.precision}-{'.'.join(sorted(marks))}-{rank}"
            known = PersonOfAnswer(number, identity, marks=marks, precision=birth.precision)
            self.persons.append(known)
        known.identity |= {name: value for name, value in identity.items() if known.identity.get(name) is None}
        known.precision = None if known.identity["date_naissance"] else known.precision
        return known

    def add_family(self, fields: Fields) -> str | None:
        """Allocataires, children and address of an answer; returns the number of the first allocataire.

        The person of the call is one of them: the civil status sent, which may be misspelt, is left aside.
        """
        adults, children = fields.many("allocataires", at_least=1), fields.many("enfants")
        family: list[PersonOfAnswer] = []
        for rank, one in enumerate([*adults, *children]):
            person = self.add_person(one, others=family)
            person.columns["role"] = "enfant" if rank >= len(adults) else "conjoint" if rank else "demandeur"
            family.append(person)
        address = fields.one("adresse", required=False)
        if address is not None:
            self.address |= _address(address)
        return family[0].number if adults else None

    def add_jobseeker_address(self, person: PersonOfAnswer, address: Fields) -> None:
        """Address kept by France Travail: the commune of one person, not always that of the household."""
        v3 = "code_cog_insee_commune" in address.content
        code = address.text("code_cog_insee_commune" if v3 else "INSEECommune", required=False)
        if code is not None and _COMMUNE.fullmatch(code) is None:
            address.refuse("commune", "code_invalide", "code Insee de commune attendu")
            return
        person.identity["code_insee"] = code
        person.identity["code_postal"] = address.text("code_postal" if v3 else "codePostal", required=False)
        person.identity["adresse"] = address.text("ligne_voie" if v3 else "ligneVoie", required=False)
        self.dossier.setdefault("code_insee", code)

    def add_status(
        self,
        person: PersonOfAnswer | None,
        prestation: str,
        *,
        receives: bool | None,
        motif: str | None,
        since: date | None,
        until: date | None,
    ) -> None:
        """A right that is received; when it is not, the signal `non_beneficiaire`, which is knowledge too."""
        keys = {"person_number": person.number} if person else {"dossier_number": self.number}
        if receives is False:
            self.rows.add("signaux", **keys, signal="non_beneficiaire", since_on=self.answered_on, detail=prestation)
        elif receives:
            ended = until is not None and until < self.answered_on
            self.rows.add(
                "droits", **keys, prestation=prestation, etat="fini" if ended else "accorde", motif=motif,
                debut_on=since, fin_on=until,
            )  # fmt: skip

    def signal(self, name: str, *, detail: str) -> None:
        """A signal about the household, dated from the answer."""
        self.rows.add("signaux", dossier_number=self.number, signal=name, since_on=self.answered_on, detail=detail)

    def collected(self) -> CollectedRows:
        """Every row of the household; its problems alone when an answer was malformed."""
        if self.malformed:
            return CollectedRows(errors=self.malformed + self.rows.errors, dossiers=1, refused=1)
        for person in self.persons:
            address = {name: value for name, value in self.address.items() if person.identity.get(name) is None}
            identity = person.identity | address
            self.rows.add(IDENTITIES, person_number=person.number, **identity)
            self.rows.add(
                "personnes", person_number=person.number, dossier_number=self.number,
                date_naissance=person.identity["date_naissance"],
                reach_letter=True if identity.get("adresse") else None, **person.columns,
            )  # fmt: skip
            if person.precision is not None:
                self.rows.add(
                    "signaux", person_number=person.number, signal="date_naissance_partielle", detail=person.precision
                )
        if self.persons or self.dossier:
            self.rows.add("dossiers", dossier_number=self.number, **self.dossier)
        self.rows.dossiers = 1
        return self.rows


def _identity(fields: Fields) -> tuple[dict[str, Any], PartialDate]:
    content, birth = fields.content, fields.birth()
    if "nomPrenom" in content:  # first version of the family quotient: one field, first name first
        given, _, family = (fields.text("nomPrenom") or "").partition(" ")
        names: tuple[str | None, ...] = (family or None, None, given or None)
    else:
        names = (
            _first(fields, "nom_naissance", "nomNaissance", "nom"),
            _first(fields, "nom_usage", "nomUsage", "nomUsuel"),
            _given_names(fields),
        )
    sex = _first(fields, "sexe", "sexeEtatCivil")
    place = _first(
        fields, "code_cog_insee_commune_naissance", "codeCogInseeCommuneNaissance", "codeInseeLieuDeNaissance"
    )
    return {
        "nom_naissance": names[0],
        "nom_usage": names[1] if names[1] != names[0] else None,
        "prenoms": names[2],
        "date_naissance": birth.day,
        "sexe": _SEXES.get(sex or ""),
        "commune_naissance": place,
    }, birth


def _first(fields: Fields, *names: str) -> str | None:
    return next((text for name in names if (text := fields.text(name, required=False))), None)


def _given_names(fields: Fields) -> str | None:
    given = fields.content.get("prenoms")
    if isinstance(given, list):
        if not all(isinstance(name, str) for name in given):
            fields.refuse("prenoms", "type_invalide", "liste de textes attendue")
            return None
        return " ".join(given) or None
    return _first(fields, "prenoms", "prenom")


def _marks(identity: dict[str, Any]) -> frozenset[str]:
    """First given name, without accents, capitals or hyphens: what tells apart the persons of one household."""
    plain = unicodedata.normalize("NFKD", identity["prenoms"] or "").encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", plain)
    return frozenset(words[:1])


def _same(person: PersonOfAnswer, identity: dict[str, Any], marks: frozenset[str]) -> bool:
    births = {person.identity["date_naissance"], identity["date_naissance"]} - {None}
    return bool(marks) and person.marks == marks and len(births) < 2


def _address(fields: Fields) -> dict[str, Any]:
    """Postal code and text of a family address, under the names of each version."""
    town = _first(fields, "code_postal_ville", "codePostalVille")
    postal = _POSTAL.match(town or "")
    street = _first(fields, "numero_libelle_voie", "numeroLibelleVoie", "numeroRue")
    place = _first(fields, "lieu_dit", "lieuDit")
    extra = _first(fields, "complement_information", "complementInformation", "complementIdentite")
    abroad = (_first(fields, "pays") or "FRANCE").upper() != "FRANCE"
    return {
        "code_postal": postal[1] if postal and not abroad else None,
        "adresse": " ".join(part for part in (extra, street, place) if part) or None,
    }
