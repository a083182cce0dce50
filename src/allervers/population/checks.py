"""Reading a population folder: every defect is refused with its file, column and first rows. Values are never shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from allervers.engine.block import ENTITIES, GROUPS, ROLES, Column, Membership
from allervers.engine.variables import Variable
from allervers.foundation.errors import InvalidInput
from allervers.foundation.wording import counted
from allervers.population.folder import Population, groups_missing, some_at_a_time
from allervers.population.skeleton import Skeleton

_PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")
_SHOWN = 5
_ROUNDING_EUR = 0.06
"""Twelve months rounded to the cent may differ from their year by that much."""
_INT_RANGE = (-(2**31), 2**31 - 1)
"""Whole numbers of the law hold on 32 bits."""
_NUMERIC = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)


class ColumnRefused(InvalidInput):
    """A column of a population file breaks the contract. data: file, column, rows (1-based, first ones), count."""


def read_population(folder: Path, variable: Callable[[str], Variable]) -> Population:
    """Check a population folder against the contract and open it.

    `variable` gives the law's variable of a name, raising InvalidInput for an unknown one.
    Raises InvalidInput (a missing or unreadable file) or ColumnRefused (file, column, row).
    """
    missing = groups_missing(folder)
    if missing is not None:
        raise missing
    ids = {entity: _ids(folder, entity) for entity in ENTITIES}
    membership = {
        group: Membership(len(ids[group]), position.astype(np.int64), np.array(ROLES[group])[role])
        for group in GROUPS
        for position, role in [_members(folder, group, ids[group])]
    }
    return Population(folder, ids, membership, _columns(folder, variable))


def read_skeleton(folder: Path, variable: Callable[[str], Variable]) -> Skeleton:
    """The same checks, and only what must be known before reading block by block: ids and texts are let go.

    Raises as `read_population` does.
    """
    missing = groups_missing(folder)
    if missing is not None:
        raise missing
    count = {"individu": len(_ids(folder, "individu"))}
    position, role = {}, {}
    for group in GROUPS:
        ids = _ids(folder, group)
        count[group] = len(ids)
        position[group], role[group] = _members(folder, group, ids)
    return Skeleton(folder, count, position, role, _columns(folder, variable))


def _columns(folder: Path, variable: Callable[[str], Variable]) -> dict[Column, Variable]:
    """Every column, checked."""
    columns: dict[Column, Variable] = {}
    for entity in ENTITIES:
        structural = {"id"} | (
            {f"{g}_{part}" for g in GROUPS for part in ("id", "role")} if entity == "individu" else set()
        )
        schema = {name: dtype for name, dtype in _schema(folder, entity).items() if name not in structural}
        given = {name: _column(entity, name, variable) for name in schema}
        rules = [rule for name, dtype in schema.items() if (rule := _rule(entity, name, dtype, given[name][1]))]
        _check_values(folder, entity, rules)
        columns |= dict(given.values())
    _check_overlap(folder, columns)
    return columns


def _schema(folder: Path, entity: str) -> dict[str, Any]:
    path = folder / f"{entity}.parquet"
    try:
        return dict(pl.scan_parquet(path).collect_schema())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInput(f"{path.name} n'est pas un fichier Parquet lisible.", file=path.name) from error


def _read(folder: Path, entity: str, name: str) -> pl.Series:
    if name not in _schema(folder, entity):
        raise ColumnRefused(
            f"{entity}.parquet : la colonne « {name} » est obligatoire et manque.",
            file=f"{entity}.parquet",
            column=name,
        )
    path = folder / f"{entity}.parquet"
    return _collected(pl.scan_parquet(path).select(name), path).to_series()


def _collected(columns: pl.LazyFrame, path: Path) -> pl.DataFrame:
    try:
        return columns.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInput(
            f"{path.name} est endommagé : ses données ne peuvent pas être lues.", file=path.name
        ) from error


def _refuse(entity: str, name: str, bad: pl.Series, reason: str) -> None:
    """Raise ColumnRefused when any row of `bad` is true."""
    rows = (bad.fill_null(False).arg_true() + 1).to_list()
    if rows:
        shown = ", ".join(map(str, rows[:_SHOWN])) + ("…" if len(rows) > _SHOWN else "")
        found = counted(len(rows), "ligne", "lignes")
        raise ColumnRefused(
            f"{entity}.parquet, colonne « {name} », ligne {shown} : {reason} ({found}).",
            file=f"{entity}.parquet",
            column=name,
            rows=rows[:_SHOWN],
            count=len(rows),
        )


def _ids(folder: Path, entity: str) -> pl.Series:
    ids = _read(folder, entity, "id").cast(pl.String)
    _refuse(entity, "id", ids.is_null(), "identifiant absent")
    if ids.n_unique() < len(ids):
        _refuse(entity, "id", ids.is_duplicated(), "identifiant en double")
    return ids


def _members(folder: Path, group: str, group_ids: pl.Series) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """Of each person: the row of its group, and the position of its role among those of the group."""
    of_person = _read(folder, "individu", f"{group}_id").cast(pl.String)
    id_column, role_column = f"{group}_id", f"{group}_role"
    _refuse("individu", id_column, of_person.is_null(), f"personne sans {group}")
    position = _position(of_person, group_ids)
    _refuse("individu", id_column, position.is_null(), f"identifiant absent de {group}.parquet (orphelin)")
    roles = ROLES[group]
    given = _read(folder, "individu", role_column).cast(pl.String)
    role = given.replace_strict(list(roles), list(range(len(roles))), default=None, return_dtype=pl.Int8)
    _refuse("individu", role_column, role.is_null(), f"rôle inconnu ; rôles admis : {', '.join(roles)}")
    where, held_role = position.to_numpy(), role.to_numpy()
    for code, name in enumerate(roles):
        if code == 0 or name == "conjoint":
            held = np.bincount(where[held_role == code], minlength=len(group_ids))
            _refuse(group, "id", pl.Series(held > 1), f"plus d'un rôle « {name} »")
            if code == 0:
                _refuse(group, "id", pl.Series(held == 0), f"aucun rôle « {name} »")
    return where, held_role


def _position(of_person: pl.Series, group_ids: pl.Series) -> pl.Series:
    """Row of each person's group, null where there is none."""
    starts = of_person.ne_missing(of_person.shift())
    if len(of_person):
        starts[0] = True
    runs = of_person.filter(starts)
    if len(runs) == len(group_ids) and (runs == group_ids).all():
        # Persons of a group side by side, groups in the order of their file: no search.
        return (starts.cast(pl.Int32).cum_sum() - 1).cast(pl.Int32)
    groups = pl.DataFrame({"id": group_ids, "position": np.arange(len(group_ids), dtype=np.int32)})
    return pl.DataFrame({"id": of_person}).join(groups, on="id", how="left", maintain_order="left")["position"]


