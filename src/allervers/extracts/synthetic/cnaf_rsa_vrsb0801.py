"""Writes a Cnaf flow "RSA bénéficiaires" VRSB0801 from simple rows, as a stream. For fictitious persons only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lxml import etree

from allervers.foundation.errors import InvalidInput
from allervers.foundation.files import written_whole
from allervers.foundation.periods import Month, months_between

ENCODING = "windows-1252"


@dataclass(frozen=True, slots=True)
class FlowResource:
    """A monthly net amount in euros and its Cnaf nature (list NATRESS: 001 wages, 010 unemployment...)."""

    month: Month
    nature: str
    amount: float


@dataclass(frozen=True, slots=True)
class FlowPerson:
    """A person of a dossier. `role`: DEM, CJT, ENF or AUT. `sexe`: 1 or 2.

    `resources`: None when the quarter was not declared, () when it was declared without resources.
    """

    role: str
    nom_naissance: str
    prenoms: str
    date_naissance: date
    sexe: str
    nom_usage: str | None = None
    nir: str | None = None
    commune_naissance: str = ""
    type_date_naissance: str = "N"
    activite: str | None = None
    activite_since: date | None = None
    pregnant_since: date | None = None
    resources: Sequence[FlowResource] | None = None


@dataclass(frozen=True, slots=True)
class FlowAddress:
    """An address in France; `code_insee` and `code_postal` have five characters."""

    code_insee: str
    code_postal: str
    commune: str
    numero: str = ""
    type_voie: str = ""
    voie: str = ""
    complement: str = ""


@dataclass(frozen=True, slots=True)
class FlowDossier:
    """An RSA dossier. `state`: code ETATDOSRSA. A suspension, refusal or end is (code of the motive, date).

    `amount`: RSA of `paid_month` in euros, None when nothing is payable; `quarter_from`: first declared month.
    """

    matricule: str
    persons: Sequence[FlowPerson]
    address: FlowAddress
    state: str
    asked_on: date
    situation_familiale: str = "CEL"
    situation_since: date | None = None
    refusal: tuple[str, date] | None = None
    right_suspensions: Sequence[tuple[str, date]] = ()
    payment_suspensions: Sequence[tuple[str, date]] = ()
    end: tuple[str, date] | None = None
    sans_domicile: bool = False
    majore: bool = False
    amount: float | None = None
    paid_month: Month | None = None
    quarter_from: Month | None = None


def write_flow(
    path: Path,
    dossiers: Iterable[FlowDossier],
    reference_on: date,
    *,
    organisme: str = "931",
    departement: str = "093",
) -> int:
    """Write the monthly flow of `reference_on` (windows-1252), whole or not at all; memory: one dossier.

    returns: number of dossiers written, which the flow announces. raises: InvalidInput for an unusable matricule.
    """
    count = 0
    with (
        written_whole(path) as temporary,
        etree.xmlfile(str(temporary), encoding=ENCODING) as flow,
    ):
        flow.write_declaration()
        with flow.element("Racine"):
            flow.write(_header(reference_on), "\n")
            for dossier in dossiers:
                flow.write(_dossier(dossier, reference_on, organisme, departement), pretty_print=True)
                count += 1
            flow.write(_block("TransmissionFlux", NBTOTDOSRSATRANSM=f"{count:08d}", NBTOTDOSRSATRANSMANO="0" * 8))
    return count


def _block(name: str, *children: Any, **leaves: str | date | None) -> Any:
    """An element with its leaves (None: left out), then its child blocks."""
    element = etree.Element(name)
    for leaf, value in leaves.items():
        if value is not None:
            etree.SubElement(element, leaf).text = str(value)
    element.extend(child for child in children if child is not None)
    return element


def _header(reference_on: date) -> Any:
    return _block(
        "IdentificationFlux", APPLIEME="CRI", NUMVERSIONAPPLIEME="6200", TYPEFLUX="M", NATFLUX="D",
        DTCREAFLUX=(Month.of(reference_on) + 1).first_day, HEUCREAFLUX="01:00:00.0000", DTREF=reference_on,
    )  # fmt: skip


def _dossier(dossier: FlowDossier, reference_on: date, organisme: str, departement: str) -> Any:
    if not (dossier.matricule.isascii() and dossier.matricule.isdigit() and len(dossier.matricule) <= 15):
        raise InvalidInput("Matricule inutilisable : 15 chiffres au plus.")
    matricule = dossier.matricule + "0" * 8 if len(dossier.matricule) == 7 else dossier.matricule
    quarter_from = dossier.quarter_from or Month.of(reference_on) - 3
    return _block(
        "InfosFoyerRSA",
        _block(
            "IdentificationRSA",
            _block("Organisme", FONORG="CAF", NUMORG=organisme, MATRICULE=matricule),
            _block("Partenaire", TYPEPARTE="CG", IDEPARTE=departement),
            _block("DemandeRSA", DTDEMRSA=dossier.asked_on, NUMDEMRSA=dossier.matricule[-11:]),
        ),
        *(_person(person, dossier.asked_on, quarter_from) for person in dossier.persons),
        _block(
            "DonneesAdministratives",
            _block(
                "SituationFamille",
                SITFAM=dossier.situation_familiale,
                DDSITFAM=dossier.situation_since or dossier.asked_on,
            ),
            _address(dossier.address),
        ),
        _block("PrestationRSA", _situation(dossier), _detail(dossier, reference_on)),
    )


def _person(person: FlowPerson, attached_on: date, quarter_from: Month) -> Any:
    first, *others = person.prenoms.split(" ")
    given = dict(zip(("PRENOM2", "PRENOM3"), (name[:15] for name in others), strict=False))
    responsible = "1" if person.role == "DEM" else "0"
    return _block(
        "Personne",
        _block(
            "Identification", QUAL="MR" if person.sexe == "1" else "MME",
            NOM=(person.nom_usage or person.nom_naissance)[:28], NOMNAI=person.nom_naissance[:28], PRENOM=first[:32],
            **given, NOMCOMNAI=person.commune_naissance[:26], DTNAI=person.date_naissance,
            TYPEDTNAI=person.type_date_naissance, NIR=person.nir, SEXE=person.sexe,
        ),
        _block("DossierCAF", TOPRESPDOS=responsible, DDRATDOS=max(attached_on, person.date_naissance)),
        _block("Prestations", NATPREST="PFA", ROLEPERS=person.role, TOPCHAPERS="1"),
        _block("Prestations", NATPREST="RSA", ROLEPERS=person.role, TOPCHAPERS="1"),
        _resources(person, quarter_from),
        _activity(person, attached_on),
        _pregnancy(person),
    )  # fmt: skip


def _activity(person: FlowPerson, attached_on: date) -> Any:
    if person.activite is None:
        return None
    return _block("Activite", ACT=person.activite, DDACT=person.activite_since or attached_on)


def _pregnancy(person: FlowPerson) -> Any:
    if person.pregnant_since is None:
        return None
    declared_on = (Month.of(person.pregnant_since) + 3).first_day
    return _block("Grossesse", DDGRO=person.pregnant_since, DTDECLGRO=declared_on)


def _resources(person: FlowPerson, quarter_from: Month) -> Any:
    if person.resources is None:
        return None
    months = list(months_between(quarter_from, quarter_from + 2))
    outside = sum(resource.month not in months for resource in person.resources)
    if outside:
        raise InvalidInput("Ressource hors du trimestre déclaré.", quarter_from=str(quarter_from), count=outside)
    general = _block(
        "GeneraliteRessourcesTrimestre", TOPRESSNUL="0" if person.resources else "1",
        DDRESS=quarter_from.first_day, DFRESS=months[-1].last_day,
    )  # fmt: skip
    monthly = []
    for month in months:
        details = [
            _block("DetailRessourcesMensuelles", NATRESS=resource.nature, MTNATRESSMEN=f"{resource.amount:010.2f}")
            for resource in person.resources
            if resource.month == month
        ]
        if details:
            head = _block("GeneraliteRessourcesMensuelles", MOISRESS=month.first_day)
            monthly.append(_block("RessourcesMensuelles", head, *details))
    return _block("Ressources", general, *monthly)


def _address(address: FlowAddress) -> Any:
    return _block(
        "Adresse",
        _block("TroncCommunAdresse", RGADR="01", PAYS="FRA", TYPEADR="D", ETATADR="CO"),
        _block(
            "AdresseDetailleeFrance", COMPLIDEADR="", COMPLADR=address.complement[:38], NUMVOIE=address.numero[:6],
            LIBTYPEVOIE=address.type_voie[:30], NOMVOIE=address.voie[:32], LIEUDIST="", NUMCOM=address.code_insee,
            CODEPOS=address.code_postal, NOMCOM=address.commune[:32],
        ),
    )  # fmt: skip


def _situation(dossier: FlowDossier) -> Any:
    refusal, end = dossier.refusal, dossier.end
    return _block(
        "SituationDossierRSA",
        _block("EtatDossierRSA", ETATDOSRSA=dossier.state),
        _block("Refus", DTREFURSA=refusal[1], MOTIREFURSA=refusal[0]) if refusal else None,
        *(_block("SuspensionDroit", MOTISUSDRORSA=code, DDSUSDRORSA=on) for code, on in dossier.right_suspensions),
        *(
            _block("SuspensionVersement", MOTISUSVERSRSA=code, DDSUSVERSRSA=on)
            for code, on in dossier.payment_suspensions
        ),
        _block("FinDroit", MOTICLORSA=end[0], DTCLORSA=end[1]) if end else None,
    )


def _detail(dossier: FlowDossier, reference_on: date) -> Any:
    payable = None
    if dossier.amount is not None:
        month = dossier.paid_month or Month.of(reference_on)
        nature, sub_nature = ("RSI", "RSIN1") if dossier.majore else ("RSD", "RSDN2")
        payable = _block(
            "DetailCalculDroitRSA", NATPF=nature, SOUSNATPF=sub_nature, DDNATDRO=dossier.asked_on,
            MTRSAVERS=f"{dossier.amount:.2f}", DTDERRSAVERS=month.first_day,
        )  # fmt: skip
    homeless = "1" if dossier.sans_domicile else "0"
    common = _block("TroncCommunDroitRSA", TOPSANSDOMFIXE=homeless, ORIDEMRSA="DEM", DTORIDEMRSA=dossier.asked_on)
    return _block("DetailDroitRSA", common, payable)
