"""What people type on the pages of plans, checked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from allervers.apps.casework.actions.steps import LONGEST, LONGEST_STEP
from allervers.apps.casework.domain import (
    CHOICE_LABELS,
    DOER_LABELS,
    LEVEL_LABELS,
    ORIGIN_LABELS,
    REFERRAL_LABELS,
    STATUS_LABELS,
    WHY_LABELS,
)
from allervers.apps.partnership.labels import commune_label, in_order, right_label
from allervers.apps.partnership.models import Organisation

FARTHEST = timedelta(days=5 * 366)
MOST_EUR = 20_000
"""The PCH of somebody helped day and night may come near it; a figure above is a slip of the hand."""


def _choices(labels: dict[Any, str]) -> list[tuple[str, str]]:
    return [(str(key), label) for key, label in labels.items()]


class VersionForm(forms.Form):
    """A button of a page: `version` is that of what the page shows."""

    version = forms.IntegerField(label="", min_value=0)


def _within_reach(day: date) -> None:
    """A day by which something is to be done: not of another age."""
    if abs(day - timezone.localdate()) > FARTHEST:
        raise forms.ValidationError("Choisissez une date à moins de cinq ans d'aujourd'hui.")


class RightForm(VersionForm):
    """A move of a right: when, how much, why not."""

    status = forms.ChoiceField(label="", choices=_choices(STATUS_LABELS))
    on = forms.DateField(label="Le", required=False)
    euros = forms.FloatField(label="Euros", required=False, min_value=0, max_value=MOST_EUR, localize=True)
    is_sure = forms.BooleanField(required=False)
    choice = forms.ChoiceField(label="Raison", choices=[("", ""), *_choices(CHOICE_LABELS)], required=False)


class SituationsForm(VersionForm):
    """Which situations hold, and by when the papers are to be brought."""

    papers_due_on = forms.DateField(label="Pièces avant le", required=False, validators=[_within_reach])


class StepForm(forms.Form):
    """A step that someone writes."""

    key = forms.CharField(label="", max_length=40)
    what = forms.CharField(label="Quoi", max_length=LONGEST_STEP)
    doer = forms.ChoiceField(label="Qui", choices=_choices(DOER_LABELS))
    due_on = forms.DateField(label="Avant le", required=False, validators=[_within_reach])
    place = forms.ModelChoiceField(Organisation.objects.filter(is_active=True), label="Lieu", required=False)
    right = forms.CharField(label="Pour quel droit", max_length=64, required=False)
    is_discreet = forms.BooleanField(required=False)


class NoteForm(forms.Form):
    """A note, for whom."""

    key = forms.CharField(label="", max_length=40)
    level = forms.ChoiceField(label="Pour qui", choices=_choices(LEVEL_LABELS))
    text = forms.CharField(label="Votre note", max_length=LONGEST)


class ReferralForm(forms.Form):
    """A person sent elsewhere: where, why, and that they agree."""

    to = forms.ModelChoiceField(Organisation.objects.filter(is_active=True), label="Vers")
    why = forms.ChoiceField(label="Pourquoi", choices=_choices(WHY_LABELS))
    right = forms.CharField(label="Pour quel droit", max_length=64, required=False)
    is_agreed = forms.BooleanField(required=False)


class ReferralStateForm(forms.Form):
    """What became of a referral."""

    state = forms.ChoiceField(label="", choices=_choices(REFERRAL_LABELS))


class OriginForm(forms.Form):
    """What a meeting or a grid follows from."""

    origin = forms.ChoiceField(choices=_choices(ORIGIN_LABELS))


class CounterForm(OriginForm):
    """A meeting with somebody who came: their commune, and the mark of the page, so that two clicks make one."""

    key = forms.CharField(max_length=32)
    commune = forms.CharField(max_length=5)


class PageForm(VersionForm):
    """The page of an interview that writes: its name, and the number of its saving."""

    draft = forms.CharField(max_length=40)
    sequence = forms.IntegerField(min_value=1)


class FollowUpsForm(forms.Form):
    """The filters of follow-ups, bounded by what the person follows."""

    statut = forms.ChoiceField(label="Étape du droit", required=False,
                               choices=[("", "Toutes"), *_choices(STATUS_LABELS)])  # fmt: skip
    droit = forms.ChoiceField(label="Droit", required=False)
    commune = forms.ChoiceField(label="Commune", required=False)
    qui = forms.ChoiceField(label="Suivi par", required=False, choices=[("", "Moi"), ("equipe", "Toute l'équipe")])
    retard = forms.ChoiceField(label="Date", required=False, choices=[("", "Toutes"), ("oui", "Dépassée")])

    def __init__(self, data: QueryDict, rights: Iterable[str], communes: Iterable[str]) -> None:
        super().__init__(data)
        offered = {
            "droit": [("", "Tous"), *_by_label((one, right_label(one)) for one in rights)],
            "commune": [("", "Toutes"), *_by_label((one, commune_label(one)) for one in communes)],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        for name, one in self.fields.items():
            one.widget.attrs |= {"class": "form-select", "id": f"filtre-{name}"}

    def asked(self) -> dict[str, str]:
        """What was asked; a value that cannot be read does not filter."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def has_filter(self) -> bool:
        """True when something narrows the list."""
        return any(name != "qui" for name in self.asked())


def _by_label(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(set(pairs), key=lambda pair: in_order(pair[1]))
