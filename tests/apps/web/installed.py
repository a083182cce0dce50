"""A small installation on disk for tests that break the machine under it: python installed.py, once.

Prints the session of an agent and the number of a line that they may act on.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date, timedelta
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "allervers.web.settings"
sys.path.insert(0, str(Path(__file__).parents[1]))
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from small_world import line, make_world  # noqa: E402

from allervers.apps.partnership.models import Convention  # noqa: E402

call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
world = make_world()
Convention.objects.update(ends_on=date.today() + timedelta(days=300))
session = SessionStore()
session[SESSION_KEY] = str(world.agent.pk)
session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
session[HASH_SESSION_KEY] = world.agent.get_session_auth_hash()
session["proconnect"] = True  # a session whose second factor was the provider's
session.create()
print(json.dumps({"session": session.session_key, "line": line(world).pk}))
