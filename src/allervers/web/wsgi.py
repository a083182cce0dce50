"""Entry of a server: the application, ready to answer."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allervers.web.settings")
application = get_wsgi_application()

# Needs the applications: read the rights now, so that no visitor waits for it.
from allervers.apps.catalogue.queries import warm  # noqa: E402

warm()
