"""The chain of a right in a plan, who does what, and how long things are kept. Plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median


class RightStatus(StrEnum):
    """Where a right of a plan stands."""

    DETECTED = "detected"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REQUESTED = "requested"
    GRANTED = "granted"
    REFUSED = "refused"
    PAID = "paid"


STATUS_LABELS = {
    RightStatus.DETECTED: "Repéré",
    RightStatus.PROPOSED: "Proposé",
    RightStatus.ACCEPTED: "Accepté par la personne",
    RightStatus.DECLINED: "Non souhaité par la personne",
    RightStatus.REQUESTED: "Demandé",
    RightStatus.GRANTED: "Décision : accordé",
    RightStatus.REFUSED: "Décision : refusé",
    RightStatus.PAID: "Versé ou ouvert",
}

GESTURES = {
    RightStatus.PROPOSED: "Proposer",
    RightStatus.ACCEPTED: "La personne accepte",
    RightStatus.DECLINED: "La personne ne souhaite pas",
    RightStatus.REQUESTED: "La demande est faite",
    RightStatus.GRANTED: "Accordé",
    RightStatus.REFUSED: "Refusé",
    RightStatus.PAID: "Versé ou ouvert",
}
"""What the button that leads to a status says."""

NEXT: dict[RightStatus, tuple[RightStatus, ...]] = {
    RightStatus.DETECTED: (RightStatus.PROPOSED,),
    RightStatus.PROPOSED: (RightStatus.ACCEPTED, RightStatus.DECLINED),
    RightStatus.ACCEPTED: (RightStatus.REQUESTED, RightStatus.DECLINED),
    RightStatus.DECLINED: (RightStatus.PROPOSED,),
    RightStatus.REQUESTED: (RightStatus.GRANTED, RightStatus.REFUSED),
    RightStatus.GRANTED: (RightStatus.PAID,),
    RightStatus.REFUSED: (RightStatus.REQUESTED,),
    RightStatus.PAID: (),
}
"""Steps by hand. A refusal leads to a new request or to an appeal; a choice may always be taken again."""

UNDER_WAY = (RightStatus.DETECTED, RightStatus.PROPOSED, RightStatus.ACCEPTED, RightStatus.REQUESTED,
             RightStatus.GRANTED)  # fmt: skip
"""Something is still awaited."""

WITH_PAPERS = (RightStatus.PROPOSED, RightStatus.ACCEPTED, RightStatus.REQUESTED)
"""Papers are of use to these."""


TOLD = "dit-"
"""How the mark begins of those whom no file of a partner knows."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wished of a right at the end of an interview; `status` empty: nothing, the amount alone is new.

    unit: for whom, in the files of partners, else a mark (TOLD). whose: the same in words, where several may have it.
    eur: what the interview settles, by the period of the right (month, year, once); None: it does not.
    """

    right: str
    status: str
    unit: str = ""
    whose: str = ""
    choice: str = ""
    eur: float | None = None


class Choice(StrEnum):
    """Why the person does not wish a right, if they want to say it."""

    NOT_NEEDED = "not_needed"
    TOO_COMPLEX = "too_complex"
    FEAR_OF_DEBT = "fear_of_debt"
    PRIVACY = "privacy"
    LATER = "later"
    OTHER = "other"


CHOICE_LABELS = {
    Choice.NOT_NEEDED: "La personne n'en a pas besoin",
    Choice.TOO_COMPLEX: "Les démarches lui semblent trop lourdes",
    Choice.FEAR_OF_DEBT: "Elle craint d'avoir à rembourser",
    Choice.PRIVACY: "Elle ne veut pas donner ces informations",
    Choice.LATER: "Elle préfère plus tard",
    Choice.OTHER: "Autre raison",
}


class Doer(StrEnum):
    """Who does a step."""

    PERSON = "person"
    AGENT = "agent"
    PLACE = "place"


DOER_LABELS = {Doer.PERSON: "La personne", Doer.AGENT: "L'agent", Doer.PLACE: "Un autre lieu"}


class Level(StrEnum):
    """Who reads a note."""

    SHARED = "shared"
    TEAM = "team"
    PRIVATE = "private"


LEVEL_LABELS = {
    Level.SHARED: "Partagée avec la personne",
    Level.TEAM: "Pour l'équipe",
    Level.PRIVATE: "Pour moi seul",
}


AT_COUNTER = "accueil-"
"""How the identifier begins of a household that no list shows: somebody who came, described with their agreement."""


class Origin(StrEnum):
    """What a rendez-vous des droits follows from."""

    LIST = "list"
    APPOINTMENT = "appointment"
    DOMICILIATION = "domiciliation"
    COUNTER = "counter"
    HEALTH = "health"
    OTHER = "other"


ORIGIN_LABELS = {
    Origin.LIST: "Une liste",
    Origin.APPOINTMENT: "Un rendez-vous pris",
    Origin.DOMICILIATION: "Une domiciliation",
    Origin.COUNTER: "L'accueil",
    Origin.HEALTH: "Un passage au centre de santé",
    Origin.OTHER: "Une autre démarche",
}


class Why(StrEnum):
    """Why a person is sent to another place: a closed list, so that no health nor private matter is written."""

    DECIDES = "decides"
    LEGAL = "legal"
    HOUSING = "housing"
    CARE = "care"
    SOCIAL = "social"
    DIGITAL = "digital"
    WORK = "work"


WHY_LABELS = {
    Why.DECIDES: "Ce lieu instruit la demande",
    Why.LEGAL: "Aide juridique ou recours",
    Why.HOUSING: "Logement ou hébergement",
    Why.CARE: "Accès aux soins",
    Why.SOCIAL: "Accompagnement social",
    Why.DIGITAL: "Aide aux démarches en ligne",
    Why.WORK: "Emploi et formation",
}


class ReferralState(StrEnum):
    """What became of a referral."""

    SENT = "sent"
    MET = "met"
    NOT_MET = "not_met"


REFERRAL_LABELS = {
    ReferralState.SENT: "En attente",
    ReferralState.MET: "La personne a été reçue",
    ReferralState.NOT_MET: "Sans suite",
}

PLANS_KEPT = timedelta(days=2 * 365)
"""A closed plan, or one that nobody has touched: destroyed after that time, with its notes and meetings."""

ANSWERS_KEPT = timedelta(days=183)
"""The answers of an interview are destroyed that long after its meeting is closed."""

FIGURES_OVER = timedelta(days=365)
"""Figures are those of the last twelve months."""

LEAST_MEMBERS = 3
"""A team with fewer agents is counted with the others: its figures would be those of someone."""


def allowed_after(status: str) -> tuple[RightStatus, ...]:
    """Statuses that may follow one, by hand."""
    return NEXT[RightStatus(status)]


def median_days(pairs: Sequence[tuple[date | None, date | None]]) -> float | None:
    """Median of the days between two dates, over the pairs whose both dates are known; None without any."""
    days = [(last - first).days for first, last in pairs if first is not None and last is not None and last >= first]
    return float(median(days)) if days else None
