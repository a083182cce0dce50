"""What the law holds, described as OpenFisca's web API describes it: entities, variables, parameters.

Reads the tax-benefit system that it is handed and imports nothing of OpenFisca. Every method gives plain dictionaries;
dates stay dates, the caller says how they are written.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any

Described = dict[str, Any]
"""What becomes one JSON object."""


class LawDescription:
    """Description of one tax-benefit system (any object with OpenFisca's attributes)."""

    def __init__(self, system: Any) -> None:
        self.system = system
        self._metadata: Mapping[str, str] = system.get_package_metadata()
        self.package = self._metadata["name"]
        self.package_version = self._metadata["version"]

    @cached_property
    def parameters_by_path(self) -> Mapping[str, Any]:
        """Every parameter and every node above them, by path (`a/b/c`)."""
        return {item.name.replace(".", "/"): item for item in self.system.parameters.get_descendants()}

    @cached_property
    def dates(self) -> frozenset[str]:
        """Names of the variables whose values are dates."""
        return frozenset(name for name, variable in self.system.variables.items() if variable.value_type is date)

    def entities(self) -> Described:
        """Every entity with its roles."""
        return {entity.key: _entity(entity) for entity in self.system.entities}

    def variable_labels(self) -> dict[str, str | None]:
        """Label of each variable, by name."""
        return {name: variable.label for name, variable in self.system.variables.items()}

    def variable(self, name: str) -> Described | None:
        """One variable with the source of its formulas; None where the law has none of that name."""
        found = self.system.variables.get(name)
        return None if found is None else self._variable(found)

    def parameter_labels(self) -> dict[str, str | None]:
        """Description of each parameter, by path; nodes are left out."""
        return {
            path: getattr(item, "description", None)
            for path, item in self.parameters_by_path.items()
            if not _is_node(item)
        }

    def parameter(self, path: str) -> Described | None:
        """One parameter or node, by `a/b/c` or `a.b.c`; None where there is none."""
        found = self.parameters_by_path.get(path) or self.parameters_by_path.get(path.replace(".", "/"))
        return None if found is None else self._parameter(found)

    def _variable(self, variable: Any) -> Described:
        file, code, line = variable.get_introspection_data()
        described: Described = {
            "id": variable.name,
            "description": variable.label,
            "valueType": _VALUE_TYPES.get(variable.value_type, "String"),
            "defaultValue": _default(variable),
            "definitionPeriod": variable.definition_period.upper(),
            "entity": variable.entity.key,
        }
        if code:
            described["source"] = self._source(file, line, code)
        if variable.documentation:
            described["documentation"] = variable.documentation.strip()
        if variable.reference:
            described["references"] = variable.reference
        if len(variable.formulas) > 0:
            described["formulas"] = {start: self._formula(made, file) for start, made in variable.formulas.items()}
            if variable.end:
                described["formulas"][(variable.end + timedelta(days=1)).isoformat()] = None
        if choices(variable):
            described["possibleValues"] = {item.name: item.value for item in choices(variable)}
        return described

    def _formula(self, formula: Any, file: str) -> Described:
        lines, start = inspect.getsourcelines(formula)
        content = textwrap.dedent("".join(lines))
        described: Described = {"content": content}
        if file:  # a local formula of ours has no page in OpenFisca's repository
            described["source"] = self._source(file, start, content)
        if formula.__doc__:
            described["documentation"] = textwrap.dedent(formula.__doc__)
        return described

    def _parameter(self, item: Any) -> Described:
        described: Described = {
            "description": getattr(item, "description", None),
            "id": item.name,
            "metadata": item.metadata,
        }
        if item.file_path and str(item.file_path).startswith(self._metadata["location"]):
            described["source"] = self._link(item.file_path.replace(self._metadata["location"], ""))
        if hasattr(item, "values_list"):
            described |= _documentation(item) | {"values": _history(item)}
        elif hasattr(item, "brackets"):
            kinds = [kind for kind in ("rate", "amount") if kind in item.brackets[0].children]
            described |= {"brackets": _scale(item, kinds[0])} if kinds else {}
        else:
            children = {name: {"description": child.description} for name, child in item.children.items()}
            described |= _documentation(item) | {"subparams": children}
        return described

    def _source(self, file: str, start: int, code: str) -> str:
        return f"{self._link(file)}#L{start}-L{start + code.count(chr(10)) - 1}"

    def _link(self, file: str) -> str:
        return f"{self._metadata['repository_url']}/blob/{self.package_version}{file}"


_VALUE_TYPES: Mapping[Any, str] = {bool: "Boolean", int: "Int", float: "Float", date: "Date"}
"""Type of the values -> its name there. Texts and lists of choices are `String`."""


def choices(variable: Any) -> tuple[Any, ...]:
    """What a variable chooses among (each with its name and value); empty where it does not choose."""
    return tuple(getattr(variable, "possible_values", None) or ())


def _default(variable: Any) -> Any:
    value = variable.default_value
    if isinstance(value, date):
        return value.isoformat()
    return value.name if choices(variable) else value


def _entity(entity: Any) -> Described:
    described: Described = {
        "plural": entity.plural,
        "description": entity.label,
        "documentation": entity.doc.strip(),
    }
    if not entity.is_person:
        described["roles"] = {role.key: _role(role) for role in entity.roles}
    return described


def _role(role: Any) -> Described:
    described: Described = {"plural": role.plural, "description": role.doc}
    if role.max:
        described["max"] = role.max
    if role.subroles:
        described["max"] = len(role.subroles)
    return described


def _is_node(item: Any) -> bool:
    return not hasattr(item, "values_list") and not hasattr(item, "brackets")


def _documentation(item: Any) -> Described:
    return {"documentation": item.documentation.strip()} if item.documentation else {}


def _history(parameter: Any) -> Described:
    return {dated.instant_str: dated.value for dated in parameter.values_list}


def _scale(scale: Any, kind: str) -> Described:
    """Start date -> threshold -> rate or amount. A scale that was stopped has null at its last date."""
    brackets = [(_history(bracket.threshold), _history(getattr(bracket, kind))) for bracket in scale.brackets]
    starts = {start for thresholds, values in brackets for start in (*thresholds, *values)}
    described: Described = {}
    for start in starts:
        for thresholds, values in brackets:
            threshold = _value_at(start, thresholds)
            if threshold is not None:
                described.setdefault(start, {})[threshold] = _value_at(start, values)
    last = max(brackets[0][0])
    if brackets[0][0][last] is None:
        described[last] = None
    return described


def _value_at(on: str, history: Described) -> Any:
    before = [start for start in history if start <= on]
    return history[max(before)] if before else None
