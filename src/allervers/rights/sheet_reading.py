"""From the text of a `[sheet]` to a `Sheet`: known keys, known names, or an error that names the file."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any, TypeVar, get_args

from allervers.foundation.errors import InvalidInput
from allervers.rights import registries
from allervers.rights.catalogue import Grade, Right
from allervers.rights.facts import (
    Amount,
    Channel,
    ChannelKind,
    Condition,
    Confidence,
    Event,
    Force,
    Incompatibility,
    LinkKind,
    NonTakeUp,
    OnLoss,
    Opening,
    Precision,
    Requirement,
    Sheet,
)

Part = TypeVar("Part", Amount, Channel, Condition, Confidence, Event, Incompatibility, NonTakeUp, Opening, Requirement)

LISTS = ("themes", "publics", "decides", "pays", "life_events", "sources", "linked", "openfisca", "breaks", "warnings")
PARTS: Mapping[str, Callable[..., Any]] = {
    "conditions": Condition, "channels": Channel, "requires": Requirement, "opens": Opening,
    "incompatible": Incompatibility, "history": Event,
}  # fmt: skip
KNOWN = {f.name for f in fields(Sheet)} - {"right"}
DISCRETE = {
    "kind": get_args(ChannelKind), "how": get_args(LinkKind), "on_loss": get_args(OnLoss), "grade": get_args(Grade),
    "force": get_args(Force), "level": (1, 2, 3, 4, 5), "precision": get_args(Precision),
}  # fmt: skip


def read_sheet(identifier: str, text: str, rights: Collection[str]) -> Sheet:
    """The sheet that a text describes. Raises InvalidInput, naming the file, for an unknown key, value or reference."""
    try:
        data = tomllib.loads(text)["sheet"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise _wrong(identifier, f"la partie [sheet] ne se lit pas ({error})") from error
    _refuse_unknown(identifier, "[sheet]", data, KNOWN)
    _refuse_values(identifier, data)
    values: dict[str, Any] = dict(data)
    for name in LISTS:
        values[name] = tuple(data.get(name, ()))
    for name, kind in PARTS.items():
        values[name] = tuple(_part(identifier, name, kind, entry) for entry in data.get(name, ()))
    if "amount" in data:
        values["amount"] = _part(identifier, "amount", Amount, data["amount"])
    if "non_take_up" in data:
        values["non_take_up"] = _part(identifier, "non_take_up", NonTakeUp, data["non_take_up"])
    values["documents"] = {situation: tuple(names) for situation, names in data.get("documents", {}).items()}
    values["confidence"] = {
        name: _part(identifier, "confidence", Confidence, entry) for name, entry in data.get("confidence", {}).items()
    }
    try:
        found = Sheet(right=identifier, **values)
    except TypeError as error:
        raise _wrong(identifier, f"la partie [sheet] est incomplète ({error})") from error
    _refuse_references(found, rights)
    return found


def refuse_circles(sheets: Mapping[str, Sheet], rights: Mapping[str, Right]) -> None:
    """Raise InvalidInput when a right needs first, through others, itself."""
    needs = {name: {*rights[name].prerequisites, *needed_by(sheet)} for name, sheet in sheets.items()}
    settled: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            circle = " → ".join([*above[above.index(name) :], name])
            raise _wrong(name, f"des droits s'attendent en cercle ({circle})")
        if name not in settled:
            for other in sorted(needs.get(name, ())):
                walk(other, (*above, name))
            settled.add(name)

    for name in sheets:
        walk(name, ())


def needed_by(sheet: Sheet) -> set[str]:
    """Every right that may be needed before this one."""
    return {other for requirement in sheet.requires for other in requirement.any_of}


def _part(identifier: str, name: str, kind: Callable[..., Part], data: Mapping[str, Any]) -> Part:
    if kind is Condition:
        data = _condition(identifier, data)
    _refuse_unknown(identifier, name, data, _names_of(kind))
    _refuse_values(identifier, data)
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    if kind is Event and not isinstance(values.get("on"), date):
        raise _wrong(identifier, "history : « on » est une date, sans guillemets (2026-03-01)")
    try:
        return kind(**values)
    except TypeError as error:
        raise _wrong(identifier, f"« {name} » est incomplet ({error})") from error


@cache
def _names_of(kind: Callable[..., Any]) -> Collection[str]:
    return frozenset(inspect.signature(kind).parameters)


def _condition(identifier: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A condition names the variable that models it, or says that a person checks it: one, and not both."""
    if ("variable" in data) == (data.get("checked_by_person") is True):
        raise _wrong(
            identifier, f"condition « {data.get('text', '')} » : soit « variable », soit « checked_by_person = true »"
        )
    return {key: value for key, value in data.items() if key != "checked_by_person"}


def _refuse_unknown(identifier: str, where: str, data: Mapping[str, Any], known: Collection[str]) -> None:
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise _wrong(identifier, f"clé inconnue « {unknown[0]} » dans {where}")


def _refuse_values(identifier: str, data: Mapping[str, Any]) -> None:
    for name, allowed in DISCRETE.items():
        if name in data and data[name] not in allowed:
            choices = ", ".join(str(choice) for choice in allowed)
            raise _wrong(identifier, f"« {name} » vaut « {data[name]} » ; valeurs possibles : {choices}")


def _refuse_references(sheet: Sheet, rights: Collection[str]) -> None:
    linked = [*needed_by(sheet), *(o.right for o in sheet.opens), *sheet.linked]
    situations = [*sheet.documents, *(r.when for r in sheet.requires), *(o.when for o in sheet.opens)]
    linked += [other.right for other in sheet.incompatible if other.right is not None]
    named: Iterable[tuple[str, Iterable[str], Callable[[], Collection[str]]]] = (
        ("droit inconnu", linked, lambda: rights),
        ("institution inconnue", (*sheet.decides, *sheet.pays), registries.institutions),
        ("thème inconnu", sheet.themes, registries.themes),
        ("public inconnu", sheet.publics, registries.publics),
        ("événement de vie inconnu", sheet.life_events, registries.life_events),
        (
            "situation inconnue",
            situations,
            registries.situations,
        ),
        ("pièce inconnue", [d for names in sheet.documents.values() for d in names], registries.documents),
        ("champ inconnu dans confidence", sheet.confidence, lambda: KNOWN),
    )
    for problem, names, known in named:
        for name in names:
            if name not in known():
                raise _wrong(sheet.right, f"{problem} « {name} »")
    if sheet.right in linked:
        raise _wrong(sheet.right, "le droit renvoie à lui-même")


def _wrong(identifier: str, problem: str) -> InvalidInput:
    return InvalidInput(f"Catalogue : {identifier}.toml : {problem}.", file=identifier)
