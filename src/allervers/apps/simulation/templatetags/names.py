"""What persons are called in the language of the page."""

from __future__ import annotations

from django import template

from allervers.apps.simulation import names

register = template.Library()


@register.filter
def called(name: str) -> str:
    """What a person is called in the language of the page."""
    return names.called(name)
