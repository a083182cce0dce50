"""What follows an opposition: the person's data are destroyed in the store, and the lists made again without them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import ngettext

from allervers.apps.casework.actions.forgetting import forget_plans
from allervers.apps.findings.actions import forget_household
from allervers.apps.findings.models import Publication
from allervers.apps.intake import tasks
from allervers.apps.jobs.domain import STORE
from allervers.apps.jobs.registry import Running, task
from allervers.apps.people.actions import end_opposition
from allervers.apps.people.queries import oppositions_waiting
from allervers.detection.storage import forget_person
from allervers.extracts.identity.vault import VAULT_FILE
from allervers.extracts.retention import oppose
from allervers.foundation.errors import NotFound, Refused


def _due(on: date) -> dict[str, Any] | None:
    """Asked once for each new opposition, and again the next day while one is left."""
    last = oppositions_waiting().last()
    return None if last is None else {"until": last.pk, "on": on.isoformat()}


@dataclass(frozen=True, slots=True)
class _Part:
    """A detection done within another job: its own parameters, the same progress, number and cancellation."""

    whole: Running
    parameters: dict[str, Any]

    @property
    def number(self) -> int:
        """Number of the job."""
        return self.whole.number

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell where the whole job stands."""
        self.whole.progress(done, total, message)


@task("opposition", "Destruction après opposition", group=STORE, due=_due)
def opposition(running: Running) -> dict[str, Any]:
    """Destroy the data of who opposes. Cut, it is run again: what is destroyed stays so, and the rest follows.

    The order matters: identities and received rows first, then the current lists made again without the person, so that
    the others stay reachable meanwhile, then the older months that still name them.
    """
    store: Path = settings.ALLERVERS.store_folder
    waiting = list(oppositions_waiting())
    for rank, one in enumerate(waiting):
        running.progress(rank, 10 * len(waiting), "Destruction des identités et des lignes reçues")
        _destroy(store, one.person, one.recorded_by.public_id if one.recorded_by else "exploitation")
    remade = bool(waiting) and _lists_made_again(running)
    for one in waiting:
        if (store / VAULT_FILE).is_file():
            forget_person(store, one.person)
        forget_household(acting_user=None, now=timezone.now(), household=one.household)
        forget_plans(acting_user=None, now=timezone.now(), household=one.household)
        end_opposition(now=timezone.now(), opposition=one)
    done = ngettext("%(n)d opposition menée à terme", "%(n)d oppositions menées à terme", len(waiting))
    sentence = f"{done % {'n': len(waiting)}}{' ; listes refaites' if remade else ''}."
    return {"oppositions": len(waiting), "sentences": [sentence]}


def _destroy(store: Path, person: str, actor: str) -> None:
    if not (store / VAULT_FILE).is_file():
        return
    try:
        oppose(store, person, actor=actor, now=timezone.now())
    except NotFound:
        return  # destroyed by an earlier run that was cut


def _lists_made_again(running: Running) -> bool:
    """True when the current lists were made again; False when no convention allows it any more."""
    current = Publication.objects.filter(is_current=True).first()
    if current is None:
        return False
    try:
        # The same lists, less who opposes: they are not more recent for it.
        kept = current.published_at.isoformat()
        tasks.detection(_Part(running, {"month": current.month, "published_at": kept}))
    except Refused:
        return False
    return True
