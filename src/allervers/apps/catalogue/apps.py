"""Django's declaration of the application."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.apps.catalogue"
    label = "catalogue"
