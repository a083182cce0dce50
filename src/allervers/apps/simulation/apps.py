"""Django's declaration of the application."""

from importlib import import_module

from django.apps import AppConfig


class SimulationConfig(AppConfig):
    """Named by its folder; its task is made known to workers."""

    name = "allervers.apps.simulation"
    label = "simulation"

    def ready(self) -> None:
        """Register the task."""
        import_module("allervers.apps.simulation.tasks")
