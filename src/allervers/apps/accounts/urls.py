"""Addresses of accounts. Pages of the accounts library that are not named here are closed."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.generic import RedirectView

from allervers.apps.accounts import views


def closed(request: HttpRequest, **_: Any) -> HttpResponse:
    """A page of the library that we do not open, whose name it needs all the same."""
    del request
    raise Http404


_CLOSED = (
    "account_signup", "account_email", "account_email_verification_sent", "account_set_password",
    "account_request_login_code", "account_confirm_login_code", "account_request_reauthentication_code",
    "account_confirm_reauthentication_code", "mfa_download_recovery_codes",
)  # fmt: skip

urlpatterns = [
    path("", views.account, name="account"),
    path("connexion/", account.login, name="account_login"),
    path("login/", RedirectView.as_view(pattern_name="account_login", query_string=True), name="account_login_before"),
    path("deconnexion/", account.logout, name="account_logout"),
    path("ferme/", account.account_inactive, name="account_inactive"),
    path("confirmer/", account.reauthenticate, name="account_reauthenticate"),
    path("mot-de-passe/changer/", account.password_change, name="account_change_password"),
    path("mot-de-passe/oublie/", account.password_reset, name="account_reset_password"),
    path("mot-de-passe/oublie/envoye/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("mot-de-passe/enregistre/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("double-facteur/", second_factor.index, name="mfa_index"),
    path("double-facteur/code/", second_factor.authenticate, name="mfa_authenticate"),
    path("double-facteur/confirmer/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("double-facteur/activer/", totp.activate_totp, name="mfa_activate_totp"),
    path("double-facteur/retirer/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("double-facteur/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("double-facteur/codes/nouveaux/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("sessions/", views.sessions, name="usersessions_list"),
    path("sessions/<int:session>/fermer/", views.end_session, name="end-session"),
    path("invitation/<str:token>/", views.accept, name="accept-invitation"),
    path("comptes/", views.accounts, name="accounts"),
    path("comptes/export.csv", views.export, name="accounts-export"),
    path("comptes/inviter/", views.invite, name="invite"),
    path("comptes/invitations/<int:invitation>/renvoyer/", views.resend, name="resend-invitation"),
    path("comptes/invitations/<int:invitation>/retirer/", views.withdraw, name="withdraw-invitation"),
    path("comptes/<str:public_id>/", views.edit, name="edit-account"),
    path("comptes/<str:public_id>/fermer/", views.close, name="close-account"),
    path("comptes/<str:public_id>/rouvrir/", views.reopen, name="reopen-account"),
    path("comptes/<str:public_id>/telephone/", views.reset_phone, name="reset-phone"),
    path("comptes/<str:public_id>/role/", views.change_role, name="change-role"),
    *(path(f"non-ouvert/{name}/", closed, name=name) for name in _CLOSED),
    path("non-ouvert/account_confirm_email/<str:key>/", closed, name="account_confirm_email"),
]