def _column(entity: str, name: str, variable: Callable[[str], Variable]) -> tuple[Column, Variable]:
    base, at, period = name.partition("@")
    file = f"{entity}.parquet"
    try:
        found = variable(base)
    except InvalidInput as error:
        raise ColumnRefused(f"{file}, colonne « {name} » : {error.message}", file=file, column=name) from error
    reason = None
    if found.entity != entity:
        reason = f"cette variable se donne par {found.entity} : placez-la dans {found.entity}.parquet"
    elif found.rhythm == "eternity":
        reason = "cette variable n'a pas de période : écrivez son nom seul" if at else None
    elif not at:
        reason = f"période absente : écrivez {base}@{'2026-01' if found.rhythm == 'month' else '2026'}"
    elif not _PERIOD.fullmatch(period):
        reason = "période illisible : attendu AAAA ou AAAA-MM"
    elif found.rhythm == "year" and len(period) == 7:
        reason = f"variable annuelle : écrivez {base}@{period[:4]}"
    elif found.rhythm == "month" and len(period) == 4 and not found.splits_year:
        reason = "variable mensuelle qui ne se répartit pas sur une année : donnez chaque mois"
    elif found.end is not None and period > str(found.end)[: len(period)]:
        reason = f"cette variable n'existe plus depuis le {found.end:%d/%m/%Y} : OpenFisca l'ignorerait en silence"
    if reason is not None:
        raise ColumnRefused(f"{file}, colonne « {name} » : {reason}.", file=file, column=name)
    return (base, "ETERNITY" if found.rhythm == "eternity" else period), found


