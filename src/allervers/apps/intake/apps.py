"""Django's declaration of the application."""

from importlib import import_module

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Named by its folder; its tasks are made known to workers."""

    name = "allervers.apps.intake"
    label = "intake"

    def ready(self) -> None:
        """Register the tasks."""
        import_module("allervers.apps.intake.tasks")
        import_module("allervers.apps.intake.oppositions")
