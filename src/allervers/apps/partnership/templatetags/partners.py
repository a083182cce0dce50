"""How formats of files are named in templates."""

from __future__ import annotations

from django import template

from allervers.apps.partnership.labels import format_label as label_of_format

register = template.Library()


@register.filter
def format_label(name: str) -> str:
    """Label of a format."""
    return label_of_format(name)
