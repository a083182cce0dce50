"""Pages of organisations (the platform's) and of teams (each organisation's own)."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.models import User
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.partnership import queries
from allervers.apps.partnership.actions import organisations as actions
from allervers.apps.partnership.forms import OrganisationChangeForm, OrganisationForm, PlainForm, TeamForm
from allervers.apps.partnership.models import Team
from allervers.foundation.errors import Conflict, InvalidInput, Refused

PAGE_LINES = 50


def refused_in_form(form: PlainForm, error: InvalidInput | Refused | Conflict) -> None:
    """Show what an action refused above the form, with what was typed left in place."""
    form.add_error(None, error.message)


@require_safe
@for_roles(Role.PLATFORM_ADMIN)
def organisations(request: AccountRequest) -> HttpResponse:
    """Every organisation."""
    found = queries.organisations_of(request.user).annotate(people=Count("accounts", distinct=True))
    page = Paginator(found.order_by("-is_active", "name"), PAGE_LINES).get_page(request.GET.get("page"))
    return render(request, "partnership/organisations.html", {"page": page})


@for_roles(Role.PLATFORM_ADMIN)
def organisation_new(request: AccountRequest) -> HttpResponse:
    """Create an organisation."""
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_organisation(acting_user=request.user, now=timezone.now(), **form.cleaned_data)
        except InvalidInput as error:
            refused_in_form(form, error)
        else:
            messages.success(request, _("L'organisme est créé. Invitez maintenant son administrateur."))
            return redirect("organisation", code=made.code)
    return _form(request, form, _("Nouvel organisme"))


@for_roles(Role.PLATFORM_ADMIN)
def organisation(request: AccountRequest, code: str) -> HttpResponse:
    """Rename an organisation, change its contact, deactivate it."""
    found = queries.organisation_of(request.user, code)
    fields = {name: getattr(found, name) for name in ("name", "kind", "dpo_contact", "version")}
    form = OrganisationChangeForm(request.POST or None, initial=fields)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_organisation(
                acting_user=request.user, now=timezone.now(), organisation=found, **form.cleaned_data
            )
        except (InvalidInput, Conflict) as error:
            refused_in_form(form, error)
        else:
            messages.success(request, _("C'est enregistré."))
            return redirect("organisation", code=code)
    return render(request, "partnership/organisation.html", {"form": form, "organisation": found})


@require_POST
@for_roles(Role.PLATFORM_ADMIN)
def organisation_activity(request: AccountRequest, code: str) -> HttpResponse:
    """Deactivate or activate an organisation."""
    found = queries.organisation_of(request.user, code)
    is_active = request.POST.get("active") == "1"
    actions.set_organisation_active(
        acting_user=request.user, now=timezone.now(), organisation=found, is_active=is_active
    )
    messages.success(request, _("L'organisme est actif.") if is_active else _("L'organisme est désactivé."))
    return redirect("organisation", code=code)


@require_safe
@for_roles(Role.ORGANISATION_ADMIN)
def teams(request: AccountRequest) -> HttpResponse:
    """The teams of the organisation."""
    page = Paginator(queries.teams_of(request.user), PAGE_LINES).get_page(request.GET.get("page"))
    return render(request, "partnership/teams.html", {"page": page})


@for_roles(Role.ORGANISATION_ADMIN)
def team_new(request: AccountRequest) -> HttpResponse:
    """Make a team."""
    return _team(request, None)


@for_roles(Role.ORGANISATION_ADMIN)
def team(request: AccountRequest, number: int) -> HttpResponse:
    """Change a team."""
    return _team(request, queries.team_of(request.user, number))


def _team(request: AccountRequest, found: Team | None) -> HttpResponse:
    people = User.objects.filter(organisation=request.user.organisation_id, is_active=True).order_by("full_name")
    form = TeamForm(request.POST or None, list(people), found)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("name", "communes", "rights", "events", "capacity")}
        try:
            actions.save_team(
                acting_user=request.user, now=timezone.now(), team=found, members=form.chosen_members(),
                version=form.cleaned_data["version"] or 0, **given,
            )  # fmt: skip
        except (InvalidInput, Conflict) as error:
            refused_in_form(form, error)
        else:
            messages.success(request, _("L'équipe est enregistrée : ce que ses membres voient change aussitôt."))
            return redirect("teams")
    title = _("Nouvelle équipe") if found is None else found.name
    return _form(request, form, title, back="teams")


def _form(request: AccountRequest, form: PlainForm, title: str, back: str = "organisations") -> HttpResponse:
    return render(request, "partnership/form.html", {"form": form, "title": title, "back": back})
