"""Who may open which sort of page: by role. The finer questions belong to each application."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from allervers.apps.accounts.domain import INVITES, Role
from allervers.apps.accounts.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class AccountRequest(HttpRequest):
    """A request whose account is known and open."""

    user: User


def for_roles(*roles: Role) -> Callable[[View], View]:
    """Open a page to these roles (all of them when none is named); others are refused, strangers sent to sign in."""

    def decorated(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not user.is_authenticated:
                return cast(HttpResponse, redirect_to_login(request.get_full_path()))
            if roles and user.role not in roles:
                raise PermissionDenied("Votre rôle n'ouvre pas cette page.")
            return view(request, *args, **kwargs)

        guarded.roles = roles or tuple(Role)  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorated


def can_administer(user: User, account: User) -> bool:
    """An administrator manages the accounts of the roles that they offer: those of their organisation, or for the
    platform those of administrators. Nobody manages their own.
    """
    if user.pk == account.pk or not user.is_active:
        return False
    return can_offer(user, Role(account.role), account.organisation_id)


def can_offer(user: User, role: Role, organisation_id: int | None) -> bool:
    """Whether an administrator may offer this role in this organisation (none: the platform)."""
    if not user.is_active or role not in INVITES.get(Role(user.role), ()):
        return False
    if user.role == Role.PLATFORM_ADMIN:
        return (organisation_id is None) == (role == Role.PLATFORM_ADMIN)
    return organisation_id is not None and organisation_id == user.organisation_id
