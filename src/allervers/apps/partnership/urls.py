"""Addresses of the application."""

from django.urls import path

from allervers.apps.partnership.domain import Side
from allervers.apps.partnership.views import access, conventions, organisations

urlpatterns = [
    path("organismes/", organisations.organisations, name="organisations"),
    path("organismes/nouveau/", organisations.organisation_new, name="organisation-new"),
    path("organismes/<slug:code>/", organisations.organisation, name="organisation"),
    path("organismes/<slug:code>/activite/", organisations.organisation_activity, name="organisation-activity"),
    path("equipes/", organisations.teams, name="teams"),
    path("equipes/nouvelle/", organisations.team_new, name="team-new"),
    path("equipes/<int:number>/", organisations.team, name="team"),
    path("conventions/", conventions.conventions, name="conventions"),
    path("conventions/nouvelle/", conventions.convention_new, name="convention-new"),
    path("conventions/<int:number>/", conventions.convention, name="convention"),
    path("conventions/<int:number>/modifier/", conventions.convention_edit, name="convention-edit"),
    path("conventions/<int:number>/fournit/", conventions.party, {"side": str(Side.GIVES)}, name="party-gives"),
    path("conventions/<int:number>/recoit/", conventions.party, {"side": str(Side.RECEIVES)}, name="party-receives"),
    path("conventions/<int:number>/parties/<int:party>/retirer/", conventions.party_remove, name="party-remove"),
    path("conventions/<int:number>/signer/", conventions.convention_sign, name="convention-sign"),
    path("conventions/<int:number>/fin/", conventions.convention_end, name="convention-end"),
    path("conventions/<int:number>/reconduire/", conventions.convention_renew, name="convention-renew"),
    path("conventions/<int:number>/habiliter/", conventions.person_name, name="person-name"),
    path(
        "conventions/<int:number>/habilitations/<int:habilitation>/retirer/",
        conventions.person_withdraw,
        name="person-withdraw",
    ),
    path("qui-voit-quoi/", access.access_matrix, name="access-matrix"),
    path("qui-voit-quoi/tableau.csv", access.access_file, name="access-file"),
]
