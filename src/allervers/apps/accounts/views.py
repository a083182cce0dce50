"""Pages of accounts: one's own, and for administrators those that they manage."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from allervers.apps.accounts import actions, queries
from allervers.apps.accounts.domain import DUTIES, INVITATION_DAYS, INVITES, LABELS, Role
from allervers.apps.accounts.exports import csv_rows
from allervers.apps.accounts.forms import AcceptForm, FilterForm, InvitationForm
from allervers.apps.accounts.permissions import AccountRequest, can_administer, for_roles
from allervers.apps.accounts.throttling import at_most
from allervers.apps.audit.actions import record
from allervers.foundation.errors import AllerVersError, InvalidInput, NotFound

PAGE_ACCOUNTS = 50
_ADMINS = (Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN)


@never_cache
@for_roles()
def account(request: AccountRequest) -> HttpResponse:
    """One's own account: who, what for, how it is protected."""
    user = request.user
    context = {
        "duty": DUTIES[Role(user.role)],
        "has_code": queries.has_second_factor(user),
        "session_count": len(queries.sessions_of(user)),
    }
    return render(request, "account/account.html", context)


@never_cache
@for_roles()
def sessions(request: AccountRequest) -> HttpResponse:
    """One's open sessions; posted, all the others are signed out."""
    if request.method == "POST":
        now = timezone.now()
        others = [s for s in queries.sessions_of(request.user) if s.session_key != request.session.session_key]
        for session in others:
            actions.end_session(acting_user=request.user, now=now, session=session)
        messages.success(request, "Les autres sessions sont fermées.")
        return redirect("usersessions_list")
    context = {"sessions": queries.sessions_of(request.user), "current": request.session.session_key}
    return render(request, "usersessions/usersession_list.html", context)


@require_POST
@for_roles()
def end_session(request: AccountRequest, session: int) -> HttpResponse:
    """Sign one of one's sessions out."""
    found = queries.session_of(request.user, session)
    actions.end_session(acting_user=request.user, now=timezone.now(), session=found)
    messages.success(request, "Cette session est fermée.")
    return redirect("usersessions_list")


@for_roles(*_ADMINS)
def accounts(request: AccountRequest) -> HttpResponse:
    """The accounts that the administrator manages, and the invitations that wait."""
    now = timezone.now()
    form = FilterForm(request.GET, request.user, _organisations(request))
    filters = form.filters()
    page = Paginator(queries.account_list(request.user, filters), PAGE_ACCOUNTS).get_page(request.GET.get("page"))
    waiting = [(one, queries.overdue(one, now)) for one in queries.invitations_of(request.user)[:100]]
    context = {"form": form, "page": page, "sort": filters.sort, "invitations": waiting, "days": INVITATION_DAYS}
    return render(request, "account/accounts.html", context)


