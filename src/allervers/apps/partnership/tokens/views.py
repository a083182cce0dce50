"""Pages of the tokens of an organisation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from allervers.apps.accounts.domain import Role
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.partnership.tokens import actions, queries
from allervers.apps.partnership.tokens.forms import TokenForm


@for_roles(Role.ORGANISATION_ADMIN)
def tokens(request: AccountRequest) -> HttpResponse:
    """The tokens of the organisation, and where each stands."""
    today = timezone.localdate()
    rows = [(token, token.refusal_on(today)) for token in queries.tokens_of(request.user)]
    return render(request, "partnership/tokens.html", {"rows": rows})


@never_cache
@for_roles(Role.ORGANISATION_ADMIN)
def new_token(request: AccountRequest) -> HttpResponse:
    """Give access to a program. Its key is shown in the answer, once: it is written nowhere."""
    now = timezone.now()
    form = TokenForm(request.POST if request.method == "POST" else None, request.user, timezone.localdate(now))
    if request.method != "POST" or not form.is_valid():
        status = 400 if request.method == "POST" else 200
        return render(request, "partnership/token_form.html", {"form": form}, status=status)
    token, key = actions.create_token(acting_user=request.user, now=now, **form.cleaned_data)
    return render(request, "partnership/token_made.html", {"token": token, "key": key})


@require_POST
@for_roles(Role.ORGANISATION_ADMIN)
def revoke(request: AccountRequest, token: int) -> HttpResponse:
    """Close a token at once."""
    found = queries.token_of(request.user, token)
    actions.revoke_token(acting_user=request.user, now=timezone.now(), token=found)
    return redirect("tokens")
