"""Persons of the Cnaf RSA flow: identity, role, activity, pregnancy, monthly resources."""

from __future__ import annotations

from datetime import date

from allervers.extracts.formats.cnaf_codes import resource_nature, value_of
from allervers.extracts.formats.cnaf_flow import Dossier, FlowHeader, Row, read_code
from allervers.extracts.identity.nir import NirStatus, check_nir
from allervers.extracts.rows import IDENTITIES, CollectedRows, RowProblem
from allervers.extracts.xml_flow import Block
from allervers.foundation.periods import Month, months_between


def read_person(block: Block, dossier: Dossier, home: Row, family: Row) -> str | None:
    """Add the rows of a person. `home`: identity columns of the address; `family`: columns for the adults alone.

    returns: their role in the RSA dossier, None when it cannot be read.
    """
    identity = block.one("Identification")
    role = _role(block)
    if identity is None:
        return role
    born_on = identity.day("DTNAI")
    named = _identity(identity, born_on, dossier.rows)
    person = f"{dossier.number}-{_person_mark(named, identity)}"
    dossier.rows.add(IDENTITIES, person_number=person, **named, **home)
    adult = role in ("demandeur", "conjoint")
    dossier.rows.add(
        "personnes", person_number=person, dossier_number=dossier.number, role=role, date_naissance=born_on,
        activite=_activity(block, dossier.header), grossesse_terme=_pregnancy(block),
        reach_letter=True if home["adresse"] else None, **(family if adult else {}),
    )  # fmt: skip
    partial = value_of("TYPEDTNAI", read_code(identity, "TYPEDTNAI", required=False, longest=1))
    if partial is not None:
        dossier.rows.add("signaux", person_number=person, signal="date_naissance_partielle", detail=partial)
    _read_resources(block, person, dossier.rows)
    return role


def _role(block: Block) -> str | None:
    roles = [
        read_code(prestation, "ROLEPERS")
        for prestation in block.many("Prestations", at_least=1)
        if read_code(prestation, "NATPREST") == "RSA"
    ]
    if len(roles) != 1:
        block.refuse("Prestations", "role_rsa_absent", "La personne doit avoir un rôle RSA, et un seul.")
        return None
    return value_of("ROLEPERS", roles[0])


def _identity(block: Block, born_on: date | None, rows: CollectedRows) -> Row:
    given = [block.text(name, required=name == "PRENOM", longest=32) for name in ("PRENOM", "PRENOM2", "PRENOM3")]
    family_name, birth_name = block.text("NOM", longest=28), block.text("NOMNAI", longest=28)
    checked = check_nir(block.text("NIR", required=False, longest=15))
    if checked.status is NirStatus.INVALID:
        line = block.children["NIR"][0].sourceline or 0
        message = "NIR illisible (valeur masquée) : la personne est gardée sans son NIR."
        rows.errors.append(RowProblem(line, "NIR", "nir_invalide", message))
    return {
        "nir": checked.number,
        "nom_naissance": birth_name,
        "nom_usage": family_name if family_name != birth_name else None,
        "prenoms": " ".join(name for name in given if name) or None,
        "date_naissance": born_on,
        "sexe": read_code(block, "SEXE", longest=1),
        "commune_naissance": block.text("NOMCOMNAI", required=False, longest=26),
    }


def _person_mark(named: Row, block: Block) -> str:
    """What tells a person from the rest of the dossier, from month to month: NIR, else birth and first name."""
    if named["nir"]:
        return str(named["nir"])
    rank = block.whole("RGNAI", required=False)
    return f"{named['date_naissance']}-{named['prenoms']}-{rank or 0}"


def _activity(block: Block, header: FlowHeader) -> str | None:
    """Activity under way at the date of reference: the one begun last. Null when its code says nothing."""
    current: list[tuple[date, str]] = []
    for activity in block.many("Activite"):
        code, since = read_code(activity, "ACT"), activity.day("DDACT")
        until = activity.day("DFACT", required=False)
        if code and since and (until is None or until >= header.reference_on):
            current.append((since, code))
    return value_of("ACT", max(current)[1]) if current else None


def _pregnancy(block: Block) -> date | None:
    """Expected end of a pregnancy under way: DFGRO, else nine months after its start. Null once it has ended."""
    pregnancy = block.one("Grossesse", required=False)
    if pregnancy is None:
        return None
    start, end = pregnancy.day("DDGRO"), pregnancy.day("DFGRO", required=False)
    if read_code(pregnancy, "NATFINGRO", required=False, longest=1) or start is None:
        return None
    term = Month.of(start) + 9
    return end or date(term.year, term.month, min(start.day, term.last_day.day))


def _read_resources(block: Block, person: str, rows: CollectedRows) -> None:
    """Monthly net amounts summed by nature; a quarter declared without resources gives known zeros (cnaf_000)."""
    resources = block.one("Ressources", required=False)
    if resources is None:
        return
    amounts: dict[tuple[str, str], float] = {}
    quarter = resources.one("GeneraliteRessourcesTrimestre")
    if quarter is not None:
        first_on, last_on = quarter.day("DDRESS"), quarter.day("DFRESS")
        if quarter.flag("TOPRESSNUL") and first_on and last_on:
            if (last_on - first_on).days > 370:
                quarter.refuse("DFRESS", "periode_trop_longue", "La période des ressources dépasse un an.")
                return
            nil = resource_nature("000")
            amounts = {(str(month), nil): 0.0 for month in months_between(Month.of(first_on), Month.of(last_on))}
    for monthly in resources.many("RessourcesMensuelles"):
        general = monthly.one("GeneraliteRessourcesMensuelles")
        month_on = general.day("MOISRESS") if general else None
        for detail in monthly.many("DetailRessourcesMensuelles", at_least=1):
            code, amount = detail.text("NATRESS", longest=3, shape=r"\d{3}"), detail.euros("MTNATRESSMEN")
            if code and amount is not None and month_on:
                key = (str(Month.of(month_on)), resource_nature(code))
                amounts[key] = round(amounts.get(key, 0.0) + amount, 2)
    for (month, nature), amount in amounts.items():
        rows.add("ressources", person_number=person, period=month, nature=nature, net=amount)
