"""Mail of the installation: written in the journal, or sent through the SMTP server of the setting `mail`."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail.backends import console, smtp
from django.core.mail.backends.base import BaseEmailBackend


def Backend(*_: Any, fail_silently: bool = False, **__: Any) -> BaseEmailBackend:  # noqa: N802 (Django names a class)
    """The backend that the setting names."""
    address = settings.ALLERVERS.mail
    if address == "console":
        return console.EmailBackend(fail_silently=fail_silently)
    parts = urlsplit(address)
    return smtp.EmailBackend(
        host=parts.hostname or "localhost",
        port=parts.port or 587,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=parts.scheme == "smtp" and bool(parts.username),
        use_ssl=parts.scheme == "smtps",
        timeout=10,
        fail_silently=fail_silently,
    )
