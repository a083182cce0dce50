"""Django's declaration of the application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Write in the register what the accounts library tells."""
        from allervers.apps.accounts.listening import listen

        listen()
