"""What people type on the pages of partnership. The rules are those of the actions; here, only reading."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from allervers.apps.accounts.models import User
from allervers.apps.partnership.actions.conventions import Exchange, Terms
from allervers.apps.partnership.domain import (
    CATEGORY_LABELS,
    KIND_LABELS,
    PURPOSE_LABELS,
    SIDE_LABELS,
    Category,
    Side,
)
from allervers.apps.partnership.labels import communes_known, events_known, formats_known, rights_known
from allervers.apps.partnership.models import Convention, Organisation, Party, Team
from allervers.extracts.allowance import columns_that_may_be_left_out

Choices = list[tuple[str, str]]


class PlainForm(forms.Form):
    """A form whose fields look like ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.CheckboxSelectMultiple):
                css = "av-ticks"
            elif isinstance(widget, forms.CheckboxInput | forms.RadioSelect):
                css = ""
            else:
                css = "form-select" if isinstance(widget, forms.Select) else "form-control"
            widget.attrs.setdefault("class", css)

    def choose(self, name: str, choices: Choices) -> None:
        """Set the choices of a field."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class Day(forms.DateField):
    """A day, typed or picked."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Several(forms.MultipleChoiceField):
    """Boxes to tick."""

    widget = forms.CheckboxSelectMultiple


class OrganisationForm(PlainForm):
    """A new organisation."""

    name = forms.CharField(label="Nom", max_length=150)
    code = forms.SlugField(
        label="Code", max_length=64, help_text="Le nom court sous lequel ses fichiers arrivent, par exemple ccas-bondy."
    )
    kind = forms.ChoiceField(label="Nature", choices=[(str(k), label) for k, label in KIND_LABELS.items()])
    dpo_contact = forms.EmailField(label="Délégué à la protection des données (courriel)", required=False)


class OrganisationChangeForm(PlainForm):
    """An organisation whose code is fixed."""

    name = forms.CharField(label="Nom", max_length=150)
    kind = forms.ChoiceField(label="Nature", choices=[(str(k), label) for k, label in KIND_LABELS.items()])
    dpo_contact = forms.EmailField(label="Délégué à la protection des données (courriel)", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class TeamForm(PlainForm):
    """A team: where it works, on what, with whom."""

    name = forms.CharField(label="Nom de l'équipe", max_length=100)
    communes = Several(label="Communes où elle agit")
    rights = Several(label="Droits dont elle s'occupe", required=False)
    events = Several(label="Événements dont elle s'occupe", required=False)
    members = Several(label="Membres", required=False)
    capacity = forms.IntegerField(
        label="Ménages qu'un agent peut suivre à la fois", required=False, min_value=1, max_value=1000
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0, required=False)

    def __init__(self, data: QueryDict | None, accounts: list[User], team: Team | None) -> None:
        initial: dict[str, Any] = {}
        self._accounts = {str(account.pk): account for account in accounts}
        if team is not None:
            names = ("name", "communes", "rights", "events", "capacity", "version")
            initial = {name: getattr(team, name) for name in names}
            initial["members"] = [str(member.pk) for member in team.members.all()]
        super().__init__(data, initial=initial)
        self.choose("communes", list(communes_known().items()))
        self.choose("rights", list(rights_known().items()))
        self.choose("events", list(events_known().items()))
        self.choose("members", [(pk, f"{a.full_name} ({a.role_label})") for pk, a in self._accounts.items()])

    def chosen_members(self) -> list[User]:
        """The accounts ticked."""
        return [self._accounts[pk] for pk in self.cleaned_data["members"]]


class ConventionForm(PlainForm):
    """The terms of a draft."""

    reference = forms.CharField(label="Référence", max_length=100)
    title = forms.CharField(label="Objet", max_length=200)
    purpose = forms.ChoiceField(
        label="Finalité", widget=forms.RadioSelect, choices=[(str(p), label) for p, label in PURPOSE_LABELS.items()],
        help_text="Ni contrôle ni lutte contre la fraude : ces finalités n'existent pas ici.",
    )  # fmt: skip
    legal_base = forms.CharField(label="Base légale", max_length=200, initial="CRPA, art. L. 114-8, II et R. 114-9-7")
    starts_on = Day(label="Commence le")
    ends_on = Day(label="Finit le", help_text="Premier jour où plus rien n'est ouvert.")
    dpo_contact = forms.EmailField(label="Délégué à la protection des données (courriel)")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0, required=False)

    def __init__(self, data: QueryDict | None, convention: Convention | None) -> None:
        initial: dict[str, Any] = {}
        if convention is not None:
            initial = {name: getattr(convention, name) for name in (*Terms.__slots__, "version")}
        super().__init__(data, initial=initial)

    def terms(self) -> Terms:
        """What was typed."""
        return Terms(**{name: self.cleaned_data[name] for name in Terms.__slots__})