@at_most("20/m", "accounts-export")
@for_roles(*_ADMINS)
def export(request: AccountRequest) -> HttpResponseBase:
    """The accounts asked for, in a file."""
    now = timezone.now()
    filters = FilterForm(request.GET, request.user, _organisations(request)).filters()
    found = queries.account_list(request.user, filters)
    record(
        acting_user=request.user, now=now, action="accounts_exported", kind="list", target="csv", lines=found.count()
    )
    rows = (
        (
            one.full_name, one.email, one.role_label, one.organisation or "", "ouvert" if one.is_active else "fermé",
            "oui" if getattr(one, "has_code", False) else "non", f"{one.created_at:%d/%m/%Y}",
            f"{one.closed_at:%d/%m/%Y}" if one.closed_at else "",
        )
        for one in found.iterator(chunk_size=1_000)
    )  # fmt: skip
    headings = ("Nom", "Adresse", "Rôle", "Organisme", "État", "Double facteur", "Créé le", "Fermé le")
    named = {"Content-Disposition": f'attachment; filename="comptes-{now:%Y-%m-%d}.csv"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(csv_rows(headings, rows), content_type="text/csv; charset=utf-8", headers=named)


@for_roles(*_ADMINS)
def invite(request: AccountRequest) -> HttpResponse:
    """Offer an account."""
    form = InvitationForm(request.POST if request.method == "POST" else None, request.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        organisation = given.get("organisation")
        if request.user.role == Role.ORGANISATION_ADMIN:
            organisation = request.user.organisation
        try:
            made = actions.invite(
                acting_user=request.user, now=timezone.now(), email=given["email"], full_name=given["full_name"],
                role=Role(given["role"]), organisation_id=None if organisation is None else organisation.pk,
                address=_address(request),
            )  # fmt: skip
        except InvalidInput as error:
            form.add_error("email", error.message)
        else:
            _tell_sent(request, made.pk)
            return redirect("accounts")
    duties = [(LABELS[role], DUTIES[role]) for role in INVITES[Role(request.user.role)]]
    status = 400 if form.errors else 200
    return render(request, "account/invite.html", {"form": form, "duties": duties}, status=status)


@require_POST
@for_roles(*_ADMINS)
def resend(request: AccountRequest, invitation: int) -> HttpResponse:
    """Send an invitation again, with a new link."""
    found = queries.invitation_of(request.user, invitation)
    actions.resend_invitation(acting_user=request.user, now=timezone.now(), invitation=found, address=_address(request))
    _tell_sent(request, found.pk)
    return redirect("accounts")


@require_POST
@for_roles(*_ADMINS)
def withdraw(request: AccountRequest, invitation: int) -> HttpResponse:
    """Take an invitation back."""
    found = queries.invitation_of(request.user, invitation)
    actions.withdraw_invitation(acting_user=request.user, now=timezone.now(), invitation=found)
    messages.success(request, "L'invitation est retirée : son lien n'ouvre plus rien.")
    return redirect("accounts")


@sensitive_post_parameters()
@never_cache
@at_most("30/m", "accept-invitation")
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: one's name and a password."""
    now = timezone.now()
    try:
        invitation = actions.open_invitation(token, now)
        form = AcceptForm(request.POST if request.method == "POST" else None, invitation)
        if request.method == "POST" and form.is_valid():
            actions.accept_invitation(
                now=now, token=token, full_name=form.cleaned_data["full_name"], password=form.cleaned_data["password"]
            )
            messages.success(request, "Votre compte est prêt : connectez-vous.")
            return redirect("account_login")
    except NotFound as error:
        return render(request, "account/invitation_over.html", {"message": error.message}, status=404)
    context = {"form": form, "invitation": invitation, "duty": DUTIES[Role(invitation.role)]}
    return render(request, "account/accept.html", context, status=400 if form.errors else 200)


@for_roles(*_ADMINS)
def edit(request: AccountRequest, public_id: str) -> HttpResponse:
    """One account: what it is, and what the administrator may do with it."""
    found = queries.account_of(request.user, public_id)
    may = can_administer(request.user, found)
    roles = [(str(role), LABELS[role]) for role in INVITES[Role(request.user.role)]]
    context: dict[str, Any] = {
        "account": found, "may": may, "duty": DUTIES[Role(found.role)], "has_code": queries.has_second_factor(found),
        "roles": roles if may and request.user.role == Role.ORGANISATION_ADMIN else [],
    }  # fmt: skip
    return render(request, "account/edit.html", context)


@require_POST
@for_roles(*_ADMINS)
def close(request: AccountRequest, public_id: str) -> HttpResponse:
    """Close an account."""
    found = queries.account_of(request.user, public_id)
    actions.close_account(acting_user=request.user, now=timezone.now(), account=found)
    messages.success(request, f"Le compte de {found.full_name} est fermé, ses sessions aussi.")
    return redirect("edit-account", public_id=public_id)


@require_POST
@for_roles(*_ADMINS)
def reopen(request: AccountRequest, public_id: str) -> HttpResponse:
    """Open a closed account again."""
    found = queries.account_of(request.user, public_id)
    actions.reopen_account(acting_user=request.user, now=timezone.now(), account=found)
    messages.success(request, f"Le compte de {found.full_name} est rouvert. Ses habilitations sont à redonner.")
    return redirect("edit-account", public_id=public_id)


@require_POST
@for_roles(*_ADMINS)
def reset_phone(request: AccountRequest, public_id: str) -> HttpResponse:
    """Forget the phone of someone who lost it."""
    found = queries.account_of(request.user, public_id)
    actions.reset_second_factor(acting_user=request.user, now=timezone.now(), account=found)
    messages.success(request, f"{found.full_name} enregistrera un autre téléphone à sa prochaine connexion.")
    return redirect("edit-account", public_id=public_id)


@require_POST
@for_roles(*_ADMINS)
def change_role(request: AccountRequest, public_id: str) -> HttpResponse:
    """Give another role."""
    found = queries.account_of(request.user, public_id)
    asked = request.POST.get("role", "")
    if asked not in set(Role):
        raise InvalidInput("Choisissez un rôle de la liste.")
    try:
        actions.change_role(acting_user=request.user, now=timezone.now(), account=found, role=Role(asked))
    except AllerVersError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{found.full_name} a maintenant le rôle « {LABELS[Role(asked)]} ».")
    return redirect("edit-account", public_id=public_id)


def _organisations(request: AccountRequest) -> list[tuple[str, str]]:
    return queries.organisations_with_accounts(request.user) if request.user.role == Role.PLATFORM_ADMIN else []


def _address(request: HttpRequest) -> actions.Address:
    return lambda token: request.build_absolute_uri(reverse("accept-invitation", args=[token]))


def _tell_sent(request: AccountRequest, identifier: int) -> None:
    try:
        invitation = queries.invitation_of(request.user, identifier)
    except Http404:
        return
    if invitation.sent_at is None:
        messages.error(
            request, "L'invitation est prête, mais le courriel n'est pas parti : renvoyez-la dans un moment."
        )
    else:
        messages.success(request, f"L'invitation est envoyée à {invitation.email}. Elle vaut {INVITATION_DAYS} jours.")
