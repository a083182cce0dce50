"""What people type on the pages of the lists, checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.http import QueryDict

from allervers.apps.findings import unsettled
from allervers.apps.findings.domain import (
    CHANNEL_LABELS,
    NO_CHANNEL,
    PROGRESS_LABELS,
    REASON_LABELS,
    UNKNOWN_CHANNEL,
    Progress,
)
from allervers.apps.findings.labels import commune_label, event_label, right_label, rights_listed, rights_to_settle
from allervers.apps.findings.queries import SORTS, Filters
from allervers.apps.partnership.domain import Scope
from allervers.apps.partnership.labels import in_order
from allervers.apps.partnership.models import Team
from allervers.detection.statuses import LABELS, LISTED

_ANY = ("", "Tous")
_CHANNELS = [
    ("", "Toutes"), *CHANNEL_LABELS.items(), (NO_CHANNEL, "Aucune connue"), (UNKNOWN_CHANNEL, "Inconnue"),
]  # fmt: skip


class FilterForm(forms.Form):
    """The filters of a list, bounded by what the person may see."""

    droit = forms.ChoiceField(label="Droit", required=False)
    evenement = forms.ChoiceField(label="Événement", required=False)
    commune = forms.ChoiceField(label="Commune", required=False)
    statut = forms.ChoiceField(label="Statut", required=False)
    avancement = forms.ChoiceField(label="Avancement", required=False)
    suivi = forms.ChoiceField(
        label="Suivi par", required=False, choices=[_ANY, ("moi", "Moi"), ("personne", "Personne")]
    )
    euros = forms.FloatField(label="Au moins (€ par mois)", required=False, min_value=0)
    avant = forms.DateField(
        label="Échéance avant le", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    mois = forms.IntegerField(label="Depuis (mois, au moins)", required=False, min_value=0, max_value=120)
    contact = forms.ChoiceField(label="Contact permis", required=False, choices=[_ANY, ("oui", "Oui"), ("non", "Non")])
    voie = forms.ChoiceField(label="Voie de contact", required=False, choices=_CHANNELS)
    menage = forms.CharField(label="Ménage (début de l'identifiant)", required=False, max_length=64)
    tri = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, scope: Scope) -> None:
        super().__init__(data)
        _choose(self, "droit", [_ANY, *_sorted_by_label(rights_listed() & scope.rights, right_label)])
        _choose(self, "evenement", [_ANY, *_sorted_by_label(scope.events, event_label)])
        _choose(self, "commune", [("", "Toutes"), *_sorted_by_label(scope.communes, commune_label)])
        statuses = [(str(status), LABELS[status]) for status in LISTED]
        _choose(self, "statut", [("", "À traiter"), *statuses, ("event", "Événement")])
        _choose(
            self,
            "avancement",
            [("", "En cours ou à faire"), ("all", "Tous"), *((str(p), PROGRESS_LABELS[p]) for p in Progress)],
        )
        asked = data.get("suivi", "")
        if asked.isdecimal() and len(asked) < 16:  # the page of the load links to the lines of one agent
            _choose(self, "suivi", [_ANY, ("moi", "Moi"), ("personne", "Personne"), (asked, "Un agent de l'équipe")])
        _dress(self)

    def filters(self) -> Filters:
        """What was asked; a value that cannot be read does not filter (its error is shown beside its field)."""
        self.is_valid()
        given: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        sort = given.get("tri", "urgence")
        return Filters(
            right=given.get("droit", ""),
            event=given.get("evenement", ""),
            commune=given.get("commune", ""),
            status=given.get("statut", ""),
            progress=given.get("avancement", ""),
            agent=given.get("suivi", ""),
            least_eur_month=given.get("euros"),
            deadline_before=given.get("avant"),
            least_months=given.get("mois"),
            contact=given.get("contact", ""),
            channel=given.get("voie", ""),
            household=given.get("menage", ""),
            sort=sort if sort in SORTS else "urgence",
        )

    @property
    def has_filter(self) -> bool:
        """True when something narrows the list."""
        return _has_filter(self)


class UnsettledForm(forms.Form):
    """The filters of the households to complete, bounded by what the person may see."""

    droit = forms.ChoiceField(label="Droit", required=False)
    commune = forms.ChoiceField(label="Commune", required=False)
    contact = forms.ChoiceField(label="Contact permis", required=False, choices=[_ANY, ("oui", "Oui"), ("non", "Non")])
    menage = forms.CharField(label="Ménage (début de l'identifiant)", required=False, max_length=64)
    tri = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, scope: Scope) -> None:
        super().__init__(data)
        _choose(self, "droit", [_ANY, *_sorted_by_label(rights_to_settle() & scope.rights, right_label)])
        _choose(self, "commune", [("", "Toutes"), *_sorted_by_label(scope.communes, commune_label)])
        _dress(self)

    def asked(self) -> unsettled.Asked:
        """What was asked; a value that cannot be read does not filter (its error is shown beside its field)."""
        self.is_valid()
        given = self.cleaned_data
        sort = given.get("tri", "")
        return unsettled.Asked(
            right=given.get("droit", ""), commune=given.get("commune", ""), household=given.get("menage", ""),
            contact=given.get("contact", ""), sort=sort if sort in unsettled.SORTS else unsettled.SORTS[0],
        )  # fmt: skip

    @property
    def has_filter(self) -> bool:
        """True when something narrows the list."""
        return _has_filter(self)


def _choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _sorted_by_label(ids: Iterable[str], label: Callable[[str], str]) -> list[tuple[str, str]]:
    return sorted(((one, label(one)) for one in ids), key=lambda pair: in_order(pair[1]))


def _dress(form: forms.Form) -> None:
    for name, field in form.fields.items():
        css = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
        field.widget.attrs.setdefault("class", css)
        field.widget.attrs["id"] = f"filtre-{name}"


def _has_filter(form: forms.Form) -> bool:
    form.is_valid()
    return any(value not in (None, "") for name, value in form.cleaned_data.items() if name != "tri")


class ProgressForm(forms.Form):
    """A change of one line. `version` is that of the page shown."""

    progress = forms.ChoiceField(choices=[(str(p), PROGRESS_LABELS[p]) for p in Progress])
    reason = forms.ChoiceField(
        choices=[("", "—"), *((str(r), label) for r, label in REASON_LABELS.items())], required=False
    )
    version = forms.IntegerField(min_value=0)


class CorrectionForm(forms.Form):
    """A datum said wrong: which category, sent by which partner."""

    datum = forms.ChoiceField()
    version = forms.IntegerField(min_value=0)

    def __init__(self, data: QueryDict, choices: list[tuple[str, str]]) -> None:
        super().__init__(data)
        field = self.fields["datum"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class OppositionForm(forms.Form):
    """Who of the household opposes, and that they were told what it means."""

    persons = forms.MultipleChoiceField()
    is_told = forms.BooleanField()

    def __init__(self, data: QueryDict, persons: list[str]) -> None:
        super().__init__(data)
        field = self.fields["persons"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(person, "") for person in persons]


class AssignForm(forms.Form):
    """Lines ticked, given to a team and perhaps to one of its agents: `team` or `team:agent`."""

    to = forms.ChoiceField(label="Confier à")
    lines = forms.TypedMultipleChoiceField(coerce=int, required=True)

    def __init__(self, data: QueryDict | None, teams: list[Team], lines: list[int]) -> None:
        super().__init__(data)
        choices = []
        for team in teams:
            choices.append((str(team.pk), f"{team.name} (équipe)"))
            choices += [(f"{team.pk}:{m.pk}", f"{m.full_name}") for m in team.members.all() if m.is_active]
        to, ticked = self.fields["to"], self.fields["lines"]
        assert isinstance(to, forms.ChoiceField)
        assert isinstance(ticked, forms.ChoiceField)
        to.choices = choices
        ticked.choices = [(str(line), "") for line in lines]
