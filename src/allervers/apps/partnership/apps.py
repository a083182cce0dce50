"""Django's declaration of the application."""

from django.apps import AppConfig


class PartnershipConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.apps.partnership"
    label = "partnership"

    def ready(self) -> None:
        """Register what to do when an agent leaves."""
        from allervers.apps.partnership import departures  # noqa: F401
