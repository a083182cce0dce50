"""Django's declaration of the web layer: its templates, static files and checks."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Named by its folder."""

    name = "allervers.web"
    label = "web"
