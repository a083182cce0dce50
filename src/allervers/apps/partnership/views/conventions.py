"""Pages of conventions: the list, one convention in plain words, and what may be done with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allervers.apps.accounts.domain import SEES_PERSONS, Role
from allervers.apps.accounts.models import User
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.partnership import permissions, queries
from allervers.apps.partnership.actions import conventions as actions
from allervers.apps.partnership.actions import habilitations
from allervers.apps.partnership.actions.conventions import SIGNED
from allervers.apps.partnership.domain import CATEGORY_LABELS, STATE_LABELS, Category, Side
from allervers.apps.partnership.forms import ConventionForm, EndForm, PartyForm
from allervers.apps.partnership.labels import event_label, format_label, in_order, right_label
from allervers.apps.partnership.models import Convention, Organisation, Party
from allervers.apps.partnership.views.organisations import PAGE_LINES, refused_in_form
from allervers.foundation.errors import Conflict, InvalidInput, Refused

_ADMINS = (Role.ORGANISATION_ADMIN, Role.PLATFORM_ADMIN)


@require_safe
@for_roles()
def conventions(request: AccountRequest) -> HttpResponse:
    """The conventions that concern the person, with their state."""
    today = timezone.localdate()
    page = Paginator(queries.conventions_of(request.user), PAGE_LINES).get_page(request.GET.get("page"))
    rows = [(one, one.state_on(today), STATE_LABELS[one.state_on(today)]) for one in page]
    context = {"page": page, "rows": rows, "can_draft": permissions.can_draft(request.user)}
    return render(request, "partnership/conventions.html", context)


@require_safe
@for_roles()
def convention(request: AccountRequest, number: int) -> HttpResponse:
    """One convention, in plain words."""
    found, user, today = queries.convention_of(request.user, number), request.user, timezone.localdate()
    state = found.state_on(today)
    can_name = permissions.can_name(user, found)
    named = [one for one in found.habilitations.all() if user.role == Role.PLATFORM_ADMIN or _is_of(user, one.user)]
    parties = list(found.parties.all())
    context: dict[str, Any] = {
        "convention": found, "state": state, "state_label": STATE_LABELS[state], "today": today,
        "parties": [_party_in_words(party) for party in parties],
        "can_edit": permissions.can_edit(user, found), "can_steer": permissions.can_steer(user, found),
        "can_sign": found.signed_on is None and any(p.signed_at is None and _may_sign(user, p) for p in parties),
        "can_name": can_name, "named": named, "others": len(found.habilitations.all()) - len(named),
        "people": _may_be_named(user, found, today) if can_name else [],
        "end_form": EndForm(initial={"ends_on": today}),
    }  # fmt: skip
    return render(request, "partnership/convention.html", context)


def _may_sign(user: User, party: Party) -> bool:
    return user.role in _ADMINS and permissions.can_sign(user, party)


def _is_of(user: User, other: User) -> bool:
    return other.organisation_id == user.organisation_id


def _may_be_named(user: User, convention: Convention, today: Any) -> list[User]:
    already = [h.user_id for h in convention.habilitations.all() if h.ends_on is None or h.ends_on > today]
    people = User.objects.filter(organisation=user.organisation_id, is_active=True, role__in=SEES_PERSONS)
    return list(people.exclude(pk__in=already).order_by("full_name"))


def _party_in_words(party: Party) -> dict[str, Any]:
    return {
        "party": party,
        "gives": party.side == Side.GIVES,
        "categories": [label for category, label in CATEGORY_LABELS.items() if category in party.categories],
        "formats": [format_label(name) for name in party.formats],
        "excluded": [_column(name) for name in party.excluded],
        "rights": sorted(map(right_label, party.rights), key=in_order),
        "events": sorted(map(event_label, party.events), key=in_order),
    }


def _column(name: str) -> str:
    category, _dot, column = name.partition(".")
    return f"{CATEGORY_LABELS[Category(category)]} : {column}"


@for_roles(*_ADMINS)
def convention_new(request: AccountRequest) -> HttpResponse:
    """Prepare a convention."""
    form = ConventionForm(request.POST or None, None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.draft_convention(acting_user=request.user, now=timezone.now(), terms=form.terms())
        except (InvalidInput, Refused) as error:
            refused_in_form(form, error)
        else:
            messages.success(request, _("Le brouillon est fait. Dites maintenant qui fournit et qui reçoit quoi."))
            return redirect("convention", number=made.pk)
    context = {"form": form, "title": _("Nouvelle convention"), "back": "conventions"}
    return render(request, "partnership/form.html", context)


@for_roles(*_ADMINS)
def convention_edit(request: AccountRequest, number: int) -> HttpResponse:
    """Change the terms of a draft."""
    found = _draft(request, number)
    form = ConventionForm(request.POST or None, found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_draft(
                acting_user=request.user, now=timezone.now(), convention=found,
                version=form.cleaned_data["version"] or 0, terms=form.terms(),
            )  # fmt: skip
        except (InvalidInput, Conflict) as error:
            refused_in_form(form, error)
        else:
            messages.success(request, _("Le brouillon est enregistré."))
            return redirect("convention", number=number)
    context = {"form": form, "title": found.reference, "back_to": reverse("convention", args=[number])}
    return render(request, "partnership/form.html", context)


@for_roles(*_ADMINS)
def party(request: AccountRequest, number: int, side: str) -> HttpResponse:
    """Say what an organisation gives, or receives, under a draft."""
    found = _draft(request, number)
    parties = {str(p.organisation_id): p for p in found.parties.all() if p.side == side}
    chosen = parties.get(request.GET.get("organisme", ""))
    organisations = list(Organisation.objects.filter(is_active=True))
    form = PartyForm(request.POST or None, side, organisations, chosen, found.version)
    if request.method == "POST" and form.is_valid():
        organisation, exchange = form.chosen()
        try:
            actions.set_party(
                acting_user=request.user, now=timezone.now(), convention=found, version=form.cleaned_data["version"],
                organisation=organisation, side=side, exchange=exchange,
            )  # fmt: skip
        except (InvalidInput, Conflict) as error:
            refused_in_form(form, error)
        else:
            messages.success(request, _("C'est enregistré ; les signatures déjà données sont à refaire."))
            return redirect("convention", number=number)
    title = _("Ce qu'un organisme fournit") if side == Side.GIVES else _("Ce qu'un organisme reçoit")
    context = {"form": form, "title": title, "back_to": reverse("convention", args=[number])}
    return render(request, "partnership/form.html", context)


@require_POST
@for_roles(*_ADMINS)
def party_remove(request: AccountRequest, number: int, party: int) -> HttpResponse:
    """Take a side out of a draft."""
    found = _draft(request, number)
    side = next((one for one in found.parties.all() if one.pk == party), None)
    if side is not None:
        actions.remove_party(
            acting_user=request.user, now=timezone.now(), convention=found, version=_version(request), party=side
        )
        messages.success(request, _("C'est retiré."))
    return redirect("convention", number=number)


@require_POST
@for_roles(*_ADMINS)
def convention_sign(request: AccountRequest, number: int) -> HttpResponse:
    """Sign for one's organisation."""
    found = queries.convention_of(request.user, number)
    signed = actions.sign(
        acting_user=request.user, now=timezone.now(), today=timezone.localdate(), convention=found,
        version=_version(request),
    )  # fmt: skip
    whole = signed.signed_on is not None
    messages.success(
        request,
        _("Toutes les parties ont signé : le texte ne change plus.")
        if whole
        else _("Votre signature est enregistrée ; il manque celle d'une autre partie."),
    )
    return redirect("convention", number=number)


