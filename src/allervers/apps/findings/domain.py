"""What becomes of a line of the lists, and the reasons for which one is set aside. Plain values."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a line is about."""

    RIGHT = "right"
    EVENT = "event"


KIND_LABELS = {Kind.RIGHT: "Droit non reçu", Kind.EVENT: "Événement ou échéance"}


class Progress(StrEnum):
    """Where the work on a line stands."""

    TO_DO = "to_do"
    ASSIGNED = "assigned"
    IN_CHARGE = "in_charge"
    SETTLED = "settled"
    NOT_RELEVANT = "not_relevant"
    WRONG_DATA = "wrong_data"


PROGRESS_LABELS = {
    Progress.TO_DO: "À traiter",
    Progress.ASSIGNED: "Attribué",
    Progress.IN_CHARGE: "Pris en charge",
    Progress.SETTLED: "Terminé",
    Progress.NOT_RELEVANT: "Sans objet",
    Progress.WRONG_DATA: "Donnée à corriger",
}

CHANNEL_LABELS = {"letter": "Courrier", "phone": "Téléphone", "sms": "SMS", "email": "Courriel"}
"""How a person may be reached, as detection names it."""

NO_CHANNEL, UNKNOWN_CHANNEL = "none", "unknown"
"""What is asked of a list beside the channels: partners say that there is none, or do not say."""

OPEN = (Progress.TO_DO, Progress.ASSIGNED, Progress.IN_CHARGE)

REPORTED = (Progress.SETTLED, Progress.NOT_RELEVANT)
"""What a program may say of a line: how the work ended, never that it does the work."""


class Reason(StrEnum):
    """Why a line is not relevant: a closed list, which feeds the measured precision of the rule."""

    ALREADY_RECEIVED = "already_received"
    CLAIM_UNDER_WAY = "claim_under_way"
    NOT_ENTITLED = "not_entitled"
    DECLINED = "declined"
    MOVED = "moved"
    UNREACHABLE = "unreachable"


REASON_LABELS = {
    Reason.ALREADY_RECEIVED: "Le droit est déjà reçu",
    Reason.CLAIM_UNDER_WAY: "Une demande est déjà en cours",
    Reason.NOT_ENTITLED: "La personne n'y a pas droit",
    Reason.DECLINED: "La personne ne le souhaite pas",
    Reason.MOVED: "La personne a quitté le territoire",
    Reason.UNREACHABLE: "La personne n'a pas pu être jointe",
}

TELLS_FALSE = (Reason.ALREADY_RECEIVED, Reason.NOT_ENTITLED)
"""Reasons that say that the rule was wrong. A person who declines or moved was rightly detected."""

TELLS_TRUE = (Reason.DECLINED, Reason.CLAIM_UNDER_WAY)
"""Reasons that say that the rule was right."""
