"""What people type on the pages of intake."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format

from allervers.apps.partnership.forms import Day, PlainForm
from allervers.apps.partnership.labels import format_label
from allervers.apps.partnership.models import Party
from allervers.foundation.periods import Month


class DepositForm(PlainForm):
    """A file, under a convention. Its choices are what the conventions in force allow, and nothing else."""

    exchange = forms.ChoiceField(label="Convention et format")
    reference_on = Day(
        label="Date que décrit le fichier",
        help_text="Le jour de l'extraction, pas celui de l'envoi. Moins de douze mois : au-delà, les données doivent "
        "être détruites.",
    )
    file = forms.FileField(label="Fichier de données")
    mapping = forms.FileField(
        label="Fichier de correspondance (.toml)", required=False,
        help_text="Seulement si vos colonnes ou vos codes n'ont pas les noms du format : il dit lesquels sont les "
        "vôtres. Un modèle est à la page de chaque format, dans docs/formats.",
    )  # fmt: skip

    def __init__(
        self, data: QueryDict | None, uploaded: MultiValueDict[str, Any] | None, parties: list[Party], megabytes: int
    ) -> None:
        super().__init__(data, uploaded)
        self._exchanges = [(party.convention.reference, name) for party in parties for name in party.formats]
        choices = [
            (str(number), f"{reference} : {format_label(name)}")
            for number, (reference, name) in enumerate(self._exchanges)
        ]
        self.choose("exchange", choices)
        self.fields["file"].help_text = f"CSV, Excel (.xlsx), Parquet, XML ou JSON, {megabytes} Mo au plus."

    def exchange_chosen(self) -> tuple[str, str]:
        """Reference of the convention and name of the format."""
        return self._exchanges[int(self.cleaned_data["exchange"])]


class DetectionForm(PlainForm):
    """The month whose lists are asked for."""

    month = forms.ChoiceField(label="Mois")

    def __init__(self, data: QueryDict | None, today: date) -> None:
        super().__init__(data)
        months = [Month.of(today) - back for back in range(3)]
        self.choose("month", [(str(month), date_format(date(month.year, month.month, 1), "F Y")) for month in months])
