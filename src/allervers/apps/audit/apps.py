"""Django's declaration of the application."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.apps.audit"
    label = "audit"
