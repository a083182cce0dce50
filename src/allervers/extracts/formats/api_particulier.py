"""API Particulier answers (JSON) about one household into canonical records.

Services, fields and choices: docs/formats/api_particulier.md. Types are strict, unknown fields are left aside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from allervers.extracts.formats.api_particulier_fields import Fields
from allervers.extracts.formats.api_particulier_household import Household
from allervers.extracts.rows import CollectedRows, RowProblem
from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month

MAX_FILE_BYTES = 4 << 20
"""A household has a dozen answers of a few kB; a larger file is not one."""

_STATUS_MESSAGES = {
    400: "La demande envoyée est incorrecte.",
    401: "Le jeton d'accès est absent ou refusé.",
    403: "Votre habilitation ne couvre pas cette donnée.",
    404: "Le fournisseur ne connaît pas de dossier pour cette personne.",
    422: "L'identité envoyée ne permet pas de retrouver la personne.",
    429: "Trop d'appels : attendez avant de recommencer.",
    500: "Le service a rencontré une erreur interne.",
    502: "Le fournisseur de la donnée a répondu par une erreur.",
    503: "Le fournisseur de la donnée est indisponible.",
    504: "Le fournisseur de la donnée n'a pas répondu à temps.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the API. `service`: a key of SERVICES; `asked_about`: civil status sent; `status`: HTTP."""

    service: str
    asked_about: Mapping[str, Any]
    status: int
    payload: Any


