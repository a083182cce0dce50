"""How the register is read: the French of each action, of each sort of thing. Plain values."""

from __future__ import annotations

ACTIONS = {
    "household_viewed": "Dossier consulté",
    "line_changed": "Avancement changé",
    "line_assigned": "Ligne confiée",
    "line_given_back": "Ligne rendue à l'équipe",
    "correction_asked": "Correction demandée",
    "correction_opened": "Demande de correction ouverte",
    "correction_answered": "Correction : réponse du partenaire",
    "opposition_recorded": "Opposition enregistrée",
    "opposition_done": "Données détruites après opposition",
    "household_forgotten": "Foyer retiré des listes",
    "list_exported": "Liste exportée",
    "lists_published": "Listes publiées",
    "filter_saved": "Filtre gardé",
    "readers_listed": "Consultations communiquées",
    "register_exported": "Registre exporté",
    "accounts_exported": "Liste des comptes exportée",
    "signed_in": "Connexion",
    "signed_out": "Déconnexion",
    "sign_in_failed": "Connexion échouée",
    "session_ended": "Session fermée",
    "password_changed": "Mot de passe changé",
    "password_reset": "Mot de passe oublié, changé",
    "second_factor_added": "Double facteur enregistré",
    "second_factor_removed": "Double facteur retiré",
    "second_factor_failed": "Code faux",
    "second_factor_reset": "Double facteur retiré par l'administrateur",
    "recovery_codes_renewed": "Nouveaux codes de secours",
    "proconnect_linked": "Identité ProConnect rattachée",
    "proconnect_refused": "Connexion ProConnect refusée",
    "account_invited": "Compte proposé",
    "invitation_sent_again": "Invitation renvoyée",
    "invitation_withdrawn": "Invitation retirée",
    "account_made": "Compte ouvert",
    "account_closed": "Compte fermé",
    "account_reopened": "Compte rouvert",
    "account_role_changed": "Rôle changé",
    "keys_rotated": "Clés changées",
    "keys_forgotten": "Anciennes clés oubliées",
    "job_asked": "Travail demandé",
    "job_cancel_asked": "Arrêt d'un travail demandé",
    "job_retried": "Travail relancé",
    "job_ended": "Travail terminé",
}
"""Action of the register -> its French. One that is not here is shown under its own name."""

KINDS = {
    "household": "ménage",
    "account": "compte",
    "invitation": "invitation",
    "publication": "publication",
    "list": "liste",
    "filter": "filtre",
    "job": "travail",
    "convention": "convention",
    "organisation": "organisme",
    "team": "équipe",
    "keys": "clés",
    "register": "registre",
}


def action_label(action: str) -> str:
    """The French of an action."""
    return ACTIONS.get(action, action.replace("_", " ").capitalize())
