"""The answers of an interview, read and saved by its page as it goes: JSON, no page."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from allervers.apps.accounts.domain import SEES_PERSONS
from allervers.apps.accounts.permissions import AccountRequest, for_roles
from allervers.apps.casework import queries
from allervers.apps.casework.actions.meetings import answers_of, save_answers
from allervers.apps.casework.forms import AnswersForm
from allervers.foundation.errors import InvalidInput


@require_http_methods(["GET", "POST"])
@for_roles(*SEES_PERSONS)
def answers(request: AccountRequest, meeting: int) -> HttpResponse:
    """GET: what is kept, and its version. POST (answers, version, draft, sequence): keep it; 409 when another page has
    saved since, which overwrites nothing.
    """
    now = timezone.now()
    found = queries.meeting_of(request.user, meeting, timezone.localdate(now))
    if request.method == "GET":
        kept = {"answers": answers_of(request.user, found), "version": found.version}
        return JsonResponse(kept, headers={"Cache-Control": "no-store"})
    form = AnswersForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Ces réponses ne peuvent pas être enregistrées : rechargez la page.")
    given = form.cleaned_data
    saved = save_answers(
        acting_user=request.user, now=now, meeting=found, answers=given["answers"], version=given["version"],
        draft=given["draft"], sequence=given["sequence"],
    )  # fmt: skip
    return JsonResponse({"version": saved.version, "is_new": saved.is_new})