class _Rule(NamedTuple):
    """What no row of a column may be, and why."""

    name: str
    bad: pl.Expr
    reason: str


def _rule(entity: str, name: str, dtype: Any, variable: Variable) -> _Rule | None:
    """The rule of the values of a column, when its type leaves one. Raises ColumnRefused for another type."""
    kind, column = variable.value_type, pl.col(name)
    if dtype == pl.Null:
        return None
    text = dtype in (pl.String, pl.Categorical) or isinstance(dtype, pl.Enum)
    accepted = {
        "float": dtype in (pl.Float32, pl.Float64, *_NUMERIC) or isinstance(dtype, pl.Decimal),
        "int": dtype in _NUMERIC,
        "bool": dtype == pl.Boolean,
        "date": dtype == pl.Date,
        "str": text,
        "enum": text,
    }[kind]
    if not accepted:
        raise ColumnRefused(
            f"{entity}.parquet, colonne « {name} » : type {dtype}, attendu {kind}.",
            file=f"{entity}.parquet",
            column=name,
        )
    if kind == "enum":
        admitted = ", ".join(variable.items[:12]) + ("…" if len(variable.items) > 12 else "")
        unknown = ~column.cast(pl.String).is_in(variable.items)
        return _Rule(name, unknown, f"valeur inconnue ; valeurs admises : {admitted}")
    if kind == "float" and dtype in (pl.Float32, pl.Float64):
        return _Rule(name, ~column.is_finite(), "nombre infini ou invalide (NaN)")
    return _Rule(name, ~column.is_between(*_INT_RANGE), "nombre entier trop grand") if kind == "int" else None


def _check_values(folder: Path, entity: str, rules: Sequence[_Rule]) -> None:
    path = folder / f"{entity}.parquet"
    for some in some_at_a_time(rules):
        wrong = _collected(pl.scan_parquet(path).select(rule.bad.any().alias(rule.name) for rule in some), path)
        for rule in some:
            if wrong[rule.name].item():
                rows = _collected(pl.scan_parquet(path).select(rule.bad), path).to_series()
                _refuse(entity, rule.name, rows, rule.reason)


def _check_overlap(folder: Path, columns: dict[Column, Variable]) -> None:
    """A value for a year and values for its months: which would hold?

    A variable that is repeated over its months (not divided) may not have both. A divided one may, the year less the
    months given being spread over the others; with its twelve months the year must be their sum.
    """
    for (name, period), variable in columns.items():
        if len(period) == 7 and (name, period[:4]) in columns and variable.value_type != "float":
            raise ColumnRefused(
                f"{variable.entity}.parquet : « {name} » est donnée pour {period[:4]} et pour {period}.",
                file=f"{variable.entity}.parquet",
                column=f"{name}@{period}",
            )
        months = [f"{name}@{period}-{month:02d}" for month in range(1, 13)]
        if variable.rhythm == "month" and len(period) == 4 and all((name, m[-7:]) in columns for m in months):
            path = folder / f"{variable.entity}.parquet"
            total = pl.sum_horizontal(*months, ignore_nulls=False)
            gap = _collected(pl.scan_parquet(path).select((pl.col(f"{name}@{period}") - total).abs()), path).to_series()
            reason = "la valeur de l'année n'est pas la somme de ses douze mois"
            _refuse(variable.entity, f"{name}@{period}", gap > _ROUNDING_EUR, reason)
