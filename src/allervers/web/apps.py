"""Django's declaration of the web layer: its templates, static files and checks."""

from importlib import import_module

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.web"
    label = "web"

    def ready(self) -> None:
        """Register the task that verifies the register."""
        import_module("allervers.web.health")
