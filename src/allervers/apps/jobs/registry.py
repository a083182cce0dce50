"""The tasks that a worker knows: a name, a function, what it needs. Applications register theirs in `tasks.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from allervers.foundation.errors import NotFound


class Running(Protocol):
    """What a task is given of its job."""

    @property
    def parameters(self) -> dict[str, Any]:
        """What was asked."""

    @property
    def number(self) -> int:
        """Number of the job: names what the task writes while it works."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell where it stands. Raises Cancelled, LeaseLost or Stopping: let them pass, so that nothing is kept."""


Task = Callable[[Running], dict[str, Any]]
Due = Callable[[date], dict[str, Any] | None]


def _never(on: date) -> dict[str, Any] | None:
    del on
    return None


@dataclass(frozen=True, slots=True)
class Registered:
    """A task and its French label.

    group: two jobs of one group never run at the same time. due: parameters of the job to ask on a day, or None; asked
    once for the same parameters, whatever became of it.
    """

    name: str
    label: str
    function: Task
    group: str = ""
    due: Due = _never


_TASKS: dict[str, Registered] = {}


def task(name: str, label: str, *, group: str = "", due: Due = _never) -> Callable[[Task], Task]:
    """Register a function under a name. Run again after a cut, it must give the same result (idempotent)."""

    def registered(function: Task) -> Task:
        _TASKS[name] = Registered(name, label, function, group, due)
        return function

    return registered


def task_named(name: str) -> Registered:
    """The task of that name; raises NotFound."""
    if name not in _TASKS:
        raise NotFound(f"Travail inconnu : « {name} ».", task=name)
    return _TASKS[name]


def label_of(name: str) -> str:
    """Label of a task, its name when no code knows it any more."""
    return _TASKS[name].label if name in _TASKS else name


def known_tasks() -> tuple[Registered, ...]:
    """Every task, by name."""
    return tuple(_TASKS[name] for name in sorted(_TASKS))


def tasks_beside(busy: set[str]) -> set[str]:
    """Names of the tasks that must wait while these run: those of the same groups."""
    groups = {_TASKS[name].group for name in busy if name in _TASKS} - {""}
    return {name for name, one in _TASKS.items() if one.group in groups}
