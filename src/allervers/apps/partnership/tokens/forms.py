"""What an administrator types to give a program access, checked."""

from __future__ import annotations

from datetime import date

from django import forms
from django.http import QueryDict

from allervers.apps.accounts.models import User
from allervers.apps.partnership.models import Convention, Team
from allervers.apps.partnership.tokens.queries import conventions_for_tokens, teams_for_tokens


class TokenForm(forms.Form):
    """A program, what it may reach, and until when."""

    name = forms.CharField(
        label="Logiciel", max_length=150, help_text="Son nom et son éditeur : il paraîtra dans le registre."
    )
    convention = forms.ModelChoiceField(Convention.objects.none(), label="Convention")
    team = forms.ModelChoiceField(
        Team.objects.none(), label="Équipe", help_text="Le logiciel voit ce que cette équipe peut voir, rien d'autre."
    )
    may_report = forms.BooleanField(
        label="Le logiciel peut aussi dire ce qu'est devenue une ligne (terminée, sans objet)", required=False
    )
    expires_on = forms.DateField(
        label="Ne sert plus à partir du",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Au plus tard le jour où la convention prend fin.",
    )

    def __init__(self, data: QueryDict | None, acting_user: User, on: date) -> None:
        super().__init__(data)
        convention, team = self.fields["convention"], self.fields["team"]
        assert isinstance(convention, forms.ModelChoiceField)
        assert isinstance(team, forms.ModelChoiceField)
        convention.queryset = conventions_for_tokens(acting_user, on)
        team.queryset = teams_for_tokens(acting_user)
        for field in self.fields.values():
            kind = {forms.BooleanField: "form-check-input", forms.ModelChoiceField: "form-select"}
            field.widget.attrs["class"] = kind.get(type(field), "form-control")

    def clean(self) -> dict[str, object]:
        """The end is within the convention."""
        given = super().clean() or {}
        convention, ends = given.get("convention"), given.get("expires_on")
        if convention is not None and ends is not None and ends > convention.ends_on:
            self.add_error("expires_on", f"La convention prend fin le {convention.ends_on:%d/%m/%Y}.")
        return given
