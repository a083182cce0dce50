"""Django's declaration of the application."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.apps.people"
    label = "people"
