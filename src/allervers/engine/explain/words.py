"""French names and units of what an explanation shows: variables, parameters of the law, articles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from allervers.engine.explain.record import NamedParameter, Unit
from allervers.engine.trace import Parameter
from allervers.engine.variables import Variable

_NOT_MONEY = re.compile(
    r"(^|_)(nb|nbptr|nbenf|nombre|taux|coeff?|coefficient|ratio|part|parts|quotite|prorata|proportion|heures?|jours?|"
    r"age|rang|points?|indice|duree|effectif|surface|zone|categorie|degre|volume|anciennete|echelon|isf|pourcentage)(_|$)"
)
"""Words in the name of a number that is no amount of money, for variables whose unit the law does not tell."""

_UNITS: Mapping[str, Unit] = {
    "currency": "euros", "currency-EUR": "euros", "currency_next_year": "euros", "/1": "rate", "year": "years",
    "years": "years", "month": "months", "months": "months",
}  # fmt: skip


class Words:
    """Names of a law. `system`: OpenFisca's own object, only read; `variable_of` gives what is known of a variable."""

    def __init__(
        self, variable_of: Callable[[str], Variable], system: Any = None, labels: Mapping[str, str] | None = None
    ) -> None:
        """`labels`: said of a variable in place of the label of the law's code."""
        self.variable_of = variable_of
        self.system = system
        self._labels = labels or {}
        self._parameters: dict[str, Any] | None = None

    def label(self, variable: str) -> str:
        """What a variable is, in French: its label, without the full stop at its end."""
        found = self._labels.get(variable) or self.variable_of(variable).label
        return found.strip().rstrip(".").strip() or variable

    def unit(self, variable: str) -> Unit:
        """The unit of a variable's values: as the law tells it, else by its type and its name."""
        known = self.variable_of(variable)
        if known.value_type == "float":
            told = getattr(self.system.variables.get(variable), "unit", None) if self.system is not None else None
            unit = _UNITS.get(str(told)) if told else None
            if unit not in (None, "euros"):
                return unit
            if told is None and _NOT_MONEY.search(variable):
                return "number"
            return "euros_a_year" if known.rhythm == "year" else "euros"
        if known.value_type == "int":
            return {"age": "years", "age_en_mois": "months"}.get(variable, "number")  # type: ignore[return-value]
        kinds: Mapping[str, Unit] = {"bool": "truth", "date": "date", "enum": "item", "str": "text"}
        return kinds[known.value_type]

    def item(self, variable: str, position: int) -> str:
        """The French text of an item of an enumeration; its name when it has none."""
        name = self.variable_of(variable).items[position]
        items = (
            getattr(self.system.variables.get(variable), "possible_values", None) if self.system is not None else None
        )
        text = str(getattr(getattr(items, name, None), "value", "") or "")
        return text if text and not text[0].isdigit() else name

    def article(self, variable: str) -> tuple[str, ...]:
        """The articles that the law's code names for a variable."""
        return tuple(article_of(text) for text in self.variable_of(variable).reference if str(text).strip())

    def parameter(self, parameter: Parameter) -> NamedParameter:
        """A parameter with its French names and the article in force at its instant, where the code tells them."""
        found = self._all_parameters().get(parameter.path)
        label = str(getattr(found, "description", None) or "").strip().rstrip(".")
        metadata = getattr(found, "metadata", None) or {}
        short = str(metadata.get("short_label") or "").strip().rstrip(".")
        return NamedParameter.of(parameter, label, short, _article_at(metadata, parameter.instant))

    def parameter_unit(self, path: str) -> Unit | None:
        """The unit of a parameter; None when the law's code tells none that is known here."""
        metadata = getattr(self._all_parameters().get(path), "metadata", None) or {}
        return _UNITS.get(str(metadata.get("unit")))

    def _all_parameters(self) -> Mapping[str, Any]:
        if self._parameters is None:
            tree = getattr(self.system, "parameters", None)
            self._parameters = {} if tree is None else {item.name: item for item in tree.get_descendants()}
        return self._parameters


@cache
def article_of(text: str) -> str:
    """A reference as it may be printed: the text as it is, an address of Légifrance by its identifier."""
    text = " ".join(str(text).split())
    if not text.startswith("http"):
        return text
    found = re.search(r"(LEGIARTI\d+|JORF\w+\d+)", text)
    if found and "legifrance" in text:
        return f"Légifrance {found[1]}"
    return text


def _article_at(metadata: Any, instant: str) -> str:
    references = (metadata or {}).get("reference") if isinstance(metadata, dict) else None
    if not isinstance(references, dict):
        return ""
    before = [day for day in references if str(day) <= instant]
    if not before:
        return ""
    found = references[max(before, key=str)]
    first = found[0] if isinstance(found, list) and found else found
    title = first.get("title") or first.get("href") if isinstance(first, dict) else first
    return article_of(str(title)) if title else ""
