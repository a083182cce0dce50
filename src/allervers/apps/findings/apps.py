"""Django's declaration of the application."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.apps.findings"
    label = "findings"

    def ready(self) -> None:
        """Register what to do when an agent leaves."""
        from allervers.apps.findings import departures  # noqa: F401
