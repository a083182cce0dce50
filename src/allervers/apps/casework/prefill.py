"""An interview before its first word: what partners give of the household, each answer with its source and its date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from allervers.apps.accounts.models import User
from allervers.apps.casework.interview import COMPOSITION, Interview, Provided
from allervers.apps.findings.permissions import grants_for_household, open_publication
from allervers.apps.people.domain import Inputs, Source, group_of
from allervers.apps.people.inputs import household_inputs
from allervers.apps.people.queries import Store
from allervers.foundation.errors import NotFound
from allervers.foundation.periods import Month
from allervers.rights.interview.answers import DWELLING, FAMILY, seen
from allervers.rights.interview.prefilled import Prefilled, prefilled
from allervers.rights.interview.wording import SOURCES, subjects
from allervers.rights.openers import EUROPEAN_UNION


def prefilled_interview(acting_user: User, household: str, now: datetime, unit: str = "") -> Interview:
    """What partners give of a household, as far as the person's conventions go. Nothing is known, when nothing is open:
    the agent then describes the household with the person. Names come through the vault, which writes the reading.
    `unit`: who the line is about: their family comes first.
    """
    on = timezone.localdate(now)
    publication, ended = open_publication(on)
    grants = grants_for_household(acting_user, household, on)
    if publication is None or ended or not grants:
        return Interview()
    store = Store(settings.ALLERVERS.store_folder, Month.parse(publication.month))
    try:
        known = household_inputs(store, household, grants, actor=acting_user.public_id, now=now)
    except NotFound:
        return Interview()  # the data of the month were destroyed
    return interview_from(known, Month.of(on), unit)


def interview_from(known: Inputs, month: Month, unit: str = "") -> Interview:
    """The same, from what was read."""
    given = prefilled(
        known.people, known.families, known.home, Month.parse(known.month), names=known.names, union=EUROPEAN_UNION,
    )  # fmt: skip
    if given is None:
        return Interview()
    turn, families = _turn(given, known, unit), given.answers.household.families
    provided = {seen(name, turn, families): one for name, one in _provided(given, known).items()}
    units = {given.rows[row["id"]]: (row["id"], row.get("famille_id") or "") for row in known.people
             if row["id"] in given.rows}  # fmt: skip
    return Interview(given=given.seen_by(turn), provided=provided, units=units).as_of(month)


def _turn(given: Prefilled, known: Inputs, unit: str) -> int:
    """The family that a line is about: a family, or somebody of it; the first one where it is about the dwelling."""
    named = [row["id"] for row in known.people if unit and unit in (row["id"], row.get("famille_id"))]
    persons = given.answers.household.persons
    mine = {given.rows[one] for one in named if one in given.rows}
    return next((person.family for person in persons if person.id in mine), 0)


def _provided(given: Prefilled, known: Inputs) -> Mapping[str, Provided]:
    """Where each answer comes from. What is asked of the dwelling or of the family: as its first person."""
    persons = {row: person for person, row in given.rows.items()}
    first = persons[given.answers.household.persons[0].id]
    found: dict[str, Provided] = {COMPOSITION: _source(known.sources, first, COMPOSITION)}
    for name in (*given.answers.given, *given.partial):
        subject, _, row = name.partition(":")
        group = _group(subject)
        found[name] = _source(known.sources, first if row in (DWELLING, FAMILY) else persons[row], group)
    return found


def _group(subject: str) -> str:
    if subject == SOURCES:
        return "ressources_mensuelles"
    one = subjects()[subject]
    return group_of(one.variables[0], "n1" if one.yearly else "")


def _source(sources: Mapping[tuple[str, str], Source], person: str, group: str) -> Provided:
    source = sources.get((person, group))
    return Provided(group, None, None) if source is None else Provided(group, source.partner, source.reference_on)
