"""The OpenAPI description: OpenFisca's own text, completed with the entities, the variables and an example."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from allervers.engine.description import LawDescription, choices
from allervers.foundation.errors import Unavailable

_NO_EXAMPLE = (
    "No simulation example has been defined for this tax and benefit system. If you are the maintainer of {}, you can "
    "define an example by following this documentation: "
    "https://openfisca.org/doc/openfisca-web-api/config-openapi.html"
)


def specification(
    description: LawDescription, calculate: Callable[[Any], Any], trace: Callable[[Any], Any]
) -> dict[str, Any]:
    """The description of the API, without its `servers`. Raises Unavailable when OpenFisca's text is not installed."""
    spec: dict[str, Any] = yaml.safe_load(_template().read_text("utf-8"))
    title = description.package.title()
    info = spec["info"]
    for key in ("title", "description"):
        info[key] = info[key].replace("{COUNTRY_PACKAGE_NAME}", title)
    info["version"] = info["version"].replace("{COUNTRY_PACKAGE_VERSION}", description.package_version)
    schemas = spec["components"]["schemas"]
    entities = description.system.entities
    for entity in entities:
        schemas[entity.key.title()] = _entity_schema(entity, description.system)
    schemas["SituationInput"] = _situation_schema(entities)
    schemas["SituationOutput"] = _situation_schema(entities)
    schemas["Trace"]["properties"]["entitiesDescription"]["properties"] = {
        entity.plural: {"type": "array", "items": {"type": "string"}} for entity in entities
    }
    _add_examples(schemas, description, calculate, trace)
    return spec


def _template() -> Path:
    # Read as a file, from the package that holds it: importing that package would ask for its web framework.
    found = find_spec("openfisca_web_api")
    folders = list(found.submodule_search_locations or ()) if found else []
    path = Path(folders[0], "openAPI.yml") if folders else Path()
    if not path.is_file():
        raise Unavailable("La description OpenAPI d'OpenFisca n'est pas installée : réinstallez openfisca-core.")
    return path


def _add_examples(
    schemas: dict[str, Any], description: LawDescription, calculate: Callable[[Any], Any], trace: Callable[[Any], Any]
) -> None:
    examples = description.system.open_api_config
    parameter = examples.get("parameter_example") or next(iter(description.parameters_by_path))
    variable = examples.get("variable_example") or next(iter(description.system.variables))
    schemas["Parameter"]["example"] = description.parameter(parameter)
    schemas["Variable"]["example"] = description.variable(variable)
    situation = examples.get("simulation_example")
    message = _NO_EXAMPLE.format(description.package.title())
    schemas["SituationInput"]["example"] = situation or message
    schemas["SituationOutput"]["example"] = calculate(deepcopy(situation)) if situation else message
    schemas["Trace"]["example"] = trace(deepcopy(situation)) if situation else message


def _entity_schema(entity: Any, system: Any) -> dict[str, Any]:
    roles = () if entity.is_person else entity.roles
    variables = [variable for variable in system.variables.values() if variable.entity.key == entity.key]
    return {
        "type": "object",
        "properties": {role.plural or role.key: {"type": "array", "items": {"type": "string"}} for role in roles}
        | {variable.name: _variable_schema(variable) for variable in variables},
        "additionalProperties": False,
    }


def _variable_schema(variable: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"type": variable.json_type}
    if choices(variable):
        values["enum"] = [item.name for item in choices(variable)]
    return {"type": "object", "additionalProperties": values}


def _situation_schema(entities: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            entity.plural: {
                "type": "object",
                "additionalProperties": {"$ref": f"#/components/schemas/{entity.key.title()}"},
            }
            for entity in entities
        },
    }
