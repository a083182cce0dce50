"""Django's declaration of the application."""

from django.apps import AppConfig


class PartnershipConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.apps.partnership"
    label = "partnership"
