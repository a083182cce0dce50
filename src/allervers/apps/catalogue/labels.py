"""Words of the catalogue's pages: how a right is given, ways to ask, levels, what becomes of a right, degrees."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, str | Promise]

MODES: Words = {
    "querable": _("À demander"),
    "tacit": _("Accordé sauf refus"),
    "automatic": _("Sans demande"),
}
MODES_SAID: Words = {
    "querable": _("Rien ne vient sans demande de votre part."),
    "tacit": _("L'administration le propose ou l'accorde d'elle-même ; vous pouvez refuser."),
    "automatic": _(
        "L'administration le verse ou l'ouvre d'elle-même, si elle connaît déjà votre situation. Si rien ne vient, "
        "demandez-le."
    ),
}
CHANNELS: Words = {
    "online": _("En ligne"),
    "post": _("Par courrier"),
    "counter": _("Sur place"),
    "phone": _("Par téléphone"),
}
GRADES: Words = {
    "A": _("texte ou page officielle lus"),
    "B": _("bonne source indirecte"),
    "C": _("à confirmer"),
}
LOSSES: Words = {
    "falls": _("Ces droits tombent aussi"),
    "kept_to_term": _("Ces droits sont gardés jusqu'à leur terme"),
    "to_check": _("Ces droits sont à vérifier"),
}
EDGES: Words = {
    "prerequisite": _("est nécessaire pour"),
    "automatic": _("ouvre sans demande"),
    "tacit": _("ouvre sauf refus"),
    "simplified": _("rend plus simple"),
    "opens": _("permet de demander"),
    "follows": _("peut être suivi de"),
    "excludes": _("ne se cumule pas avec"),
}
VERDICTS: Words = {
    "open": _("Ouverte selon la règle publiée"),
    "closed": _("Pas ouverte selon la règle connue"),
    "person": _("Une personne doit regarder votre situation"),
    "unknown": _("On ne peut pas encore répondre"),
}
TONES: Mapping[str, str] = {"open": "good", "closed": "", "person": "warm", "unknown": "warm"}
PER: Words = {"month": _("par mois"), "year": _("par an"), "once": _("en une fois")}
FIELDS: Words = {
    "core": _("Ensemble de la fiche"),
    "amount": _("Montant"),
    "conditions": _("Conditions"),
    "window": _("Délai pour agir"),
    "begins": _("Début du droit"),
    "channels": _("Démarches"),
    "duration": _("Durée"),
    "force": _("Existence aujourd'hui"),
    "non_take_up": _("Non-recours"),
    "breaks": _("Ce qui arrête le droit"),
    "linked": _("Droits liés"),
    "documents": _("Pièces justificatives"),
    "reference": _("Période de référence"),
    "decides": _("Qui décide"),
    "pays": _("Qui paie"),
    "warnings": _("À savoir"),
    "renewal": _("Renouvellement"),
    "requires": _("Droits à ouvrir d'abord"),
    "opens": _("Ce que le droit ouvre"),
    "incompatible": _("Ce qui ne se cumule pas"),
    "description": _("Description"),
    "sources": _("Sources"),
    "history": _("Historique"),
}
HEADINGS: Words = {
    "theme": _("Thème"),
    "public": _("Pour qui"),
    "evenement": _("Ce qui arrive"),
    "institution": _("Institution"),
}
