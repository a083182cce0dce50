"""Cnaf flow "RSA bénéficiaires" VRSB0801 (XML, one block per family) into canonical records.

Layout, codes and choices: docs/formats/cnaf_rsa_vrsb0801.md. A wrong dossier is a row error; a wrong flow is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from allervers.extracts.formats.cnaf_codes import value_of
from allervers.extracts.formats.cnaf_flow import (
    Dossier,
    FlowHeader,
    Row,
    check_counts,
    read_code,
    read_header,
)
from allervers.extracts.formats.cnaf_persons import read_person
from allervers.extracts.rows import CollectedRows
from allervers.extracts.xml_flow import Block, stream_blocks
from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month

ROOT = "Racine"
HEADER, DOSSIER, COUNTS = "IdentificationFlux", "InfosFoyerRSA", "TransmissionFlux"
DOSSIERS_PER_BATCH = 2_000

_COMMUNE = r"\d{5}|2[AB]\d{3}"
_DOSSIER_STATES = {"2": "actif", "3": "suspendu", "4": "suspendu", "5": "radie", "6": "radie"}
_OPEN_STATES = frozenset("234")


def read_rows(
    path: Path, *, dossiers_per_batch: int = DOSSIERS_PER_BATCH
) -> Iterator[tuple[FlowHeader, CollectedRows]]:
    """Read the flow as batches of rows. What was given must be dropped if the iteration raises.

    raises: InvalidInput when the flow is malformed, cut, of another layout, or when its announced count is not met.
    """
    header: FlowHeader | None = None
    pending, flow = CollectedRows(), _Flow()
    closed = False
    for element in stream_blocks(path, root=ROOT, blocks=frozenset({HEADER, DOSSIER, COUNTS})):
        if closed or (header is None) != (element.tag == HEADER):
            raise InvalidInput(
                "L'ordre des blocs du flux n'est pas celui du format VRSB0801.", line=element.sourceline, at=element.tag
            )
        if header is None:
            header = read_header(element)
        elif element.tag == COUNTS:
            check_counts(Block(element, []), flow.count, header)
            closed = True
        else:
            pending.absorb(flow.read(element, header))
            if flow.count % dossiers_per_batch == 0:
                yield header, pending
                pending = CollectedRows()
    if header is None or not closed:
        raise InvalidInput("Le flux n'a pas son bloc de début ou de fin : il est incomplet, rien n'est importé.")
    yield header, pending


@dataclass(slots=True)
class _Flow:
    """What must hold across the dossiers of one flow: one organisme, each matricule once."""

    count: int = 0
    organisme: tuple[str | None, str | None] | None = None
    seen: set[str] = field(default_factory=set)

    def read(self, element: Any, header: FlowHeader) -> CollectedRows:
        """Rows of a dossier; its errors alone when it is refused."""
        self.count += 1
        rows = CollectedRows(dossiers=1)
        block = Block(element, [])
        number = self._number(block)
        _read_dossier(block, Dossier(number or "", header, rows))
        if block.errors:
            return CollectedRows(errors=rows.errors + block.errors, dossiers=1, refused=1)
        self.seen.add(number or "")
        return rows

    def _number(self, block: Block) -> str | None:
        identification = block.one("IdentificationRSA")
        organisme = identification.one("Organisme") if identification else None
        if organisme is None:
            return None
        code = (organisme.text("FONORG", longest=3), organisme.text("NUMORG", longest=3))
        self.organisme = self.organisme or code
        if code != self.organisme:
            organisme.refuse("NUMORG", "organisme_different", "Le dossier n'est pas du même organisme que le flux.")
        number = dossier_number(organisme.text("MATRICULE", longest=15, shape=r"\d{1,15}"))
        if number in self.seen:
            organisme.refuse("MATRICULE", "dossier_repete", "Ce matricule est déjà présent dans le flux.")
        return number


def dossier_number(matricule: str | None) -> str | None:
    """Number of the allocataire: the 15 digits of the flow are 7 digits followed by 8 zeros; otherwise, as given."""
    if matricule is not None and len(matricule) == 15 and matricule.endswith("0" * 8):
        return matricule[:7]
    return matricule


def _read_dossier(block: Block, dossier: Dossier) -> None:
    home = _address(block)
    family = home.pop("family")
    state, detail = _situation(block)
    homeless = None
    if detail is not None:
        common = detail.one("TroncCommunDroitRSA")
        homeless = common.flag("TOPSANSDOMFIXE") if common else None
    demandeurs = 0
    for person in block.many("Personne", at_least=1):
        demandeurs += read_person(person, dossier, home, family) == "demandeur"
    if demandeurs > 1:
        block.refuse("ROLEPERS", "demandeurs_multiples", "Le dossier a plusieurs demandeurs du RSA.")
    dossier.rows.add(
        "dossiers", dossier_number=dossier.number, code_insee=home["code_insee"],
        statut_logement="sans_domicile" if homeless else None,
        etat=_DOSSIER_STATES.get(state.code if state else ""),
    )  # fmt: skip
    if state is not None and detail is not None:
        _read_right(block, state, detail, dossier)


@dataclass(slots=True)
class _State:
    """State of the RSA dossier: code ETATDOSRSA, main motive and its date, end, and (signal, motive, since) rows."""

    code: str
    motive: str | None = None
    end_on: date | None = None
    signals: list[tuple[str, str, date | None]] = field(default_factory=list)


def _situation(block: Block) -> tuple[_State | None, Block | None]:
    prestation = block.one("PrestationRSA")
    if prestation is None:
        return None, None
    situation, detail = prestation.one("SituationDossierRSA"), prestation.one("DetailDroitRSA")
    holder = situation.one("EtatDossierRSA") if situation else None
    code = read_code(holder, "ETATDOSRSA", longest=1) if holder else None
    if situation is None or code is None:
        return None, detail
    state = _State(code)
    for refusal in filter(None, [situation.one("Refus", required=False)]):
        state.motive, state.end_on = read_code(refusal, "MOTIREFURSA"), refusal.day("DTREFURSA")
    for suspension in situation.many("SuspensionDroit"):
        _add_suspension(state, suspension, "MOTISUSDRORSA", "DDSUSDRORSA", "suspension_droit")
    for suspension in situation.many("SuspensionVersement"):
        _add_suspension(state, suspension, "MOTISUSVERSRSA", "DDSUSVERSRSA", "suspension_versement")
    for name in ("FinDroit", "FinDroitMoisAnterieur"):
        for end in filter(None, [situation.one(name, required=False)]):
            state.motive, state.end_on = read_code(end, "MOTICLORSA"), end.day("DTCLORSA")
    return state, detail


def _add_suspension(state: _State, block: Block, motive_name: str, since_name: str, signal: str) -> None:
    """A missing declaration is the motive that someone can act on: it is kept first, and has its own signal."""
    motive, since = read_code(block, motive_name, longest=2), block.day(since_name)
    if motive is None:
        return
    own = value_of(motive_name, motive)
    state.signals.append((own or signal, motive, since))
    if own or state.motive is None:
        state.motive = motive


def _read_right(block: Block, state: _State, detail: Block, dossier: Dossier) -> None:
    rows, number = dossier.rows, dossier.number
    identification = block.one("IdentificationRSA")
    demande = identification.one("DemandeRSA") if identification else None
    asked_on = demande.day("DTDEMRSA") if demande else None
    amounts = detail.one("MontantsCalculDroitRSA", required=False)
    amount = amounts.euros("MTTOTDRORSA") if amounts else None
    etat = value_of("ETATDOSRSA", state.code)
    if etat == "refuse":
        etat = value_of("MOTIREFURSA", state.motive) or etat
    rows.add(
        "droits", dossier_number=number, prestation="rsa", etat=etat, motif=state.motive, debut_on=asked_on,
        fin_on=state.end_on, montant=amount,
    )  # fmt: skip
    for signal, motive, since in state.signals:
        rows.add("signaux", dossier_number=number, signal=signal, since_on=since, detail=motive)
    if state.code in _OPEN_STATES and asked_on is not None and asked_on >= (dossier.header.month - 1).first_day:
        rows.add("signaux", dossier_number=number, signal="nouveau_rsa", since_on=asked_on, detail=state.code)
    _read_payments(detail, dossier, payable=state.code == "2")


def _read_payments(detail: Block, dossier: Dossier, payable: bool) -> None:
    """Amounts by nature of RSA, summed by benefit and last payable month.

    A month that is not said is the month of the flow if the dossier is payable (state 2); otherwise nothing was paid.
    """
    paid: dict[tuple[str, str], float] = {}
    for part in detail.many("DetailCalculDroitRSA"):
        nature, amount = read_code(part, "NATPF"), part.euros("MTRSAVERS", required=False)
        last_on = part.day("DTDERRSAVERS", required=False)
        if nature is None or amount is None or not (last_on or payable):
            continue
        month = str(Month.of(last_on)) if last_on else str(dossier.header.month)
        key = (value_of("NATPF", nature) or f"cnaf_{nature.lower()}", month)
        paid[key] = round(paid.get(key, 0.0) + amount, 2)
    for (benefit, month), amount in paid.items():
        dossier.rows.add("paiements", dossier_number=dossier.number, prestation=benefit, month=month, montant=amount)


def _address(block: Block) -> Row:
    """Commune, postal code and text of the last address (RGADR 01), and the family situation under `family`."""
    home: Row = {"code_insee": None, "code_postal": None, "adresse": None, "family": {}}
    administrative = block.one("DonneesAdministratives")
    if administrative is None:
        return home
    situation = administrative.one("SituationFamille")
    if situation is not None:
        code, since = read_code(situation, "SITFAM"), situation.day("DDSITFAM")
        home["family"] = {
            "situation_familiale": value_of("SITFAM", code), "situation_familiale_depuis": since,
        }  # fmt: skip
    for address in administrative.many("Adresse", at_least=1):
        common, french = address.one("TroncCommunAdresse"), address.one("AdresseDetailleeFrance", required=False)
        rank = common.whole("RGADR") if common else None
        if french is not None and rank == 1:
            home |= _french_address(french)
    return home


def _french_address(block: Block) -> Row:
    names = ("COMPLIDEADR", "COMPLADR", "NUMVOIE", "LIBTYPEVOIE", "NOMVOIE", "LIEUDIST")
    parts = [block.text(name, required=False, longest=38) for name in names]
    return {
        "code_insee": block.text("NUMCOM", longest=5, shape=_COMMUNE),
        "code_postal": block.text("CODEPOS", longest=5, shape=r"\d{5}"),
        "adresse": " ".join(part for part in parts if part) or None,
    }
