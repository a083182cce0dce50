"""Django's declaration of the application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.apps.accounts"
    label = "accounts"
