"""Django's declaration of the application."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.apps.oversight"
    label = "oversight"
