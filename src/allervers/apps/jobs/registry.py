"""The tasks that a worker knows: a name, a function, what it needs. Applications register theirs in `tasks.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from allervers.foundation.errors import NotFound


class Running(Protocol):
    """What a task is given of its job."""

    @property
    def parameters(self) -> dict[str, Any]:
        """What was asked."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell where it stands. Raises Cancelled or LeaseLost: let them pass, so that nothing is kept."""


Task = Callable[[Running], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Registered:
    """A task and its French label."""

    name: str
    label: str
    function: Task


_TASKS: dict[str, Registered] = {}


def task(name: str, label: str) -> Callable[[Task], Task]:
    """Register a function under a name. Run again after a cut, it must give the same result (idempotent)."""

    def registered(function: Task) -> Task:
        _TASKS[name] = Registered(name, label, function)
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
