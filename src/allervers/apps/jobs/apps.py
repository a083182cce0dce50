"""Django's declaration of the application."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.apps.jobs"
    label = "jobs"
