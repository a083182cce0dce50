"""What the officer types to search the register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from allervers.apps.oversight.domain import ACTIONS
from allervers.apps.oversight.queries import Filters


class RegisterForm(forms.Form):
    """Filters of the register."""

    menage = forms.CharField(label="Ménage (début de l'identifiant)", required=False, max_length=64)
    compte = forms.CharField(label="Compte (nom ou adresse)", required=False, max_length=100)
    action = forms.ChoiceField(label="Action", required=False)
    du = forms.DateField(label="Du", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    au = forms.DateField(label="Au", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        action = self.fields["action"]
        assert isinstance(action, forms.ChoiceField)
        action.choices = [("", "Toutes"), *sorted(ACTIONS.items(), key=lambda pair: pair[1])]
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("class", "form-select" if name == "action" else "form-control")
            field.widget.attrs["id"] = f"filtre-{name}"

    def filters(self) -> Filters:
        """What was asked; a value that cannot be read does not filter (its error is shown beside its field)."""
        self.is_valid()
        given: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        return Filters(
            household=given.get("menage", ""),
            account=given.get("compte", ""),
            action=given.get("action", ""),
            since=given.get("du"),
            until=given.get("au"),
        )

    @property
    def has_filter(self) -> bool:
        """True when something narrows the register."""
        return self.filters() != Filters()
