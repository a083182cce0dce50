"""Django's declaration of the application."""

from importlib import import_module

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Named by its folder; its tasks, its part in departures and its sealed columns are made known."""

    name = "allervers.apps.casework"
    label = "casework"

    def ready(self) -> None:
        """Register them."""
        import_module("allervers.apps.casework.tasks")
        import_module("allervers.apps.casework.departures")
        import_module("allervers.apps.casework.sealing")
