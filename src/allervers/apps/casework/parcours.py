"""Templates of steps by life event, declared in parcours.toml: what to do, who does it, within how many days."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from allervers.apps.casework.domain import Doer
from allervers.detection.alerts import rules
from allervers.foundation.errors import InvalidInput
from allervers.rights.catalogue import catalogue
from allervers.rights.registries import life_events


@dataclass(frozen=True, slots=True)
class TemplateStep:
    """A step of a template. `within_days`: from the day that it is applied; None: no day."""

    id: str
    what: str
    doer: Doer
    within_days: int | None = None
    right: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """The steps of a life event. `events`: rules of detection that call for it."""

    id: str
    label: str
    source: str
    steps: tuple[TemplateStep, ...]
    events: tuple[str, ...] = ()
    life_event: str = ""
    is_delicate: bool = False
    """True: the first step is to listen, and nothing is sent automatically."""


@cache
def templates() -> Mapping[str, Template]:
    """Every template, by id. Raises InvalidInput when the file names what does not exist."""
    return read_templates((files("allervers.apps.casework") / "parcours.toml").read_text("utf-8"))


def read_templates(text: str) -> Mapping[str, Template]:
    """Templates of a text. Raises InvalidInput, naming the template, for anything unknown or missing."""
    found = {}
    for identifier, data in tomllib.loads(text).items():
        try:
            found[identifier] = _template(identifier, data)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"parcours.toml : « {identifier} » est mal formé ({error}).") from error
    return found


def _template(identifier: str, data: dict[str, Any]) -> Template:
    steps = tuple(TemplateStep(**{**step, "doer": Doer(step["doer"])}) for step in data.pop("steps"))
    events = tuple(data.pop("events", ()))
    template = Template(id=identifier, steps=steps, events=events, **data)
    if len({step.id for step in steps}) < len(steps) or not steps:
        raise ValueError("étapes absentes ou en double")
    if template.life_event and template.life_event not in life_events():
        raise ValueError(template.life_event)
    unknown = [*(set(events) - set(rules())), *({step.right for step in steps if step.right} - set(catalogue()))]
    if unknown:
        raise ValueError(unknown[0])
    return template


def called_for(events: frozenset[str]) -> tuple[str, ...]:
    """Templates that events of the lists call for, in the order of the file."""
    return tuple(name for name, one in templates().items() if events & set(one.events))
