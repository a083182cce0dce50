"""What an operator is told of the installation: each problem in a sentence, with what to do."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.core.checks import run_checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from allervers.web.configuration import SECRET_FILE


def problems(*, deploy: bool) -> list[str]:
    """Every problem found; empty when all is well. `deploy`: also what a production installation must have."""
    found = [str(message.msg) for message in run_checks(include_deployment_checks=False)]
    found += _database() + _folders()
    if deploy:
        found += _production()
    return found


def _database() -> list[str]:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return [f"La base de données ne répond pas ({type(error).__name__}) : voyez DATABASE_URL."]
    return ["Des tables sont à mettre à jour : lancez « allervers serve »."] if waiting else []


def _folders() -> list[str]:
    found = []
    for path in (settings.ALLERVERS.data, settings.ALLERVERS.store_folder):
        if path.exists() and path.stat().st_mode & 0o077:
            found.append(f"Le dossier « {path.name} » est lisible par d'autres : chmod 700.")
        if path.exists() and not os.access(path, os.W_OK):
            found.append(f"Le dossier « {path.name} » n'est pas accessible en écriture.")
    key = Path(settings.ALLERVERS.data) / "keys" / SECRET_FILE
    if not key.is_file() or key.stat().st_mode & 0o077:
        found.append("La clé des sessions manque ou est lisible par d'autres : chmod 600.")
    return found


def _production() -> list[str]:
    given = settings.ALLERVERS
    asked = {
        "ALLERVERS_DEMO est à 1 : c'est une démonstration.": given.demo,
        "ALLERVERS_DEBUG est à 1 : les erreurs montreraient des données.": given.debug,
        "ALLERVERS_HTTPS est à 0 : les sessions passeraient en clair.": not given.https,
        "ALLERVERS_HOSTS ne nomme que cette machine : donnez le nom public.": set(given.allowed_hosts)
        <= {"127.0.0.1", "localhost"},
        "DATABASE_URL est vide : la production demande PostgreSQL.": not given.database_url,
        "ALLERVERS_MAIL est « console » : aucun courriel ne partirait.": given.mail == "console",
        "ALLERVERS_TRUST_PROXY est à 0 : derrière un relais HTTPS, mettez-le à 1.": not given.trust_proxy,
    }
    return [sentence for sentence, holds in asked.items() if holds]