def read_file(path: Path) -> CollectedRows:
    """Read the answers kept for one household (layout in the documentation page). Raises InvalidInput."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InvalidInput("Le fichier dépasse la taille d'un foyer (4 Mio).")
    try:
        content = json.loads(path.read_bytes(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise InvalidInput("Le fichier n'est pas un JSON lisible : rien n'est importé.") from None
    errors: list[RowProblem] = []
    fields = Fields(content, errors, line=0)
    number, answered_on = fields.text("foyer"), fields.day("repondu_le")
    answers = [_answer(one) for one in fields.many("reponses", at_least=1)]
    if errors or number is None or answered_on is None:
        raise InvalidInput(f"Fichier refusé, {errors[0].column} : {errors[0].message}", at=errors[0].column)
    return household_rows(number, answered_on, [answer for answer in answers if answer])


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _answer(fields: Fields) -> Answer | None:
    service, status = fields.text("service"), fields.whole("statut")
    asked = fields.content.get("personne") or {}
    if not isinstance(asked, dict):
        fields.refuse("personne", "type_invalide", "objet attendu")
        return None
    if service is None or status is None:
        return None
    return Answer(service, asked, status, fields.content.get("reponse"))


def service_of(name: str) -> str:
    """Service named by a path of the API or by the name of a set of test cases. Raises InvalidInput."""
    compact = name.lower().replace("/", "_").replace("-", "_")
    for service, marks in _MARKS.items():
        if any(mark in compact for mark in marks):
            return service
    raise InvalidInput("Service d'API Particulier non pris en charge.", service=name)


_MARKS = {
    "quotient_familial": ("quotient_familial",),
    "revenu_solidarite_active": ("revenu_solidarite_active",),
    "prime_activite": ("prime_activite",),
    "allocation_adulte_handicape": ("allocation_adulte_handicape",),
    "allocation_soutien_familial": ("allocation_soutien_familial",),
    "allocation_enfant_handicape": ("allocation_enfant_handicape",),
    "complementaire_sante_solidaire": ("complementaire_sante_solidaire",),
    "participation_familiale_eaje": ("participation_familiale_eaje",),
    "demandeur_emploi_statut": ("pole_emploi_statut", "france_travail_statut", "demandeur_emploi_statut"),
    "demandeur_emploi_paiements": ("pole_emploi_indemnites", "france_travail_indemnites", "demandeur_emploi_paiements"),
}


def household_rows(number: str, answered_on: date, answers: Sequence[Answer]) -> CollectedRows:
    """Canonical rows of a household from its answers, given on `answered_on`.

    An answer that is an error (404, 503...) is a problem and leaves the others good; a malformed one refuses the
    household, since half a household has other rights than the whole. raises: InvalidInput for an unknown service.
    """
    household = Household(number, answered_on)
    named = [(service_of(answer.service), line, answer) for line, answer in enumerate(answers, start=1)]
    last = "demandeur_emploi_paiements"  # names its person by an identifier that the status answer explains
    for service, line, answer in sorted(named, key=lambda one: one[0] == last):
        if answer.status != 200:
            household.rows.errors.append(_failure(line, service, answer))
            continue
        fields = Fields(answer.payload, household.malformed, line, service)
        fields = fields.one("data") or fields if "data" in fields.content else fields
        asked = Fields(answer.asked_about, household.malformed, line, f"{service}.personne")
        SERVICES[service](fields, asked, household)
    return household.collected()


def _failure(line: int, service: str, answer: Answer) -> RowProblem:
    message = _STATUS_MESSAGES.get(answer.status, f"Réponse HTTP {answer.status} non prévue.")
    code = _provider_code(answer.payload)
    return RowProblem(line, service, f"http_{answer.status}", f"{message} Code : {code}." if code else message)


def _provider_code(payload: Any) -> str | None:
    """Code of an error of the API; its free text is not repeated, it may speak of the person."""
    first = payload.get("errors", [payload]) if isinstance(payload, dict) else []
    found = first[0] if isinstance(first, list) and first and isinstance(first[0], dict) else {}
    code = found.get("code") or found.get("error") or found.get("status")
    return code if isinstance(code, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,40}", code) else None


def _quotient_familial(fields: Fields, _: Fields, household: Household) -> None:
    household.add_family(fields)
    nested = fields.one("quotient_familial") if "quotient_familial" in fields.content else None
    value = nested.amount("valeur") if nested else fields.amount("quotientFamilial")
    household.dossier["quotient_familial"] = value


def _participation_eaje(fields: Fields, _: Fields, household: Household) -> None:
    """Resource base of the childcare scale: annual, of the whole family, put on its first allocataire."""
    first = household.add_family(fields)
    scale = fields.one("parametres_calcul_participation_familiale")
    base = scale.one("base_ressources_annuelles") if scale else None
    if scale is None or base is None:
        return
    value, year = base.amount("valeur"), base.whole("annee_calcul")
    disabled = scale.whole("nombre_enfants_beneficiaire_aeeh")
    if first is not None and year is not None:
        household.rows.add(
            "ressources", person_number=first, period=f"{year:04d}", nature="cnaf_base_ressources", imposable=value
        )
    if disabled:
        household.signal("aeeh_au_foyer", detail=str(disabled))


def _benefit(prestation: str) -> Callable[[Fields, Fields, Household], None]:
    """Reader of a status of benefit: v2 gives `status`, `majoration`, dates; v3 `est_beneficiaire`, and so on."""

    def read(fields: Fields, asked: Fields, household: Household) -> None:
        if "est_beneficiaire" in fields.content:
            receives = fields.flag("est_beneficiaire")
            increased = fields.flag("avec_majoration", required=False)
            since = fields.day("date_debut_droit", required=False)
        else:
            receives = fields.choice("status", {"beneficiaire": True, "non_beneficiaire": False})
            increased = fields.flag("majoration", required=False)
            since = fields.day("dateDebut", required=False)
        until = fields.day("dateFin", required=False)
        motive = "majoration" if increased else None
        household.add_status(
            household.asked_person(asked), prestation, receives=receives, motif=motive, since=since, until=until
        )

    return read


def _css(fields: Fields, asked: Fields, household: Household) -> None:
    paying: bool | None
    if "est_beneficiaire" in fields.content:
        receives = fields.flag("est_beneficiaire")
        paying = fields.flag("avec_participation", required=bool(receives))
        since = fields.day("date_debut_droit", required=False)
    else:
        status = fields.choice("status", _CSS_STATUSES)
        receives, paying = status if status is not None else (None, None)
        since = fields.day("dateDebut", required=False)
    until = fields.day("dateFin", required=False)
    prestations = ["css_avec_participation" if paying else "css_sans_participation"]
    if receives is False:
        prestations = ["css_sans_participation", "css_avec_participation"]
    person = household.asked_person(asked)
    for prestation in prestations:
        household.add_status(person, prestation, receives=receives, motif=None, since=since, until=until)


_CSS_STATUSES = {
    "beneficiaire_sans_participation_financiere": (True, False),
    "beneficiaire_avec_participation_financiere": (True, True),
    "non_beneficiaire_css": (False, None),
    "non_beneficiaire": (False, None),
}


def _aeeh(fields: Fields, asked: Fields, household: Household) -> None:
    """The allocataire is the parent, the `ouvrant_droit` is the child: the role is kept as the motive."""
    roles = ("allocataire", "ouvrant_droit", "non_beneficiaire")
    role = fields.choice("status", {role: role for role in roles})
    since = fields.day("date_debut_droit", required=False)
    receives = None if role is None else role != "non_beneficiaire"
    household.add_status(
        household.asked_person(asked),
        "aeeh",
        receives=receives,
        motif=role if receives else None,
        since=since,
        until=None,
    )


def _jobseeker(fields: Fields, asked: Fields, household: Household) -> None:
    """Registration at France Travail: activity, and a right with its category as the motive."""
    nested = "inscription" in fields.content
    registration = (fields.one("inscription") if nested else fields) or fields
    identity = (fields.one("identite") if nested else fields) or fields
    names = ("date_debut", "date_fin") if nested else ("dateInscription", "dateCessationInscription")
    since, until = registration.day(names[0]), registration.day(names[1], required=False)
    category = registration.one("categorie") if nested else None
    code = category.whole("code") if category else registration.whole("codeCategorieInscription")
    person = household.add_person(identity, asked=household.asked_person(asked))
    household.name_by(fields.text("identifiant", required=False), person)
    address = fields.one("adresse", required=False)
    if address is not None:
        household.add_jobseeker_address(person, address)
    ended = until is not None and until < household.answered_on
    if not ended:
        person.columns["activite"] = "chomeur"
    household.rows.add(
        "droits", person_number=person.number, prestation="inscription_france_travail",
        etat="fini" if ended else "accorde", motif=None if code is None else str(code), debut_on=since, fin_on=until,
    )  # fmt: skip


def _payments(fields: Fields, asked: Fields, household: Household) -> None:
    """Amounts paid by France Travail, summed by month: benefits as `chomage`, the rest apart."""
    person = household.asked_person(asked) or household.named_by(fields.text("identifiant", required=False))
    if person is None:
        message = (
            "L'identité de la personne, ou sa réponse de statut, est nécessaire à cette réponse : elle est écartée."
        )
        household.rows.errors.append(RowProblem(fields.line, fields.path, "personne_inconnue", message))
        return
    sums: dict[tuple[str, str], float] = {}
    for payment in fields.many("paiements"):
        v3 = "date_versement" in payment.content
        paid_on = payment.day("date_versement" if v3 else "date")
        for name, nature in _PAYMENT_NATURES.items():
            amount = payment.amount(f"montant_{name}" if v3 else name)
            if paid_on is not None and amount is not None and (amount or nature == "chomage"):
                key = (str(Month.of(paid_on)), nature)
                sums[key] = round(sums.get(key, 0.0) + amount, 2)
    for (month, nature), amount in sums.items():
        household.rows.add("ressources", person_number=person.number, period=month, nature=nature, net=amount)


_PAYMENT_NATURES = {
    "allocations": "chomage",
    "aides": "france_travail_aides",
    "autres": "france_travail_autres",
}

SERVICES: Mapping[str, Callable[[Fields, Fields, Household], None]] = {
    "quotient_familial": _quotient_familial,
    "revenu_solidarite_active": _benefit("rsa"),
    "prime_activite": _benefit("ppa"),
    "allocation_adulte_handicape": _benefit("aah"),
    "allocation_soutien_familial": _benefit("asf"),
    "allocation_enfant_handicape": _aeeh,
    "complementaire_sante_solidaire": _css,
    "participation_familiale_eaje": _participation_eaje,
    "demandeur_emploi_statut": _jobseeker,
    "demandeur_emploi_paiements": _payments,
}
"""Service of the API -> reader of its answer."""