class PartyForm(PlainForm):
    """What one organisation gives or receives."""

    organisation = forms.ChoiceField(label="Organisme")
    side = forms.ChoiceField(
        label="Dans cette convention, il", choices=[(str(s), label) for s, label in SIDE_LABELS.items()]
    )
    categories = Several(
        label="Catégories de données", choices=[(str(c), label) for c, label in CATEGORY_LABELS.items()]
    )
    formats = Several(label="Fichiers qu'il envoie", required=False)
    excluded = Several(
        label="Colonnes qui ne doivent pas arriver", required=False,
        help_text="Présentes dans un fichier, elles sont écartées à l'entrée et le dépôt le dit.",
    )  # fmt: skip
    rights = Several(label="Droits dont il reçoit les listes", required=False)
    events = Several(label="Événements dont il reçoit les listes", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self, data: QueryDict | None, side: str, organisations: list[Organisation], party: Party | None, version: int
    ) -> None:
        initial: dict[str, Any] = {"version": version, "side": side}
        self._organisations = {str(one.pk): one for one in organisations}
        if party is not None:
            initial |= {name: getattr(party, name) for name in Exchange.__slots__}
            initial["organisation"] = str(party.organisation_id)
        super().__init__(data, initial=initial)
        self.fields["side"].widget = forms.HiddenInput()
        self.choose("organisation", [(pk, one.name) for pk, one in self._organisations.items()])
        if side == Side.GIVES:
            del self.fields["rights"], self.fields["events"]
            self.choose("formats", list(formats_known().items()))
            self.choose("excluded", [(name, _column(name)) for name in columns_that_may_be_left_out()])
        else:
            del self.fields["formats"], self.fields["excluded"]
            self.choose("rights", list(rights_known().items()))
            self.choose("events", list(events_known().items()))

    def chosen(self) -> tuple[Organisation, Exchange]:
        """The organisation, and what it gives or receives."""
        given = {name: tuple(self.cleaned_data.get(name, ())) for name in Exchange.__slots__}
        return self._organisations[self.cleaned_data["organisation"]], Exchange(**given)


def _column(name: str) -> str:
    category, _, column = name.partition(".")
    return f"{CATEGORY_LABELS[Category(category)]} : {column}"


class EndForm(PlainForm):
    """The day on which a convention ends."""

    ends_on = Day(label="Mettre fin le")
    is_sure = forms.BooleanField(
        label="Je confirme : ce jour-là, tous les organismes de la convention perdent l'accès, sans retour possible."
    )


class AccessFilterForm(PlainForm):
    """What narrows the page « qui voit quoi »."""

    personne = forms.CharField(label="Personne", required=False, max_length=100)
    convention = forms.ChoiceField(label="Convention", required=False)
    droit = forms.ChoiceField(label="Droit", required=False)
    commune = forms.ChoiceField(label="Commune", required=False)
    acces = forms.ChoiceField(
        label="Accès", required=False, choices=[("", "Tous"), ("oui", "Voit des dossiers"), ("non", "Ne voit rien")]
    )

    def __init__(self, data: QueryDict, conventions: list[str]) -> None:
        super().__init__(data)
        self.choose("convention", [("", "Toutes"), *((name, name) for name in conventions)])
        self.choose("droit", [("", "Tous"), *rights_known().items()])
        self.choose("commune", [("", "Toutes"), *communes_known().items()])

    def asked(self) -> dict[str, str]:
        """What was asked; a value that cannot be read does not filter."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
