"""Django's declaration of the application."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.apps.findings"
    label = "findings"