@require_POST
@for_roles(*_ADMINS)
def convention_end(request: AccountRequest, number: int) -> HttpResponse:
    """End a convention before its term."""
    found = queries.convention_of(request.user, number)
    form = EndForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Donnez le jour de la fin, et confirmez que tous les organismes perdent l'accès.")
    actions.end_early(
        acting_user=request.user, now=timezone.now(), today=timezone.localdate(), convention=found,
        ends_on=form.cleaned_data["ends_on"],
    )  # fmt: skip
    messages.success(request, _("La fin est enregistrée : ce jour-là, plus rien n'est ouvert."))
    return redirect("convention", number=number)


@require_POST
@for_roles(*_ADMINS)
def convention_renew(request: AccountRequest, number: int) -> HttpResponse:
    """Copy a convention into a draft that follows it."""
    found = queries.convention_of(request.user, number)
    draft = actions.renew(acting_user=request.user, now=timezone.now(), today=timezone.localdate(), convention=found)
    messages.success(request, _("Voici le brouillon qui lui fait suite : relisez-le, puis signez."))
    return redirect("convention", number=draft.pk)


@require_POST
@for_roles(Role.ORGANISATION_ADMIN)
def person_name(request: AccountRequest, number: int) -> HttpResponse:
    """Name a person of one's organisation."""
    found = queries.convention_of(request.user, number)
    asked = request.POST.get("person", "")
    people = User.objects.filter(organisation=request.user.organisation_id)
    named = people.filter(pk=int(asked)).first() if asked.isdigit() else None
    if named is None:
        raise InvalidInput("Choisissez la personne à habiliter.")
    habilitations.name_person(
        acting_user=request.user, now=timezone.now(), today=timezone.localdate(), convention=found, named=named
    )
    messages.success(request, _("La personne est habilitée."))
    return redirect("convention", number=number)


@require_POST
@for_roles(Role.ORGANISATION_ADMIN)
def person_withdraw(request: AccountRequest, number: int, habilitation: int) -> HttpResponse:
    """Take back a habilitation."""
    found = queries.convention_of(request.user, number)
    named = next((one for one in found.habilitations.all() if one.pk == habilitation), None)
    if named is None or not _is_of(request.user, named.user):
        raise Http404
    habilitations.withdraw_person(
        acting_user=request.user, now=timezone.now(), today=timezone.localdate(), habilitation=named
    )
    messages.success(request, _("L'habilitation est retirée : l'accès est fermé."))
    return redirect("convention", number=number)


def _draft(request: AccountRequest, number: int) -> Convention:
    found = queries.convention_of(request.user, number)
    if not permissions.can_edit(request.user, found):
        raise Refused(SIGNED)
    return found


def _version(request: AccountRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isdigit() else -1
